"""What a damaged, foreign or malicious file can do: nothing but give a clear error."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from micrograd.nn import MLP, Linear, Sequential, load, save


@pytest.fixture(params=[".npz", ".safetensors"])
def path(request, tmp_path) -> Path:
    return tmp_path / f"model{request.param}"


# -- wrong files ------------------------------------------------------------------------------


def test_another_architecture_is_told_with_the_file(path):
    save(MLP(2, [3, 1]), path)
    with pytest.raises(ValueError, match=r"do not fit Linear\(2, 1\)") as caught:
        Linear(2, 1).load_state_dict(load(path))
    message = str(caught.value)
    assert f"{path} (saved from MLP)" in message
    assert "unexpected: layers.0.weight" in message
    assert "missing: weight of shape (2, 1)" in message


def test_a_truncated_file_is_refused_wherever_it_ends(path):
    save(Sequential(Linear(2, 1), Linear(1, 2)), path)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"is damaged, or no .*nothing of it has been loaded"):
            load(path)


@pytest.mark.filterwarnings("ignore:Reading `.npy`:UserWarning")  # NumPy's, of a broken header
def test_a_wrong_byte_gives_the_clear_error_or_other_numbers(path, rng):
    save(Linear(2, 1, rng=rng), path)
    content = bytearray(path.read_bytes())
    errors = []
    for position in range(len(content)):
        damaged = content.copy()
        damaged[position] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged)
        try:
            load(path)
        except ValueError as error:
            errors.append(str(error))
    assert len(errors) > len(content) // 10
    assert [one for one in errors if "is damaged" not in one] == []


def test_a_wrong_byte_among_the_numbers_of_an_npz_is_found(tmp_path, rng):
    path = tmp_path / "a.npz"
    save(Linear(2, 1, rng=rng), path)
    content = path.read_bytes()
    number = load(path)["weight"].tobytes()
    assert content.count(number) == 1
    path.write_bytes(content.replace(number, bytes([number[0] ^ 1]) + number[1:]))
    with pytest.raises(ValueError, match=r"is damaged.*CRC"):
        load(path)


def test_a_file_of_the_other_format_is_refused(tmp_path):
    save(Linear(2, 1), tmp_path / "a.npz")
    save(Linear(2, 1), tmp_path / "b.safetensors")
    (tmp_path / "a.npz").rename(tmp_path / "c.safetensors")
    (tmp_path / "b.safetensors").rename(tmp_path / "d.npz")
    for name in ("c.safetensors", "d.npz"):
        with pytest.raises(ValueError, match=f"{name} is damaged, or no"):
            load(tmp_path / name)


def test_an_archive_of_other_things_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))  # a .pt file under another name
    with pytest.raises(ValueError, match=r"holds 'archive/data\.pkl', which is no array"):
        load(path)


def entry(descr: str, shape: str, data: bytes, version: int = 1) -> bytes:
    """An .npy file, of a header that may lie."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    size = len(header).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + data


def archive(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries.items():
            file.writestr(f"{name}.npy", content)
    return path


@pytest.mark.parametrize("shape", ["(10**15,)", "(1000000000000000,)", "(3,)", "(-2,)", "(2, 2)"])
def test_a_header_that_lies_about_the_size_is_refused_before_memory_is_asked_for(tmp_path, shape):
    path = archive(tmp_path / "a.npz", x=entry("'<f8'", shape, bytes(16)))
    with pytest.raises(ValueError, match="is damaged"):
        load(path)


def test_the_second_version_of_the_format_is_read_and_the_third_refused(tmp_path):
    path = archive(tmp_path / "a.npz", x=entry("'<f8'", "(2,)", bytes(16), version=2))
    np.testing.assert_array_equal(load(path)["x"], [0.0, 0.0])
    archive(path, x=entry("'<f8'", "(2,)", bytes(16), version=3))
    with pytest.raises(ValueError, match=r"x is in version \(3, 0\) of the format"):
        load(path)


@pytest.mark.parametrize("metadata", ['{"layout": 3}', "[]", "{"])
def test_metadata_that_are_no_texts_are_refused(tmp_path, metadata):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.array(metadata))
    path = archive(tmp_path / "a.npz", __metadata__=stream.getvalue())
    with pytest.raises(ValueError, match="is damaged"):
        load(path)


# -- malicious files --------------------------------------------------------------------------


class Bomb:
    """Unpickling it leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = str(trace)

    def __reduce__(self) -> object:
        return os.mkdir, (self.trace,)


def test_a_pickle_in_an_array_of_objects_does_not_run(tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "a.npz"
    np.savez(path, x=np.array([Bomb(trace)], dtype=object))
    with np.load(path, allow_pickle=True) as archived:
        _ = archived["x"]
    assert trace.exists(), "the bomb is no bomb"
    trace.rmdir()
    with pytest.raises(ValueError, match=r"x is an array of object.*pickle.*none is loaded"):
        load(path)
    assert not trace.exists()


def test_metadata_may_not_be_a_pickle_either(tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "a.npz"
    np.savez(path, __metadata__=np.array([Bomb(trace)], dtype=object))
    with pytest.raises(ValueError, match="__metadata__ is an array of object"):
        load(path)
    assert not trace.exists()


def test_a_small_file_that_would_fill_the_memory_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(2**23 - 100))  # somewhat less than 64 MiB
    assert len(load(path)["x"]) == 2**23 - 100
    np.savez_compressed(path, x=np.zeros(2**23))
    with pytest.raises(
        ValueError, match=r"its [\d,]+ bytes unpack to 67,108,\d+, as no weights do"
    ):
        load(path)


def test_a_bare_pickle_does_not_run(path, tmp_path):
    trace = tmp_path / "trace"
    path.write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(ValueError, match="is damaged, or no"):
        load(path)
    assert not trace.exists()


@pytest.mark.parametrize("name", ["a.pt", "a.pth", "a.bin"])
def test_files_of_pickles_are_named_as_such(tmp_path, name):
    with pytest.raises(ValueError, match=r"suffix '\.\w+'.*pickles.*safetensors.torch.save_file"):
        load(tmp_path / name)
