"""What does a file hold beside its nodes, and what does an export leave as it was?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from micrograd import nn
from micrograd.engine import Value, hookimpl, no_grad, plugins

from .served import close, flat, run, served


def test_a_perceptron(tmp_path: Path, rng: np.random.Generator) -> None:
    model = nn.MLP(3, [5, 2], "tanh", dtype=np.float32, rng=rng)
    x = rng.normal(size=(4, 3)).astype(np.float32)
    file = served(model, tmp_path / "mlp.onnx", x)
    assert [node.op_type for node in file.graph.node] == ["Gemm", "Tanh", "Gemm", "Identity"]
    assert [node.name for node in file.graph.node][:3] == [
        "layers/0/linear", "tanh", "layers/1/linear",
    ]  # fmt: skip
    kept = {one.name: onnx.numpy_helper.to_array(one) for one in file.graph.initializer}
    state = model.state_dict()
    assert kept.keys() == state.keys()
    assert all(np.array_equal(kept[name], state[name]) for name in state)


def test_who_wrote_it_and_what_it_takes(tmp_path: Path, rng: np.random.Generator) -> None:
    model = nn.MLP(3, [2], rng=rng)
    nn.export_onnx(model, str(tmp_path / "mlp.onnx"), rng.normal(size=(4, 3)))
    file = onnx.load(tmp_path / "mlp.onnx")
    assert (file.producer_name, file.producer_version) == ("micrograd-nn", nn.__version__)
    assert [(one.domain, one.version) for one in file.opset_import] == [("", 18)]
    assert file.ir_version == 8
    properties = {one.key: one.value for one in file.metadata_props}
    assert properties["signature"] == "x: float64 (batch, 3) -> output: float64 (batch, 2)"
    assert file.graph.name == "MLP"


def test_the_model_is_left_as_it_was(tmp_path: Path, rng: np.random.Generator) -> None:
    model = nn.Sequential(nn.Linear(3, 3, rng=rng), nn.BatchNorm1d(3), nn.Dropout(0.5))
    model[0].requires_grad_(False)
    before = model.state_dict()
    x = rng.normal(size=(4, 3))
    nn.export_onnx(model, tmp_path / "model.onnx", x)
    assert all(module.training for module in model.modules())
    assert [p.requires_grad for p in model.parameters()] == [False, False, True, True]
    assert all(np.array_equal(before[name], now) for name, now in model.state_dict().items())
    close(run(tmp_path / "model.onnx", [x]), flat(model.eval()(x)))


def test_tied_weights_are_one_initializer(tmp_path: Path, rng: np.random.Generator) -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            self.one, self.two = nn.Linear(3, 3, rng=rng), nn.Linear(3, 3, rng=rng)
            self.two.weight = self.one.weight

        def forward(self, x: object) -> object:
            return self.two(self.one(x))

    file = served(Tied(), tmp_path / "tied.onnx", rng.normal(size=(2, 3)))
    assert sorted(one.name for one in file.graph.initializer) == [
        "one.bias", "one.weight", "two.bias",
    ]  # fmt: skip


def test_several_inputs_and_results_a_method_and_a_function(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Linear(2, 2, rng=rng)

        def both(self, x: Value, y: Value) -> dict[str, Value]:
            return {"sum": self.inner(x) + y, "difference": x - y}

    x, y = rng.normal(size=(2, 4, 2))
    model = Two()
    nn.export_onnx(model.both, tmp_path / "both.onnx", (x, y))
    file = onnx.load(tmp_path / "both.onnx")
    assert [one.name for one in file.graph.input] == ["x", "y"]
    assert [one.name for one in file.graph.output] == ["output_0", "output_1"]
    assert file.graph.name == "Two.both"
    close(run(tmp_path / "both.onnx", [x, y]), flat(tuple(model.both(x, y).values())))
    served(lambda x: np.exp(x) + np.ones(2), tmp_path / "f.onnx", x)


def test_a_frozen_table_and_no_grad_are_part_of_the_file(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    table = nn.Embedding(5, 3, dtype=np.float32, rng=rng).requires_grad_(False)
    served(table, tmp_path / "table.onnx", rng.integers(5, size=(3, 4)))

    def f(x: Value) -> Value:
        with no_grad():
            y = x * 2
        return y + np.floor(x)

    served(f, tmp_path / "f.onnx", rng.normal(size=(3, 2)))


class Plugin:
    """A stranger whose activation is composed of ops that we know."""

    @hookimpl
    def micrograd_activations(self) -> dict[str, object]:
        return {"soft_step": lambda x: x * np.tanh(x) + np.exp(-abs(x))}


def test_what_a_plugin_composes_leaves_in_its_parts(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    with plugins.registered(Plugin()):
        model = nn.MLP(3, [4, 2], "soft_step", dtype=np.float32, rng=rng)
        x = rng.normal(size=(2, 3)).astype(np.float32)
        file = served(model, tmp_path / "plugin.onnx", x)
    assert {"Tanh", "Exp", "Abs", "Neg"} <= {node.op_type for node in file.graph.node}


def test_shapes_that_hold_the_number_of_samples(tmp_path: Path, rng: np.random.Generator) -> None:
    x = rng.normal(size=(4, 3)).astype(np.float32)
    for number, f in enumerate((
        lambda x: x.reshape(-1),
        lambda x: x.reshape(1, 3 * len(x)) * 2,
        lambda x: np.broadcast_to(x[:, None], (x.shape[0], 2, 3)),
        lambda x: np.broadcast_to(x[0], (x.shape[0], 3)),
        lambda x: np.concatenate([np.ones((len(x), 1), np.float32), x], 1),
        lambda x: np.concatenate([x, x]).reshape(2, len(x), 3),
        lambda x: x[np.arange(len(x)), np.zeros(len(x), int)],
        lambda x: x[::-1],
        lambda x: x[:-1].sum(axis=0),
        lambda x: x.mean(axis=0),
        lambda x: x - x.max(axis=0),
        lambda x: x @ x.T,
    )):  # fmt: skip
        served(f, tmp_path / f"{number}.onnx", x, batches=(2, 3, 8))
