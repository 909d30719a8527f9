"""Does a saved training step go on alone, without micrograd?"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import compile

from .alike import DTYPES
from .optimizer_table import OPTIMIZERS, Net

RUNNER = """
import pickle, sys
sys.path.insert(0, {folder!r})
import step
with open({given!r}, "rb") as file:
    calls = pickle.load(file)
losses = [float(step.program(*args, **named)) for args, named in calls]
arrays = {{name: one for name, one in vars(step).items() if type(one).__name__ == "ndarray"}}
assert not [m for m in sys.modules if m.partition(".")[0] == "micrograd"]
with open({found!r}, "wb") as file:
    pickle.dump((losses, arrays), file)
"""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
@pytest.mark.parametrize("made", OPTIMIZERS)
def test_a_saved_training_step_goes_on_alone(
    tmp_path: Path, made: str, flat: bool, dtype: str
) -> None:
    kind, settings = OPTIMIZERS[made]
    net = Net(np.dtype(dtype))
    optimizer = kind(net.parameters, **settings, flat=flat)
    program = compile(net.loss, optimizer=optimizer)
    for _ in range(3):
        program(net.rows, net.targets)
    arrays = "npz" if flat else "embed"
    program.save(tmp_path / "step.py", arrays=arrays)
    calls: list[Any] = [((net.rows, net.targets), {})]  # the numbers of the next step are defaults
    losses = [float(program(net.rows, net.targets))]
    calls.append(((net.rows, net.targets), optimizer.scalars()))
    losses.append(float(program(net.rows, net.targets)))
    given, found = tmp_path / "given.pickle", tmp_path / "found.pickle"
    given.write_bytes(pickle.dumps(calls))
    code = RUNNER.format(folder=str(tmp_path), given=str(given), found=str(found))
    subprocess.run([sys.executable, "-I", "-W", "error", "-c", code], check=True)
    got, theirs = pickle.loads(found.read_bytes())
    assert got == losses
    entry = program._last
    assert entry is not None
    inputs = [one for one in entry.built.inputs if one.kind == "parameter"]
    names = {one.source: entry.built.plan.name[one] for one in inputs}
    for parameter in net.parameters:
        np.testing.assert_array_equal(theirs[names[parameter]], parameter.data)
        gradient = theirs[entry.built.plan.gradients[parameter]]
        np.testing.assert_array_equal(gradient, parameter.grad)
        assert theirs[names[parameter]].dtype == dtype
