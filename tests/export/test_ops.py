"""Which ops can an ONNX file hold? Each is exported and compared, or is named as lacking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optable import TABLE

from micrograd.engine.testing import Sample
from micrograd.nn import export_onnx
from micrograd.nn.onnx import CannotExport

from .served import close, flat, run

LACKING = {
    **dict.fromkeys(("cholesky", "cumprod", "fold", "inv", "pinv", "qr", "scan", "solve"), ""),
    **dict.fromkeys(("eigh", "svd"), ""),
    "eigvalsh": "eigh",
    "svdvals": "svd",
    "lstsq": "pinv",
}
"""Ops that ONNX has no counterpart for, and the op that is named, if it is another."""

LOOKING = {"median", "nansum", "partition", "sort"}
"""Ops that look at numbers outside of the graph: at their order, or for nan."""

IN_PART = {"matrix_norm": "svd", "matrix_power": "inv", "norm": "svd", "scatter_add": "scatter_add"}
"""Ops of which some settings are refused, and what is named then."""


def function_of(name: str, call: Sample) -> tuple[Callable[..., Any], tuple[np.ndarray, ...]]:
    """A function of the arrays of floats that an op is called with in float32, and these."""
    floats = [np.asarray(x).dtype.kind == "f" for x in call.arrays]
    arrays = [
        np.asarray(x, np.float32) if is_float else x
        for x, is_float in zip(call.arrays, floats, strict=True)
    ]
    places = [i for i, is_float in enumerate(floats) if is_float]

    def function(*given: Any) -> Any:
        of_this_call = dict(zip(places, given, strict=True))
        all_arrays = [of_this_call.get(i, x) for i, x in enumerate(arrays)]
        return TABLE[name].function(*all_arrays, **call.settings)

    return function, tuple(arrays[i] for i in places)


def exported(name: str, call: Sample, path: Path) -> str:
    """Export one call and compare; what was said if it was refused."""
    function, example = function_of(name, call)
    try:
        export_onnx(function, path, example, batch_axis=None)
    except CannotExport as error:
        return str(error)
    with np.errstate(all="ignore"):
        close(run(path, list(example)), flat(function(*example)))
    return ""


@pytest.mark.filterwarnings("ignore:(invalid|divide|overflow):RuntimeWarning")
@pytest.mark.parametrize("name", TABLE)
def test_every_op(name: str, tmp_path: Path, rng: np.random.Generator) -> None:
    told = [exported(name, call, tmp_path / "op.onnx") for call in TABLE[name].samples(rng)]
    refused = [one for one in told if one]
    if TABLE[name].plain or name in LOOKING:
        why = "is not part of the graph" if TABLE[name].plain else "outside of the graph"
        several = [call for call in TABLE[name].samples(rng) if call.arrays[0].size > 1]
        assert sum(why in one for one in told) >= len(several)
    elif name in LACKING:
        assert len(refused) == len(told)
        assert all(
            f"export_onnx: {LACKING[name] or name} has no counterpart" in one for one in told
        )
    elif name in IN_PART:
        assert 0 < len(refused) < len(told)
        assert all(f"export_onnx: {IN_PART[name]}" in one for one in refused)
    else:
        assert not refused
