"""What do compiled training steps do beyond what each layer, loss and optimizer does?

That every layer, loss and optimizer of its table is computed alike, eager and compiled, is said in
``test_layers_compile``, ``test_losses`` and ``test_optim_table``. Here: every activation by name,
batches of several shapes, what the program may be asked for, and what it leaves behind.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd import nn
from micrograd.engine import CannotCompile, Value, compile, gradients, hookimpl, op, plugins
from micrograd.engine.compiler import plan

from .optimizer_table import OPTIMIZERS, Net

DTYPES = {"float64": 1e-9, "float32": 1e-4}
STEPS = 5


def close(got: Any, right: Any, tolerance: float) -> None:
    scale = max(1.0, float(np.abs(right).max(initial=0.0)))
    np.testing.assert_allclose(got, right, rtol=0, atol=tolerance * scale)


def mlp(dtype: Any = "float64", activation: Any = "tanh", seed: int = 1) -> nn.MLP:
    rng = np.random.default_rng(seed)
    return nn.MLP(3, [6, 5, 2], activation, dtype=np.dtype(dtype), rng=rng)


def batches(dtype: Any, sizes: Any) -> list[Any]:
    rng = np.random.default_rng(2)
    return [
        (rng.normal(size=(n, 3)).astype(dtype), rng.normal(size=(n, 2)).astype(dtype))
        for n in sizes
    ]


def trained_alike(
    eager: Any, compiled: Any, given: Any, tolerance: float, loss: Any = nn.mse, **how: Any
) -> Any:
    """Train both, (model, optimizer) each, on the same batches; compare after each step."""
    (model, optimizer), (other, theirs) = eager, compiled
    program = compile(lambda x, y: loss(other(x), y), optimizer=theirs, **how)
    for x, y in given:
        right = loss(model(x), y)
        optimizer.zero_grad()
        right.backward()
        optimizer.step()
        got = program(x, y)
        close(got, right.data, tolerance)
        assert got.dtype == right.dtype
        for p, q in zip(other.parameters(), model.parameters(), strict=True):
            close(p.data, q.data, tolerance)
            close(p.grad, q.grad, tolerance)
            assert p.dtype == q.dtype
    return program


# -- activations and shapes ----------------------------------------------------------------------


class Bend(nn.Module):
    """Numbers between 0 and 1 (for arccosh from 1 on) through an activation, then a sum."""

    def __init__(self, name: str, dtype: Any) -> None:
        self.w = Value([0.3, 0.5, 0.6], "w", dtype=dtype)
        self.b = Value(1.1 if name == "arccosh" else 0.1, "b", dtype=dtype)
        self.bend = nn.activations.get(name)
        self.last = nn.Linear(3, 2, dtype=dtype, rng=np.random.default_rng(1))

    def forward(self, x: Any) -> Any:
        return self.last(self.bend(x * self.w + self.b))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(set(nn.activations.names()) - {"stack", "vstack"}))
def test_every_activation_by_name(name: str, dtype: str) -> None:
    pairs = []
    for _ in range(2):
        model = Bend(name, np.dtype(dtype))
        pairs.append((model, nn.SGD(model.parameters(), lr=1e-4, momentum=0.9)))
    rng = np.random.default_rng(2)
    given = [
        (rng.uniform(size=(4, 3)).astype(dtype), rng.normal(size=(4, 2)).astype(dtype))
        for _ in range(STEPS)
    ]
    program = trained_alike(*pairs, given, DTYPES[dtype])
    assert program.recordings == 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_numbers_become_those_of_the_layer(dtype: str) -> None:
    model = nn.Linear(3, 2, dtype=np.dtype(dtype), rng=np.random.default_rng(1))
    program, x = compile(model), np.arange(6).reshape(2, 3)
    for _ in range(3):
        out = program(x)
        close(out, model(x).data, DTYPES[dtype])
        assert out.dtype == model(x).dtype == dtype


@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
def test_batches_of_several_shapes_train_one_network(flat: bool) -> None:
    pairs = []
    for _ in range(2):
        model = mlp()
        pairs.append((model, nn.Adam(model.parameters(), lr=0.02, flat=flat)))
    program = trained_alike(*pairs, batches("float64", [4, 1, 4, 7, 1, 4, 7, 7]), 1e-9)
    assert program.signatures == 3


@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
def test_long_parameters_are_updated_in_parts(flat: bool) -> None:
    """Longer than fits into the cache, with a rest and without."""
    pairs = []
    for _ in range(2):
        model = nn.MLP(3, [257, 131, 2], "tanh", rng=np.random.default_rng(1))
        pairs.append((model, nn.Adam(model.parameters(), lr=0.01, flat=flat)))
    program = trained_alike(*pairs, batches("float64", [4] * STEPS), 1e-9)
    assert "for part in parts" in program.source


@pytest.mark.parametrize("clip", [{}, {"clip_norm": 0.3}, {"clip_value": 0.05}], ids=str)
@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
@pytest.mark.parametrize("made", OPTIMIZERS)
def test_every_optimizer_in_parts(
    made: str, flat: bool, clip: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if four numbers were long, and three filled the cache."""
    monkeypatch.setattr(plan, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(plan, "PART", 3)
    kind, settings = OPTIMIZERS[made]
    net, other = Net(), Net()
    optimizer = kind(net.parameters, **settings, **clip, flat=flat)
    theirs = kind(other.parameters, **settings, **clip, flat=flat)
    program = compile(other.loss, optimizer=theirs)
    for _ in range(STEPS):
        close(program(other.rows, other.targets), net.step(optimizer), 1e-10)
        for one, right in zip(other.numbers(), net.numbers(), strict=True):
            close(one, right, 1e-10)
    assert "for part in parts" in program.source


def test_parameters_of_two_dtypes() -> None:
    class Mixed(nn.Module):
        def __init__(self) -> None:
            self.w = Value(np.linspace(-1, 1, 6).reshape(3, 2), "w", dtype=np.float32)
            self.b = Value([0.1, 0.2], "b")

        def forward(self, x: Any) -> Any:
            return np.tanh(x @ self.w + self.b)

    for make in (
        lambda model: nn.SGD(model.parameters(), lr=0.1, momentum=0.9),
        lambda model: nn.Adam(model.parameters(), lr=0.02),
    ):
        pairs = [(model, make(model)) for model in (Mixed(), Mixed())]
        trained_alike(*pairs, batches("float32", [4] * STEPS), 1e-5)


def test_class_labels() -> None:
    pairs = []
    for _ in range(2):
        model = mlp(activation="relu")
        pairs.append((model, nn.SGD(model.parameters(), lr=0.1)))
    rng = np.random.default_rng(3)
    given = [(rng.normal(size=(6, 3)), rng.integers(0, 2, 6)) for _ in range(STEPS)]
    trained_alike(*pairs, given, 1e-9, nn.cross_entropy)


def test_eval_and_train_are_two_programs() -> None:
    def make() -> nn.Module:
        rng = np.random.default_rng(1)
        return nn.Sequential(
            nn.Linear(3, 4, rng=rng), nn.BatchNorm1d(4), nn.Dropout(0.5, rng=rng), nn.Linear(4, 2)
        )

    model, other = make(), make()
    other.load_state_dict(model.state_dict())
    program, rng = compile(other), np.random.default_rng(2)
    for mode in (True, True, True, False, True, False, False, True):
        model.train(mode)
        other.train(mode)
        x = rng.normal(size=(5, 3))
        close(program(x), model(x).data, 1e-12)
        for key, right in model.state_dict().items():
            close(other.state_dict()[key], right, 1e-12)
    assert program.signatures == 2


def test_a_layer_deep_inside_that_is_frozen_in_its_mode() -> None:
    rng = np.random.default_rng(1)
    model = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.Sequential(nn.Dropout(0.5, rng=rng)))
    program, x = compile(lambda x: model(x)), np.ones((2, 3))
    program(x)
    model[1][0].eval()
    np.testing.assert_array_equal(program(x), program(x))
    np.testing.assert_allclose(program(x), model(x).data)


# -- what a program with an optimizer refuses, and what it returns -------------------------------


def test_an_optimizer_with_foreign_parameters_is_refused() -> None:
    model, other = mlp(), mlp()
    x, y = batches("float64", [4])[0]
    optimizer = nn.Adam(other.parameters())
    program = compile(lambda x, y: nn.mse(model(x), y), model.parameters(), optimizer=optimizer)
    before = [one.data.copy() for one in (*model.parameters(), *other.parameters())]
    with pytest.raises(CannotCompile, match=r"has parameters that the program does not know.*own"):
        program(x, y)
    after = [one.data for one in (*model.parameters(), *other.parameters())]
    for one, right in zip(after, before, strict=True):
        np.testing.assert_array_equal(one, right)
    assert not any(one.has_grad for one in model.parameters())
    assert optimizer.state_dict()["state"][0]["step"] == 0


def test_a_part_of_the_parameters_may_be_trained() -> None:
    model, right = mlp(), mlp()
    few, some = model.parameters()[2:4], right.parameters()[2:4]
    optimizer, theirs = nn.SGD(few, lr=0.1, momentum=0.9), nn.SGD(some, lr=0.1, momentum=0.9)
    program = compile(lambda x, y: nn.mse(model(x), y), model.parameters(), optimizer=optimizer)
    for x, y in batches("float64", [4] * STEPS):
        program(x, y)
        theirs.zero_grad()
        right.zero_grad()
        nn.mse(right(x), y).backward()
        theirs.step()
        for p, q in zip(model.parameters(), right.parameters(), strict=True):
            close(p.data, q.data, 1e-12)
            close(p.grad, q.grad, 1e-12)


def test_reducers_of_gradients_have_no_time_in_a_program() -> None:
    class Average:
        @hookimpl
        def micrograd_reduce_gradients(self, parameters: Any) -> None:
            raise AssertionError("never called")

    model = mlp()
    x, y = batches("float64", [4])[0]
    program = compile(
        lambda x, y: nn.mse(model(x), y), optimizer=nn.SGD(model.parameters(), lr=0.1)
    )
    program(x, y)
    before = [one.data.copy() for one in model.parameters()]
    with plugins.registered(Average()), pytest.raises(RuntimeError, match=r"reducers of gradients"):
        program(x, y)
    for one, right in zip(model.parameters(), before, strict=True):
        np.testing.assert_array_equal(one.data, right)
    program(x, y)


@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
def test_a_parameter_that_is_returned_is_that_of_before_the_step(flat: bool) -> None:
    model = mlp()
    optimizer = nn.SGD(model.parameters(), lr=0.1, flat=flat)
    first = model.parameters()[0]
    program = compile(lambda x, y: (nn.mse(model(x), y), first, first.T), optimizer=optimizer)
    for x, y in batches("float64", [4] * STEPS):
        before = first.data.copy()
        _, got, transposed = program(x, y)
        np.testing.assert_array_equal(got, before)
        np.testing.assert_array_equal(transposed, before.T)
        assert not np.shares_memory(got, first.data)
        assert (first.data != before).any()


def test_a_parameter_that_is_not_used_still_decays() -> None:
    """Its gradient is zero, as in an eager step in which it has one."""
    model, spare = mlp(), Value([1.0, -2.0], "spare")
    optimizer = nn.SGD([*model.parameters(), spare], lr=0.1, weight_decay=0.5)
    program = compile(lambda x, y: nn.mse(model(x), y), optimizer=optimizer)
    for i, (x, y) in enumerate(batches("float64", [4] * 3), 1):
        program(x, y)
        np.testing.assert_allclose(spare.data, np.array([1.0, -2.0]) * 0.95**i)
        np.testing.assert_array_equal(spare.grad, [0.0, 0.0])


def test_an_older_graph_is_stale_after_a_compiled_step() -> None:
    model = mlp()
    x, y = batches("float64", [4])[0]
    program = compile(
        lambda x, y: nn.mse(model(x), y), optimizer=nn.Adam(model.parameters(), flat=True)
    )
    for _ in range(3):
        older = nn.mse(model(x), y)
        program(x, y)
        with pytest.raises(RuntimeError, match="whose data has changed since"):
            older.backward()


def test_eager_and_compiled_steps_may_alternate() -> None:
    pairs = []
    for _ in range(2):
        model = mlp()
        pairs.append((model, nn.SGD(model.parameters(), lr=0.1, momentum=0.9)))
    (model, optimizer), (other, theirs) = pairs
    program = compile(lambda x, y: nn.mse(other(x), y), optimizer=theirs)
    for i, (x, y) in enumerate(batches("float64", [4] * 8)):
        for one, its, eager in ((model, optimizer, True), (other, theirs, i % 2 == 0)):
            if eager:
                its.zero_grad()
                nn.mse(one(x), y).backward()
                its.step()
            else:
                program(x, y)
        for p, q in zip(other.parameters(), model.parameters(), strict=True):
            close(p.data, q.data, 1e-12)


def test_a_gradient_step_inside_of_the_loss() -> None:
    """One step of learning to learn: the loss after a step that is itself differentiated."""

    def loss(model: Any, x: Any, y: Any) -> Any:
        w, b = model.parameters()
        inner = nn.mse(x @ w + b, y)
        gw, gb = gradients(inner, [w, b], create_graph=True)
        return nn.mse(x @ (w - 0.1 * gw) + (b - 0.1 * gb), y)

    models = [nn.Linear(3, 2, rng=np.random.default_rng(1)) for _ in range(2)]
    optimizers = [nn.Adam(one.parameters(), lr=0.05) for one in models]
    program = compile(lambda x, y: loss(models[1], x, y), optimizer=optimizers[1])
    for x, y in batches("float64", [4] * STEPS):
        right = loss(models[0], x, y)
        optimizers[0].zero_grad()
        right.backward()
        optimizers[0].step()
        close(program(x, y), right.data, 1e-10)
        for p, q in zip(models[1].parameters(), models[0].parameters(), strict=True):
            close(p.data, q.data, 1e-10)


def test_an_op_of_a_plugin_as_loss() -> None:
    @op(opaque=True, constant="target")
    def outside(prediction: Any, target: Any) -> Any:
        return np.asarray(sum(float(d) ** 2 for d in (prediction - target).ravel()))[()]

    @outside.gradient("prediction")
    def _(g: Any, out: Any, prediction: Any, target: Any) -> Any:
        return 2.0 * g * (prediction - target)

    pairs = []
    for _ in range(2):
        model = mlp()
        pairs.append((model, nn.SGD(model.parameters(), lr=0.01)))
    trained_alike(*pairs, batches("float64", [4] * STEPS), 1e-9, outside)


# -- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam])
def test_a_warm_training_step_holds_less_than_128_kib(flat: bool, optimizer: Any) -> None:
    model = nn.MLP(64, [128, 128, 10], "relu", rng=np.random.default_rng(1))
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(1024, 64)), rng.integers(0, 10, 1024)
    program = compile(
        lambda x, y: nn.cross_entropy(model(x), y, ignore_index=None),
        optimizer=optimizer(model.parameters(), lr=0.01, flat=flat),
    )
    for _ in range(3):
        program(x, y)
    tracemalloc.start()
    program(x, y)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    program(x, y)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 128 * 1024


# -- saved training steps ------------------------------------------------------------------------

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
