"""Pictures of networks of nn, letter by letter: each below has files in golden/.

After a change that is meant, `python test_golden_networks.py write` writes the files anew; read the
difference before you keep it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import (
    MLP,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    TransformerBlock,
)
from micrograd.viz import draw_dot, tree

GOLDEN = Path(__file__).with_name("golden")


def settled(model: Module) -> Module:
    """The same network with numbers that every machine computes alike: few binary digits."""
    for _, parameter in model.named_parameters():
        steps = np.arange(parameter.size).reshape(parameter.shape)
        parameter.data = (steps * 5 % 9 - 4) / 8
    return model


def image(*shape: int) -> Value:
    steps = np.arange(np.prod(shape)).reshape(shape)
    return Value((steps * 3 % 7) / 4, name="image", requires_grad=False)


def ended(out: Value) -> Value:
    loss = (out * out).mean()
    loss.name = "loss"
    loss.backward()
    return loss


def mlp() -> Value:
    return ended(settled(MLP(3, [4, 2]))(image(2, 3)))


def cnn() -> Value:
    layers = [Conv2d(1, 2, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(8, 2)]
    return ended(settled(Sequential(*layers))(image(1, 1, 6, 6)))


def transformer() -> Value:
    model = Sequential(TransformerBlock(4, 2, dropout=0.0), Linear(4, 2))
    return ended(settled(model)(image(1, 3, 4)))


PICTURES: dict[str, tuple[Callable[[], Value], dict[str, Any]]] = {
    "mlp": (mlp, {}),
    "mlp_folded": (mlp, {"depth": 1, "color": "grad"}),
    "cnn": (cnn, {}),
    "cnn_folded": (cnn, {"depth": 1}),
    "transformer_at_depth_2": (transformer, {"depth": 2, "show": ("name", "op", "shape")}),
}


def texts() -> dict[str, str]:
    """What each file in golden/ should hold."""
    found = {
        name + ".dot": draw_dot(f(), **wishes).source for name, (f, wishes) in PICTURES.items()
    }
    return found | {f"{f.__name__}.txt": tree(f()) + "\n" for f in (mlp, cnn)}


def test_the_text_does_not_depend_on_the_process() -> None:
    program = "import test_golden_networks as t; print(*t.texts().values(), sep='\\0', end='')"
    for seed in ("0", "4242"):
        run = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=Path(__file__).parent,
            capture_output=True,
            check=True,
        )
        assert run.stdout.decode().split("\0") == list(texts().values())


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    return texts()


@pytest.mark.parametrize("path", sorted(GOLDEN.iterdir()), ids=lambda path: path.name)
def test_a_network_gives_its_golden_text(path: Path, found: dict[str, str]) -> None:
    assert found[path.name] == path.read_text(encoding="utf-8")


def test_every_picture_has_its_golden_file(found: dict[str, str]) -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(found)


def test_a_transformer_block_is_readable_at_depth_2() -> None:
    """A dozen boxes, the modules among them by name, where the whole has over a hundred."""
    source = draw_dot(transformer(), depth=2).source
    for part in ("0.norm1", "0.self_attn", "0.norm2", "0.linear1", "0.linear2"):
        assert f'label="{part}\\l|' in source
    boxes = source.count('class="value ') + source.count("class=module")
    assert boxes < 20 < draw_dot(transformer()).source.count('class="value ')


if __name__ == "__main__" and sys.argv[1:] == ["write"]:
    for file, text in texts().items():
        (GOLDEN / file).write_text(text, encoding="utf-8", newline="\n")
