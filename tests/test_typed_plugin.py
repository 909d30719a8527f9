"""Does the plugin that mypy reads (`hatch run types:check`) also run?"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from micrograd.engine import Value, plugins
from micrograd.engine.hookspecs import HOOK_OWNERS
from micrograd.nn import MLP
from micrograd.viz import draw_dot

SOURCE = Path(__file__).parent / "typed" / "plugin.py"


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("typed_plugin", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "typed_plugin", module)
    spec.loader.exec_module(module)
    with plugins.registered(module):
        yield module


def test_it_uses_every_hook_of_the_family(plugin: ModuleType) -> None:
    assert set(HOOK_OWNERS) <= {*vars(plugin), *vars(plugin.Watch)}


def test_its_program_runs(plugin: ModuleType) -> None:
    difference, parameter, rules = plugin.program()
    t = np.tanh(2.0)
    assert difference == 0.0
    assert parameter == pytest.approx(1.0 - 0.5 * 4 * t**3 * 2 * (1 - t * t))
    assert rules >= 3
    model = MLP(2, [3, 1], activation="slope")
    assert len(model.parameters()) == 5
    assert Value(1.0).soften(scale=2.0).item() == pytest.approx(t)


def test_its_renderer_draws(plugin: ModuleType) -> None:
    told = draw_dot(Value(1.0, name="x").tanh()).pipe("outline").decode().splitlines()
    assert told[:2] == ["x", "tanh"]
    assert re.fullmatch(r"1 arrows, \d+ characters, \d+ bytes", told[2])


def test_what_mypy_refuses_is_refused_when_it_is_registered(plugin: ModuleType) -> None:
    with pytest.raises(plugins.PluginError, match="Its micrograd_mimebundle is a hook wrapper"):
        plugins.register(plugin.Wrong())
    del plugin.Wrong.micrograd_mimebundle
    told = {
        "micrograd_activations": "The activation name 1 is not a Python identifier",
        "micrograd_losses": r"micrograd_losses\(\) returned str, not a mapping",
        "micrograd_ops": r"micrograd_ops\(\) returned list, not a mapping",
        "micrograd_renderers": r"micrograd_renderers\(\) returned function, not a mapping",
    }
    for hook, reason in told.items():
        with pytest.raises(plugins.PluginError, match=reason):
            plugins.register(plugin.Wrong())
        delattr(plugin.Wrong, hook)
