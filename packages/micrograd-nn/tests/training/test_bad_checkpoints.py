"""A checkpoint that is damaged, malicious or of another run is refused; nothing is lost by it."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.nn import MLP, Adam, storage
from micrograd.nn.training import Callback

from .refused import LABELS, X, call


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good checkpoint."""
    call(checkpoint=tmp_path / "run.npz")
    return tmp_path / "run.npz"


def resumed(path: Path, **changes: Any) -> Any:
    before = path.read_bytes()
    try:
        return call(checkpoint=path, resume=True, epochs=3, **changes)
    except BaseException:
        assert path.read_bytes() == before  # what is refused is not destroyed
        raise


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9, 0.999])
def test_a_truncated_checkpoint_is_refused(share: float, path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ValueError, match=r"checkpoint: .*run\.npz is damaged.* Or pass resume=Fal"):
        resumed(path)
    path.write_bytes(whole)
    assert resumed(path).epochs == 3


def test_a_checkpoint_with_a_flipped_bit_is_refused(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"model.layers.0.weight") + 300] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match="is damaged"):
        resumed(path)


class Evil:
    """A pickle that tells when it is loaded."""

    loaded = False

    def __reduce__(self) -> Any:
        return (setattr, (Evil, "loaded", True))


@pytest.mark.parametrize("form", ["inside", "alone", "in place of the text"])
def test_a_pickle_is_never_loaded(form: str, path: Path) -> None:
    evil = np.empty(1, object)
    evil[0] = Evil()
    if form == "alone":
        path.write_bytes(pickle.dumps(evil))
    else:
        stream = io.BytesIO()
        np.lib.format.write_array(stream, evil, allow_pickle=True)
        with zipfile.ZipFile(path) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        metadata = next(name for name in entries if "metadata" in name)
        weight = next(name for name in entries if "layers.0.weight" in name)
        entries[weight if form == "inside" else metadata] = stream.getvalue()
        with zipfile.ZipFile(path, "w") as archive:
            for name, entry in entries.items():
                archive.writestr(name, entry)
    with pytest.raises(ValueError, match=r"run\.npz is damaged, or no .npz file of plain arrays"):
        resumed(path)
    assert not Evil.loaded


def test_a_checkpoint_with_a_part_missing_is_refused(path: Path) -> None:
    arrays, metadata = storage.read(path)
    text = json.loads(metadata["micrograd-nn checkpoint"])
    del text["state"]["optimizer"]
    storage.write(path, arrays, {"micrograd-nn checkpoint": json.dumps(text)})
    with pytest.raises(
        ValueError, match=r"is not what fit writes \(KeyError: 'optimizer'\)\. Give"
    ):
        resumed(path)


def test_weights_are_no_checkpoint(path: Path) -> None:
    np.savez(path, weight=np.zeros(3))
    with pytest.raises(ValueError, match=r"run\.npz holds no checkpoint that this version of mic"):
        resumed(path)


class Silent(Callback):
    pass


OTHERS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "architecture": (
        lambda: {"model": MLP(3, [6, 4])},
        r"written by another run\. Its model: .*Linear\(3, 5\).*Here: .*Linear\(3, 6\)",
    ),
    "dtype": (
        lambda: {"model": MLP(3, [5, 4], dtype=np.float32)},
        r"weights, where they differ: layers\.0\.weight \(3, 5\) float64.*Here: .* float32",
    ),
    "optimizer": (
        lambda: {"model": (m := MLP(3, [5, 4])), "optimizer": Adam(m.parameters())},
        r"Its optimizer: SGD\. Here: Adam\.",
    ),
    "callbacks": (
        lambda: {"callbacks": [Silent()]},
        r"Its callbacks, where they differ: none\. Here: Silent\. Make the run as it was made then",
    ),
    "metrics": (
        lambda: {"metrics": "accuracy"},
        r"Its measures, where they differ: none\. Here: accuracy\.",
    ),
    "batch size": (
        lambda: {"batch_size": 5},
        r"Its data, where they differ: batch_size=8\. Here: batch_size=5\.",
    ),
    "data": (lambda: {"X": X[:16], "y": LABELS[:16]}, "differ: 20 rows. Here: 16 rows."),
    "generator": (
        lambda: {"rng": np.random.Generator(np.random.MT19937(0))},
        "differ: rng of PCG64. Here: rng of MT19937.",
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_checkpoint_of_another_run_is_refused(what: str, path: Path) -> None:
    changes, told = OTHERS[what]
    with pytest.raises(ValueError, match=rf"(?s){told}"):
        resumed(path, **changes())


def test_a_callback_that_remembers_objects_is_refused(tmp_path: Path) -> None:
    class Odd(Callback):
        def state_dict(self) -> dict[str, Any]:
            return {"deep": [{"object": self}]}

    told = r"checkpoint: state\.callbacks\.0\.deep\.0\.object is a Odd, which no file can hold"
    with pytest.raises(TypeError, match=told):
        call(callbacks=Odd(), checkpoint=tmp_path / "run.npz", epochs=1)
