"""``micrograd.viz.watch`` beside networks of nn, in ``fit``, in figures, and in a terminal."""

from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from rich.console import Console

from micrograd import nn
from micrograd.engine import plugins
from micrograd.viz import Watcher, watch
from micrograd.viz.plots.look import LOOKS
from micrograd.viz.watching import live

ROOT = Path(__file__).parents[1]


def _networks() -> Any:
    """The MLP, the CNN, the LSTM and the transformer of the benchmarks."""
    path = ROOT / "tests" / "benchmarks" / "networks.py"
    spec = importlib.util.spec_from_file_location("watched_networks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.NETWORKS


NETWORKS = {network.name: network for network in _networks()}


def train(network: Any, every: int | None, steps: int = 3) -> tuple[Watcher | None, list[bytes]]:
    rng = np.random.default_rng(0)
    model, (x, y) = network.model("float64", rng), network.data("float64", rng)
    optimizer = nn.Adam(model.parameters(), lr=1e-3)
    watcher = None if every is None else watch(model, every)
    for _ in range(steps):
        loss = nn.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward(keep_inner=False)
        optimizer.step()
        if watcher is not None:
            watcher.step()
    if watcher is not None:
        watcher.close()
    return watcher, [parameter.data.tobytes() for parameter in model.parameters()]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_is_heard_and_no_bit_changes(name: str) -> None:
    watcher, ended = train(NETWORKS[name], every=2)
    assert train(NETWORKS[name], every=None)[1] == ended
    assert watcher is not None
    assert watcher.last is not None
    assert [sample.step for sample in watcher.samples] == [1, 3]
    silent = [one.layer for one in watcher.last.readings if one.output_mean is None]
    assert silent == []
    assert not plugins.listeners("micrograd_rule_ran")


def test_of_an_mlp_and_of_a_cnn_the_activations_are_seen() -> None:
    bends = {}
    for name in ("MLP", "CNN"):
        watcher, _ = train(NETWORKS[name], every=1, steps=1)
        assert watcher is not None
        assert watcher.last is not None
        bends[name] = {one.layer: one.bend for one in watcher.last.readings}
    assert bends == {
        "MLP": {"0": "relu", "2": "relu", "4": ""},
        "CNN": {"0": "relu", "3": "relu", "7": ""},
    }


# -- fit ------------------------------------------------------------------------------------------


def fit(watcher_of: Any, epochs: int = 2, **settings: Any) -> tuple[Watcher, nn.MLP, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    y = (X.sum(axis=1) > 0).astype(int)
    model = nn.MLP(3, [8, 2], rng=rng)
    watcher = watcher_of(model)
    settings = {"batch_size": 10, "rng": rng, "progress": False} | settings
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    callbacks = [watcher] if watcher is not None else []
    how = {"callbacks": callbacks, **settings}
    history = nn.fit(model, X, y, "cross_entropy", optimizer, epochs, **how)
    return watcher, model, history


def test_fit_takes_a_watcher_as_a_callback() -> None:
    watcher, model, history = fit(lambda model: watch(model, every=4))
    assert [sample.step for sample in watcher.samples] == [1, 5, 9]
    assert watcher.steps == 10
    assert not plugins.listeners("micrograd_rule_ran")
    _, alone, same = fit(lambda model: None)
    assert history.steps["loss"] == same.steps["loss"]
    for name, array in alone.state_dict().items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


def test_what_is_tried_out_before_fit_is_not_counted() -> None:
    def tried(model: nn.MLP) -> Watcher:
        watcher = watch(model)
        nn.cross_entropy(model(np.zeros((7, 3))), np.zeros(7, int)).backward()
        return watcher

    watcher, *_ = fit(tried, epochs=1)
    assert watcher.counts["layers.0"].size == 10 * 8


def test_a_second_fit_goes_on_counting() -> None:
    watcher, model, _ = fit(lambda model: watch(model, every=5), epochs=1)
    optimizer, y = nn.SGD(model.parameters(), lr=0.1), np.zeros(50, int)
    how: dict[str, Any] = {"callbacks": watcher, "progress": False, "batch_size": 10}
    nn.fit(model, np.ones((50, 3)), y, "cross_entropy", optimizer, 1, **how)
    assert [sample.step for sample in watcher.samples] == [1, 6]


@pytest.mark.parametrize("clip_norm", [None, 1.0])  # with the step in the program, and without
def test_a_compiled_fit_shows_norms_and_updates(clip_norm: float | None) -> None:
    watcher, *_ = fit(lambda model: watch(model, every=9), compile=True, clip_norm=clip_norm)
    assert watcher.last is not None
    assert watcher.last.step == 10
    assert not watcher.last.heard
    for reading in watcher.last.readings:
        assert reading.gradient_norm
        assert reading.update == pytest.approx(0.1 * reading.gradient_norm / reading.weight_norm)


# -- figures --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def watcher() -> Watcher:
    watcher, _ = train(NETWORKS["MLP"], every=1)
    assert watcher is not None
    return watcher


def test_a_figure_has_all_that_was_seen(watcher: Watcher) -> None:
    figure = watcher.plot()
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == [
        "what comes out of each layer",
        "the gradient that comes back to it",
        "length of the gradient of the parameters",
        "step, as a share of the weights",
        "dead units (dotted: saturated outputs)",
        "",
    ]
    assert figure.get_suptitle() == "Sequential, step 3"
    figure.canvas.draw()
    plt.close(figure)


@pytest.mark.parametrize(("what", "number"), [("norms", "gradient_norm"), ("updates", "update")])
def test_curves_run_over_the_steps(watcher: Watcher, what: str, number: str) -> None:
    _, ax = plt.subplots()
    assert watcher.plot(what, ax=ax) is ax
    curves = {line.get_label(): line for line in ax.get_lines()}
    for i, layer in enumerate(("0", "2", "4")):
        np.testing.assert_array_equal(curves[layer].get_xdata(), [1, 2, 3])
        expected = [getattr(sample.readings[i], number) for sample in watcher.samples]
        np.testing.assert_array_equal(curves[layer].get_ydata(), expected)
    assert ax.get_yscale() == "log"
    if what == "updates":
        assert list(ax.get_lines()[-1].get_ydata()) == [1e-3, 1e-3]
    plt.close(ax.figure)


@pytest.mark.parametrize("what", ["outputs", "gradients"])
def test_histograms_hold_every_number_but_zero(watcher: Watcher, what: str) -> None:
    ax = watcher.plot(what)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0 relu", "2 relu", "4"]
    tallies = list(watcher.counts.values())
    for row, (patch, layer) in enumerate(zip(ax.patches[::2], ("0", "2", "4"), strict=True)):
        heights = patch.get_data().values + row
        tally = watcher.counts[layer]
        counts = tally.spread()[0] if what == "outputs" else tally.gradients.counts
        assert heights.max() == pytest.approx(1.3)
        if what == "gradients":
            np.testing.assert_allclose(heights, 1.3 * counts / counts.max(), atol=1e-12)
    assert len(tallies) == 3
    plt.close(ax.figure)


def test_a_figure_may_be_given(watcher: Watcher) -> None:
    figure = plt.figure(figsize=(9.0, 5.0))
    assert watcher.plot(figure=figure) is figure
    assert len(figure.axes) == 6
    plt.close(figure)


def test_on_a_dark_page_the_rule_of_thumb_is_light(watcher: Watcher) -> None:
    for page, look in (("black", "dark"), ("white", "light")):
        ax = Figure().subplots()
        ax.set_facecolor(page)
        watcher.plot("updates", ax=ax)
        assert ax.get_lines()[-1].get_color() == LOOKS[look].ink


def test_what_a_program_hides_is_said_in_the_figure() -> None:
    watcher, *_ = fit(lambda model: watch(model, every=9), compile=True)
    figure = watcher.plot()
    words = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert sum("as in a compiled program" in one for one in words) == 2
    assert "no relu, tanh or sigmoid was seen" in words
    figure.canvas.draw()
    plt.close(figure)


def test_there_is_nothing_to_draw_before_the_first_step() -> None:
    with (
        watch(nn.Linear(2, 1)) as watcher,
        pytest.raises(ValueError, match=r"plot: nothing was seen yet\. Train with watcher\.step"),
    ):
        watcher.plot()


# -- a terminal, and a notebook --------------------------------------------------------------------


def test_a_terminal_shows_the_table_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = io.StringIO()
    console = Console(file=sent, force_terminal=True, width=80, color_system=None)
    monkeypatch.setattr("rich.console.Console", lambda: console)
    monkeypatch.setattr(live, "MOMENT", -1.0)
    monkeypatch.setattr(live, "for_here", live.Terminal)
    monkeypatch.setattr("micrograd.viz.watching.watcher.for_here", live.Terminal)
    watcher, *_ = fit(lambda model: watch(model, every=2, live=True))
    text = sent.getvalue()
    assert text.count("MLP, step ") == len(watcher.samples) + 1  # rich draws the last one again
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
    last = text.rpartition("MLP, step ")[2].splitlines()
    assert last[0].startswith("9 (seen every 2 steps)")
    assert last[2].split()[:2] == ["layers.0", "relu"]
    assert max(map(len, last)) <= 80


def test_the_place_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert isinstance(live.for_here(), live.Terminal)
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert live.for_here() is None
    ipython = ModuleType("IPython")
    for name, module in (("IPython", ipython), ("IPython.display", ModuleType("d"))):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    assert isinstance(live.for_here(), live.Notebook)
