"""What stands for each op in an ONNX file?

A translation is a function of a ``Call``: it adds nodes to the file, and returns the name of the
result (or names). It is entered under the op's name; only ops of the family's own are looked up
here, so that a stranger's op of the same name is not taken for ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Translation = Callable[..., Any]

TRANSLATIONS: dict[str, Translation] = {}

LACKING = {
    "cholesky": "ONNX has no decompositions of matrices",
    "cofactors": "ONNX has no decompositions of matrices",
    "cumprod": "ONNX has cumulative sums only",
    "eigh": "ONNX has no decompositions of matrices",
    "fold": "ONNX adds up overlapping windows only of images whose batch is fixed",
    "inv": "ONNX has no inverse of a matrix",
    "kept": "it draws random numbers, which is for training",
    "pinv": "ONNX has no decompositions of matrices",
    "qr": "ONNX has no decompositions of matrices",
    "scan": "ONNX has no linear recurrence",
    "solve": "ONNX solves no linear systems",
    "svd": "ONNX has no decompositions of matrices",
}
"""Ops of the family's own that have no translation, and why."""


class CannotExport(ValueError):
    """A model, or a part of one, that an ONNX file cannot hold."""


def translates(*names: str) -> Callable[[Translation], Translation]:
    """Enter a function as the translation of the ops of these names."""

    def enter(function: Translation) -> Translation:
        TRANSLATIONS.update(dict.fromkeys(names, function))
        return function

    return enter


def translation(op: Any, scope: str) -> Translation:
    """What to do with a call of an op; CannotExport if nobody knows."""
    ours = str(op.forward.__module__).startswith(("micrograd.engine.", "micrograd.nn."))
    if ours and op.name in TRANSLATIONS:
        return TRANSLATIONS[op.name]
    why = LACKING.get(op.name.lstrip("_")) if ours else None
    raise CannotExport(
        f"export_onnx: {op.told()}{f', in {scope},' * bool(scope)} has no counterpart in ONNX"
        f"{f': {why}' * bool(why)}. Write that part with functions that have one, or export what "
        "comes before it: a method of the model will do, as in export_onnx(model.encode, ...)."
    )
