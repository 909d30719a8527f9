"""Jobs of several ranks, each started with `mpiexec` as a user would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

BIN = Path(sys.executable).parent
PROGRAM = Path(__file__).parent / "train.py"
SECONDS = 120  # each takes one or two


class Ended(NamedTuple):
    """How a job ended, and what each rank that reached its end has left."""

    code: int
    out: str
    err: str
    ranks: list[dict[str, np.ndarray]]


def started(command: list[Any], folder: Path) -> tuple[int, str, str]:
    """Run a command in a session of its own, and end all of that session when it takes too long."""
    others = ("PMI", "MICROGRAD_", "PYTHONUNBUFFERED")  # buffered, a rank's lines stay whole
    environment = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [str(word) for word in command], cwd=folder, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        pytest.fail(f"still running after {SECONDS} s: {command}\n{out}\n{err}")
    return process.returncode, out, err


@pytest.fixture
def mpiexec(tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Run a program on so many ranks: ``mpiexec(2, "-c", "print(1)")``."""

    def run(ranks: int, *arguments: Any) -> tuple[int, str, str]:
        return started(
            [BIN / "mpiexec", "-n", ranks, sys.executable, "-W", "error", *arguments], tmp_path
        )

    return run


@pytest.fixture
def train(tmp_path: Path, mpiexec: Any) -> Callable[..., Ended]:
    """Run ``train.py`` on so many ranks, 0 for nn's own ``fit`` without MPI."""
    jobs = 0

    def run(ranks: int, /, **asked: Any) -> Ended:
        nonlocal jobs
        jobs += 1
        asked = {"epochs": 3, **asked}
        if ranks:
            code, out, err = mpiexec(ranks, PROGRAM, f"job{jobs}", json.dumps(asked))
        else:
            asked["alone"] = True
            command = [sys.executable, PROGRAM, f"job{jobs}", json.dumps(asked)]
            code, out, err = started(command, tmp_path)
        paths = sorted(tmp_path.glob(f"job{jobs}.*.npz"))
        return Ended(code, out, err, [dict(np.load(path)) for path in paths])

    return run
