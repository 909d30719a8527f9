"""Does PyTorch itself still give the recorded derivatives?"""

from __future__ import annotations

import pytest

from parity import transforms
from parity.live import recording
from parity.live import transforms as theirs
from parity.reference import check_array, decode

# PyTorch's forward mode warns about its own code, the first time it is used.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")

SAME = 1e-13  # PyTorch and what it gave before, on another processor perhaps


def test_the_file_was_recorded_with_this_pytorch() -> None:
    assert transforms.read()["torch"] == recording.version(), "hatch run parity:record"


@pytest.mark.parametrize(("kind", "name"), transforms.CASES)
def test_the_file_is_what_would_be_recorded_now(kind: str, name: str) -> None:
    expected = [decode(one) for one in transforms.read()["cases"][f"{kind} of {name}"]["arrays"]]
    for number, (a, b) in enumerate(zip(theirs.compute(kind, name), expected, strict=True)):
        check_array(f"{kind} of {name}, [{number}]", a, b, SAME)
