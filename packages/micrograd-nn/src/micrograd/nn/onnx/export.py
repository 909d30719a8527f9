"""How is a model written as an ONNX file?"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from micrograd.engine import __version__ as core_version

from .._version import __version__
from ..module import Module
from ..training.extras import imported
from .recording import Recording, Size, record
from .walking import Pair
from .writer import Writer

OPSET = 18
IR = 8
"""The oldest set of ONNX ops in which all reductions take their axes in one way, and LayerNorm is
an op, with the file format that came with it (ONNX 1.13, January 2023): what every runtime of the
last years reads. Nothing that came later is needed."""


def export_onnx(
    model: Any, path: str | os.PathLike[str], example: Any, *, batch_axis: int | None = 0
) -> None:
    """Write a model as an ONNX file, which ONNX Runtime and others run without micrograd.

    ``model`` is a Module, a method of one (``model.encode``), or a function of Values. ``example``
    is an input, or a tuple of several; its dtype is that of the file's input (float32, float64 or
    whole numbers), and so are its lengths. Only ``batch_axis`` may have another length later: the
    file takes any number of samples there, unless it is None. The numbers of the example do not
    matter, but they must be such that the model can compute with them.

    A module is exported as it is used: in evaluation mode, without dropout. Parameters and buffers
    become initializers under their names in ``state_dict``, nodes are named by the scopes of their
    modules, and the inputs by the arguments of ``forward``. What the file holds beside the graph:
    who wrote it, the versions, and the signature.

    **Errors.** CannotExport, a ValueError, for an op without a counterpart in ONNX, by its name and
    the scope where it was called; for a graph that depends on the number of samples; and for an
    array that was computed from the input outside of the graph, such as a mask, since the file
    would keep the one of the example. TypeError for what is no model, and for an example of
    another dtype; ValueError for one without samples, or of whole numbers that are all the same.
    ModuleNotFoundError with the install line without the extra ``micrograd-nn[onnx]``.

    **Example.**

    >>> import tempfile
    >>> from onnx.reference import ReferenceEvaluator  # or onnxruntime.InferenceSession
    >>> from micrograd.nn import Linear
    >>> layer = Linear(2, 1, dtype=np.float32)
    >>> layer.weight.data, layer.bias.data = np.array([[1.0], [10.0]]), np.array([0.5])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_onnx(layer, f"{folder}/layer.onnx", np.ones((4, 2), np.float32))
    ...     served = ReferenceEvaluator(f"{folder}/layer.onnx")
    >>> served.run(None, {"x": np.array([[2.0, 3.0]], np.float32)})  # any number of rows
    [array([[32.5]], dtype=float32)]
    """
    onnx = imported("onnx", "export_onnx writes with the package onnx", "onnx")
    imported("onnx.checker", "export_onnx writes with the package onnx", "onnx")
    recording = record(model, example, batch_axis)
    writer = Writer(recording, onnx)
    outputs = writer.write()
    helper = onnx.helper
    entries = list(recording.inputs.items())
    inputs = [_described(helper, recording, name, pair) for name, pair in entries]
    results = [
        _described(helper, recording, name, pair)
        for name, pair in zip(outputs, recording.outputs, strict=True)
    ]
    nodes = writer.pruned(outputs)
    arrays = [onnx.numpy_helper.from_array(a, n) for n, a in writer.initializers.items()]
    name = _name(model)
    graph = helper.make_graph(nodes, name, inputs, results, arrays)
    made = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
        producer_name="micrograd-nn",
        producer_version=__version__,
    )
    signature = [", ".join(map(_told, several)) for several in (inputs, results)]
    helper.set_model_props(
        made, {"micrograd-core": core_version, "signature": " -> ".join(signature)}
    )
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, os.fspath(path))


def _name(model: Any) -> str:
    method = getattr(model, "__self__", None)
    if isinstance(model, Module) or method is None:
        return type(model).__name__ if isinstance(model, Module) else model.__name__
    return f"{type(method).__name__}.{model.__name__}"


def _described(helper: Any, recording: Recording, name: str, pair: Pair) -> Any:
    """An input or an output of the file: its name, dtype and shape."""
    shape = [_length(size) for size in recording.shape(name, pair)]
    dtype = helper.np_dtype_to_tensor_dtype(np.dtype(pair[0].dtype))
    return helper.make_tensor_value_info(name, dtype, shape)


def _length(size: Size) -> int | str:
    """A length as ONNX tells it: a number, or a name."""
    if not size.per:
        return size.plus
    text = "batch" if size.per == 1 else f"{size.per}*batch"
    return text if not size.plus else f"{text}{size.plus:+d}"


def _told(info: Any) -> str:
    kind = info.type.tensor_type
    shape = ", ".join(str(d.dim_param or d.dim_value) for d in kind.shape.dim)
    names = {1: "float32", 7: "int64", 11: "float64"}
    return f"{info.name}: {names.get(kind.elem_type, kind.elem_type)} ({shape})"
