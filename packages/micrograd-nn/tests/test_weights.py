"""Weights in files: what is kept, and what is said about it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from micrograd.engine import Value
from micrograd.engine import __version__ as core_version
from micrograd.nn import MLP, Linear, Module, Sequential, Weights, __version__, load, save

SUFFIXES = [".npz", ".safetensors"]


@pytest.fixture(params=SUFFIXES)
def path(request, tmp_path) -> Path:
    return tmp_path / f"model{request.param}"


class Everything(Module):
    """Numbers of every kind that a module may hold."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.double = Value(rng.normal(size=(2, 3)))
        self.single = Value(rng.normal(size=(3, 2)).astype(np.float32))
        self.number = Value(rng.normal())
        self.empty = Value(np.zeros((0, 2)))
        self.file = Value(rng.normal(size=2))  # the name of a parameter of np.savez
        self.parts = {"a/b": Linear(2, 2, rng=rng, dtype=np.float32), "ü": Linear(3, 1, rng=rng)}
        self.register_buffer("mean", rng.normal(size=3))


def raw(path: Path, **arrays: np.ndarray) -> Path:
    """A file of these arrays that says nothing of itself."""
    if path.suffix == ".npz":
        np.savez_compressed(path, **arrays)
    else:
        safetensors.numpy.save_file(arrays, path)
    return path


# -- there and back ---------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["micrograd", "torch"])
def test_everything_comes_back_bit_for_bit(path, layout, rng):
    model, other = Everything(rng), Everything(rng)
    save(model, path, layout=layout)
    assert other.load_state_dict(load(path)) == ([], [])
    expected = model.state_dict()
    for name, array in other.state_dict().items():
        assert array.dtype == expected[name].dtype
        assert array.shape == expected[name].shape
        assert array.tobytes() == expected[name].tobytes()


def test_arrays_keep_their_dtypes_in_the_file(path, rng):
    model = Everything(rng)
    save(model, path)
    assert {name: array.dtype for name, array in load(path).items()} == {
        name: array.dtype for name, array in model.state_dict().items()
    }


def test_loaded_arrays_can_be_changed(path):
    save(Linear(2, 1), path)
    weights = load(path)
    weights["bias"] += 1.0
    assert weights["bias"].item() == 1.0


def test_the_file_says_what_it_holds(path):
    model = Sequential(Linear(2, 2), "relu")
    save(model, path)
    assert load(path).metadata == {
        "format": "micrograd",
        "layout": "micrograd",
        "linear_weight": "(inputs, outputs)",
        "class": "Sequential",
        "architecture": repr(model),
        "micrograd-nn": __version__,
        "micrograd-core": core_version,
    }
    save(model, path, layout="torch")
    weights = load(path)
    assert weights.layout == "torch"
    assert weights.metadata["format"] == "pt"
    assert weights.metadata["linear_weight"] == "(outputs, inputs)"


def test_the_same_numbers_give_the_same_npz(tmp_path):
    model = MLP(2, [3, 1])
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        save(model, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_others_read_what_we_write(tmp_path):
    layer = Linear(3, 2)
    save(layer, tmp_path / "a.npz")
    save(layer, tmp_path / "a.safetensors", layout="torch")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["weight"], layer.weight.data)
    theirs = safetensors.numpy.load_file(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(theirs["weight"], layer.weight.data.T)


def test_a_path_may_be_text(tmp_path):
    save(Linear(1, 1), str(tmp_path / "a.npz"))
    assert isinstance(load(str(tmp_path / "a.npz")), Weights)


# -- files of others --------------------------------------------------------------------------


def test_a_file_that_does_not_say_its_layout_is_taken_with_one(path, rng):
    weight, bias = rng.normal(size=(2, 2)), rng.normal(size=2)
    weights = load(raw(path, weight=weight, bias=bias))
    assert (weights.layout, weights.metadata) == (None, {})
    layer = Linear(2, 2)
    with pytest.raises(ValueError, match=rf"entries of .*model\{path.suffix} store the weight"):
        layer.load_state_dict(weights)
    layer.load_state_dict(weights, layout="torch")
    np.testing.assert_array_equal(layer.weight.data, weight.T)


def test_half_precision_is_widened_exactly(path):
    array = np.array([0.0, -0.0, 1.5, 65504.0, 6e-8, np.inf], np.float16)
    (found,) = load(raw(path, x=array)).values()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, array.astype(np.float32))


def test_bfloat16_is_widened_exactly(tmp_path):
    numbers = np.array([0.0, -1.0, 3.140625, 1e38, -1e-38, np.inf], np.float32)
    halves = (numbers.view(np.uint32) >> 16).astype("<u2")
    header = {"x": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}
    text = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + halves.tobytes())
    (found,) = load(path).values()
    assert found.dtype == np.float32
    expected = (halves.astype(np.uint32) << 16).view(np.float32).reshape(2, 3)
    np.testing.assert_array_equal(found, expected)
    assert found[0, 2] == np.float32(3.140625)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, bool])
def test_whole_numbers_are_read_as_they_are(path, dtype):
    (found,) = load(raw(path, count=np.array(1, dtype))).values()
    assert (found.dtype, found.shape, found.item()) == (np.dtype(dtype), (), 1)


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_npz_may_hold_any_order_of_bytes(tmp_path, order):
    array = np.asarray(np.arange(6.0).reshape(2, 3), ">f4", order=order)
    (found,) = load(raw(tmp_path / "a.npz", x=array)).values()
    assert found.dtype == np.float32
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.ones(2, complex), "complex128"),
        (np.array(["text"]), "<U4"),
        (np.zeros(2, [("a", float)]), "'a'"),
        (np.ones(2, np.longdouble), "float128|float64"),
    ],
)
def test_what_is_no_real_number_is_refused(tmp_path, array, told):
    if array.dtype == np.float64:
        return  # where long doubles are plain ones
    with pytest.raises(ValueError, match=f"x is an array of .*({told})"):
        load(raw(tmp_path / "a.npz", x=array))


def test_a_type_that_safetensors_knows_and_we_do_not_is_refused(tmp_path):
    header = {"x": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}
    text = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"12")
    with pytest.raises(ValueError, match="x is an array of F8_E4M3"):
        load(path)


# -- writing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model", "model.txt", "model.npz.bak"])
def test_another_suffix_is_refused(tmp_path, name):
    for call in (lambda: save(Linear(1, 1), tmp_path / name), lambda: load(tmp_path / name)):
        with pytest.raises(
            ValueError, match=r"has the suffix '.*'\. Use \.npz or \.safetensors\.$"
        ):
            call()
    assert list(tmp_path.iterdir()) == []


def test_only_a_module_is_saved(path):
    with pytest.raises(TypeError, match=r"save got dict\. Pass a Module"):
        save({}, path)


def test_an_unknown_layout_writes_nothing(path):
    with pytest.raises(ValueError, match="layout is 'keras'"):
        save(Linear(1, 1), path, layout="keras")
    assert not path.exists()


def test_a_parameter_may_not_have_the_name_of_the_metadata(path):
    module = Module()
    module.__metadata__ = Value(1.0)
    with pytest.raises(ValueError, match="'__metadata__' is the name of an array"):
        save(module, path)


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path, monkeypatch, broken):
    save(Linear(2, 1), path)
    before = path.read_bytes()

    def full(*arguments: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, broken, full)
    with pytest.raises(OSError, match="no space left"):
        save(Linear(2, 1), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        save(Linear(1, 1), tmp_path / "nowhere" / "a.npz")
    with pytest.raises(FileNotFoundError, match=r"b\.npz"):
        load(tmp_path / "b.npz")


def test_the_file_has_the_permissions_of_any_new_file(path):
    save(Linear(1, 1), path)
    plain = path.with_name("plain")
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("module", ["safetensors", "safetensors.numpy"])
def test_without_the_extra_the_error_is_the_install_line(tmp_path, monkeypatch, module):
    path = tmp_path / "a.safetensors"
    save(Linear(1, 1), path)
    for name in ("safetensors", "safetensors.numpy"):
        monkeypatch.setitem(sys.modules, name, None)
    hint = r'pip install "micrograd-nn\[safetensors\]>=1,<2".*\.npz'
    with pytest.raises(ImportError, match=hint):
        save(Linear(1, 1), path) if module == "safetensors.numpy" else load(path)
    save(Linear(1, 1), tmp_path / "a.npz")  # needs none
    load(tmp_path / "a.npz")
