"""Products of matrices, and what ONNX has of linear algebra."""

from __future__ import annotations

from .layers import convolution
from .table import translates
from .writer import Call


@translates("matmul")
def matmul(call: Call) -> str:
    """NumPy's rules for ranks are ONNX's; a product with the columns of an image is Conv."""
    return convolution(call) or str(call.add("MatMul", *call.operands()))


@translates("linear")
def linear(call: Call) -> str:
    """Gemm for a matrix and a bias for each column; the product and the sum otherwise."""
    x, weight, bias = call.operands()
    if call.ndim(0) == 2 and call.ndim(2) == 1:
        return str(call.add("Gemm", x, weight, bias))
    return str(call.add("Add", call.add("MatMul", x, weight), bias))


@translates("einsum")
def einsum(call: Call) -> str:
    """The same notation."""
    equation = f"{','.join(call.settings['terms'])}->{call.settings['result']}"
    return str(call.add("Einsum", *call.operands(), equation=equation))


@translates("det", "slogdet", "sign of det")
def det(call: Call) -> str:
    """A determinant, the logarithm of its size, or its sign."""
    found = str(call.add("Det", call.operand(0)))
    if call.step.op.name == "det":
        return found
    if call.step.op.name == "sign of det":
        return str(call.add("Sign", found))
    return str(call.add("Log", call.add("Abs", found)))
