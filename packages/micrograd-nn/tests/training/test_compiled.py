"""What ``fit(compile=True)`` makes programs of, and what it does when parameters are frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import CannotCompile
from micrograd.nn import MLP, SGD, Adam, Dropout, Linear, Sequential, losses
from micrograd.nn.training import Callback, batches, fit

X = np.random.default_rng(0).normal(size=(24, 3))
LABELS = (X[:, 0] > X[:, 1]).astype(int)
VALIDATION = (X[:10] + 0.1, LABELS[:10])


def network(seed: int = 1) -> Sequential:
    rng = np.random.default_rng(seed)
    return Sequential(Linear(3, 6, rng=rng), "tanh", Dropout(0.2, rng=rng), Linear(6, 2, rng=rng))


def trained(model: Any, compile: bool, **more: Any) -> Any:
    how = {"epochs": 4, "batch_size": 8, "progress": False, "validation": VALIDATION, **more}
    optimizer = how.pop("optimizer", None) or Adam(model.parameters(), lr=0.05)
    rng = np.random.default_rng(3)
    return fit(model, X, LABELS, "cross_entropy", optimizer, rng=rng, compile=compile, **how)


def alike(one: Any, other: Any) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, err_msg=name)


class Thaw(Callback):
    """The first layer learns from the end of an epoch on."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch_end(self, run: Any) -> None:
        run.model[0].requires_grad_(run.epoch >= self.epoch)


@pytest.mark.parametrize("metrics", [(), ["accuracy"]])
def test_the_validation_is_the_eager_one(metrics: Any) -> None:
    alike(*(trained(network(), compile, metrics=metrics) for compile in (False, True)))


def test_the_validation_runs_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    forward = Sequential.forward

    def counted(self: Any, x: Any) -> Any:
        calls.append(self.training)
        return forward(self, x)

    monkeypatch.setattr(Sequential, "forward", counted)
    counts = []
    for epochs in (4, 8):
        calls.clear()
        trained(network(), True, epochs=epochs)
        counts.append((calls.count(True), calls.count(False)))
    assert counts[0] == counts[1]  # after the first calls, no layer is asked any more


def test_what_no_validation_can_compile_is_said_before_the_first_step() -> None:
    class Odd(MLP):
        def forward(self, x: Any) -> Any:
            out = super().forward(x)
            return out if self.training or out.max() < 100.0 else 2.0 * out

    model = Odd(3, [4, 2])
    before = model.state_dict()
    with pytest.raises(CannotCompile, match="Python cannot decide by the numbers of an array"):
        trained(model, True)
    for name, array in before.items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_frozen_parameters_stay_as_they_are(kind: Any) -> None:
    histories = []
    for compile in (False, True):
        model = network()
        model[0].requires_grad_(False)
        before = model[0].state_dict()
        optimizer = kind(model.parameters(), lr=0.05)
        histories.append(trained(model, compile, optimizer=optimizer))
        for name, array in before.items():
            np.testing.assert_array_equal(model[0].state_dict()[name], array)
    alike(*histories)


def test_a_layer_may_be_thawed_or_frozen_on_the_way() -> None:
    histories = []
    for compile in (False, True):
        model = network()
        model[0].requires_grad_(False)
        before = model[0].weight.data.copy()
        histories.append(trained(model, compile, callbacks=[Thaw(2)]))
        assert (model[0].weight.data != before).any()
    alike(*histories)


def test_a_run_with_a_thawed_layer_goes_on_bit_for_bit(tmp_path: Path) -> None:
    finals = []
    for parts in ([4], [3, 4]):
        path = tmp_path / f"{len(parts)}.npz"
        for epochs in parts:
            model = network()
            model[0].requires_grad_(epochs != parts[0])
            trained(model, True, epochs=epochs, callbacks=[Thaw(2)], checkpoint=path, resume=True)
        finals.append(model.state_dict())
    for name, array in finals[0].items():
        np.testing.assert_array_equal(finals[1][name], array)


@pytest.mark.parametrize("compile", [False, True])
def test_a_last_batch_of_one_row_is_no_matter_for_most_layers(compile: bool) -> None:
    model = network()
    data = batches(X, LABELS, 23)
    optimizer = SGD(model.parameters(), lr=0.1)
    history = fit(model, data, None, "cross_entropy", optimizer, 2, compile=compile, progress=False)
    assert len(history.steps["loss"]) == 4


class Several(MLP):
    """An MLP that returns more than one thing."""

    kind = ""

    def forward(self, x: Any) -> Any:
        out = super().forward(x)
        kinds = {"list": [out, x], "tuple": (out, (x, None)), "dict": {"out": out, "name": "me"}}
        return kinds.get(self.kind, (out, np.transpose(out)))


def first_of(prediction: Any, target: Any) -> Any:
    out = prediction["out"] if isinstance(prediction, dict) else prediction[0]
    return losses.cross_entropy(out, target)


@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_a_model_may_return_several_things(kind: str) -> None:
    histories = []
    for compile in (False, True):
        model = Several(3, [4, 2], rng=np.random.default_rng(1))
        model.kind = kind
        optimizer = SGD(model.parameters(), lr=0.1)
        histories.append(
            fit(
                *(model, X, LABELS, first_of, optimizer, 2),
                batch_size=10,
                rng=np.random.default_rng(2),
                validation=VALIDATION,
                metrics={"spread": lambda p, t: np.std(p["out"] if kind == "dict" else p[0])},
                compile=compile,
                progress=False,
            )
        )
    alike(*histories)


@pytest.mark.parametrize("compile", [False, True])
def test_what_has_no_row_a_sample_is_nothing_for_metrics(compile: bool) -> None:
    model = Several(3, [4, 2])
    with pytest.raises(
        ValueError, match=r"the shapes \(2, 10\) and \(2, 4\), which do not join row"
    ):
        fit(
            *(model, X, LABELS, first_of, SGD(model.parameters(), lr=0.1), 1),
            batch_size=10,
            metrics={"any": lambda p, t: 0.0},
            compile=compile,
            progress=False,
        )
