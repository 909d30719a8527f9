"""Does a file give what the model gives?"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from micrograd.engine import Value
from micrograd.nn import export_onnx

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


class Erf(OpRun):  # type: ignore[misc]
    """In the dtype of its operand; the evaluator's own rounds to float32."""

    op_domain = ""

    def _run(self, x: np.ndarray) -> tuple[np.ndarray]:
        return (np.vectorize(math.erf, otypes=[x.dtype])(x),)


def flat(out: Any) -> list[np.ndarray]:
    """The arrays in what a model returned, in order."""
    if isinstance(out, (tuple, list)):
        return [one for each in out for one in flat(each)]
    return [] if out is None else [out.data if isinstance(out, Value) else np.asarray(out)]


def run(path: Path, given: list[np.ndarray]) -> list[np.ndarray]:
    """What a file answers: by ONNX Runtime, or, in float64, by ONNX's own evaluator.

    ONNX Runtime has no float64 for some ops that the standard has it for (Conv, Erf); everything
    in float32 must run there.
    """
    model = onnx.load(path)
    inputs = {one.name: x for one, x in zip(model.graph.input, given, strict=True)}
    if any(one.type.tensor_type.elem_type == onnx.TensorProto.DOUBLE for one in model.graph.output):
        return list(ReferenceEvaluator(model, new_ops=[Erf]).run(None, inputs))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return list(session.run(None, inputs))


def close(got: list[np.ndarray], want: list[np.ndarray]) -> None:
    """Shapes and dtypes are the same, numbers as near as the dtype lets them be."""
    for one, right in zip(got, want, strict=True):
        assert one.shape == right.shape
        assert one.dtype == right.dtype
        scale = max(1.0, float(np.abs(right[np.isfinite(right)]).max(initial=0.0)))
        np.testing.assert_allclose(
            one, right, rtol=0, atol=TOLERANCE[str(right.dtype)] * scale, equal_nan=True
        )


def served(
    model: Any,
    path: Path,
    *examples: np.ndarray,
    batches: tuple[int, ...] = (1, 3, 8),
    axis: int = 0,
) -> onnx.ModelProto:
    """Export a model, and compare the file's answers with the model's for several batches."""
    export_onnx(model, path, examples, batch_axis=axis)
    for count in batches:
        given = [np.take(x, np.arange(count) % x.shape[axis], axis) for x in examples]
        close(run(path, given), flat(model(*given)))
    return onnx.load(path)
