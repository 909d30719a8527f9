"""What a watcher shows: as text, in a notebook, in a terminal, and where nothing can be shown."""

from __future__ import annotations

import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from micrograd.engine import Value, scope
from micrograd.viz import Watcher, watch
from micrograd.viz.watching import live, table

from .small_nets import Net, Parts, learn, loss_of


def trained(net: Any, steps: int = 1, **settings: Any) -> Watcher:
    with watch(net, every=1, **settings) as watcher:
        for _ in range(steps):
            learn(net, loss_of(net))
            watcher.step()
    return watcher


# -- text -----------------------------------------------------------------------------------------


def test_a_table_of_what_was_seen() -> None:
    net = Net(3, 4, 1)
    net.weights[0].data = np.array([[1.0, -1.0, 0.0, 0.5]] * 3)
    net.biases[0].data = np.array([0.0, 0.0, -5.0, 0.0])  # the third unit is dead
    watcher = trained(net)
    title, heads, first, second, *notes = repr(watcher).splitlines()
    assert title == "Net, step 1 (seen at every step)"
    assert heads.split() == ["layer", "output", "std", "dead", "gradient", "norm", "update"]
    assert re.match(r"layers\.0 relu +[ ▁-█]{8} +\d\.\d+ +25%  [ ▁-█]{8} +\S+ +\S+$", first)
    assert second.startswith("layers.1  ")
    reading = watcher.last.readings[1]  # type: ignore[union-attr]
    assert second.split()[-2:] == [
        table.number(reading.gradient_norm),
        table.number(reading.update),
    ]
    assert "dead: units that put out 0 for the whole batch" in notes
    assert not any("saturated" in note for note in notes)


def test_a_table_fits_into_80_columns() -> None:
    """With the longest of everything: paths, flags, exponents."""
    weights = {f"blocks__{i}__attention__projection__weight": Value([[1e-40]]) for i in (10, 11)}
    net = Parts(**weights)
    x: Any = np.array([[1e-80]])
    for path in ("blocks.10.attention.projection", "blocks.11.attention.projection"):
        with scope(path):
            x = x @ net.parameters[f"{path}.weight"]
        x = x.sigmoid() * 1e-200
    with watch(net) as watcher:
        (x * 1e210).sum().backward()
        net.parameters["blocks.10.attention.projection.weight"].data *= np.inf
        watcher.step()
    lines = repr(watcher).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[2].startswith("…jection sigmoid ")
    assert lines[2].endswith("  not finite…")


def test_the_bars_of_gradients_share_a_scale() -> None:
    watcher = trained(Net(3, *[8] * 6, 1, bend=Value.sigmoid))
    rows = table.rows(watcher)
    middles = [np.average(np.arange(8), weights=row.gradients) for row in rows]
    assert middles == sorted(middles)
    assert middles[-1] - middles[0] > 3


def test_the_bars_of_outputs_leave_zeros_out() -> None:
    watcher = trained(Net(3, 40, 1))
    row = table.rows(watcher)[0]
    counted = watcher.counts["layers.0"]
    assert sum(row.outputs) == counted.size - counted.zeros
    assert row.outputs[0] > 0 < row.outputs[-1]


def test_saturated_outputs_have_an_s() -> None:
    net = Net(3, 4, 1, bend=Value.tanh)
    net.biases[0].data = np.full(4, 100.0)
    watcher = trained(net)
    assert "  s100%" in repr(watcher)
    assert "dead, with an s: outputs of tanh or sigmoid that are saturated" in repr(watcher)
    assert watcher.last.flags()[0] == ["saturated"]  # type: ignore[union-attr]


def test_nothing_is_known_before_the_first_step() -> None:
    with watch(Net(3, 1), every=7) as watcher:
        told = "Net (seen every 7 steps)\nNothing was seen yet: call step() after each"
        assert repr(watcher).startswith(told)
        assert watcher._repr_html_().startswith("<pre>Net (seen every 7 steps)")
        assert watcher.samples == []


# -- a notebook -----------------------------------------------------------------------------------


def test_a_notebook_shows_a_table_with_histograms() -> None:
    watcher = trained(Net(3, 4, 1))
    page = ElementTree.fromstring(watcher._repr_html_().replace("<br>", "<br/>"))
    rows = page.findall("./table/tbody/tr")
    assert [row[0].text for row in rows] == ["layers.0 relu", "layers.1"]
    for row, counts in zip(rows, table.rows(watcher, 32), strict=True):
        drawn = [len(svg.findall("rect")) for svg in row.iter("svg")]
        assert drawn == [np.count_nonzero(counts.outputs), np.count_nonzero(counts.gradients)]


class Pages:
    """Stands in for IPython.display, which this package does not need."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[str] = []
        module = ModuleType("IPython.display")
        vars(module).update(HTML=lambda text: text, display=self.display)
        monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
        monkeypatch.setitem(sys.modules, "IPython.display", module)
        monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))

    def display(self, text: str, display_id: bool) -> Any:
        assert display_id
        self.made.append(text)
        return SimpleNamespace(update=lambda text: self.made.append(text))


def test_a_notebook_s_picture_is_replaced_at_each_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages(monkeypatch)
    monkeypatch.setattr(live, "MOMENT", -1.0)
    watcher = trained(Net(3, 4, 1), steps=3, live=True)
    assert len(pages.made) == 3
    assert pages.made[-1] == watcher._repr_html_()


def test_it_is_not_drawn_too_often_but_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages(monkeypatch)
    monkeypatch.setattr(live, "MOMENT", 3600.0)
    monkeypatch.setattr("time.perf_counter", lambda: 4000.0)
    watcher = trained(Net(3, 4, 1), steps=20, live=True)
    assert len(pages.made) == 2
    assert pages.made[-1] == watcher._repr_html_()


# -- elsewhere ------------------------------------------------------------------------------------


def test_nothing_moves_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    trained(Net(3, 4, 1), steps=2, live=True)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_without_rich_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setattr("sys.stdout", SimpleNamespace(isatty=lambda: True))
    told = (
        "live=True draws in a terminal with rich, which is not installed. "
        'Install it: pip install "micrograd-viz[live]>=1,<2"'
    )
    with pytest.raises(ModuleNotFoundError, match=f"^{re.escape(told)}$"):
        watch(Net(3, 1), live=True)


def test_without_matplotlib_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    told = (
        "watcher.plot() draws with matplotlib, which is not installed. "
        'Install it: pip install "micrograd-viz[plot]>=1,<2"'
    )
    with pytest.raises(ModuleNotFoundError, match=f"^{re.escape(told)}$"):
        trained(Net(3, 1)).plot()


def test_a_library_that_lacks_something_itself_is_not_called_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'kiwisolver'", name="kiwisolver")

    watcher = trained(Net(3, 1))
    monkeypatch.setattr("importlib.import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="kiwisolver"):
        watcher.plot()


def test_what_can_be_drawn_is_listed() -> None:
    with pytest.raises(ValueError, match=r"plot: what is 'weights'\. Give one of 'outputs', 'grad"):
        trained(Net(3, 1)).plot("weights")
    with pytest.raises(ValueError, match=r"plot: ax has room for one thing\. Say what"):
        trained(Net(3, 1)).plot(ax=object())
