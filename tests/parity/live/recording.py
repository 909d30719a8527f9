"""What would stand in the reference file if it were recorded now?"""

from __future__ import annotations

import torch

from .. import reference
from ..cases import all_cases
from ..reference import Entry
from ..training import RUNS
from . import theirs


def record() -> tuple[str, dict[str, Entry], dict[str, Entry]]:
    """PyTorch's version, and the lines of all cases and training runs."""
    cases = {case.name: reference.case_entry(case, theirs.compute(case)) for case in all_cases()}
    runs = {name: reference.run_entry(run, theirs.train(run)) for name, run in RUNS.items()}
    return version(), cases, runs


def version() -> str:
    """PyTorch's version, without the label of its build."""
    return torch.__version__.split("+")[0]
