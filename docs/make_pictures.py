"""Draw the pictures of `pictures.md`: python docs/make_pictures.py

They go to `docs/images`, as SVG. The digits are scikit-learn's. `tests/test_pictures_page.py` fails
when a picture is out of date.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from micrograd.engine import Value
from micrograd.nn import MLP, Embedding, Linear, Module, Sequential, TransformerBlock, init
from micrograd.viz import draw_dot
from micrograd.viz.picture import Picture

IMAGES = Path(__file__).with_name("images")
DEEP = [16] * 9


def batch() -> tuple[Value, np.ndarray]:
    """32 scans of digits, 8 by 8 pixels from 0 to 1, and what was written."""
    digits = load_digits()
    pixels = Value(digits.data[:32] / 16, "pixels", requires_grad=False)
    return pixels, digits.target[:32]


def loss_of(model: Module) -> Value:
    """The loss of a network that tells digits apart, with all gradients."""
    pixels, digits = batch()
    loss: Value = model(pixels).cross_entropy(digits)
    loss.name = "loss"
    loss.backward()
    return loss


def network() -> Value:
    """The digits network of the demo, before its first step."""
    return loss_of(MLP(64, [128, 64, 10], rng=np.random.default_rng(0)))


def fading() -> Value:
    """Ten layers with sigmoids between: what comes back to the first is next to nothing."""
    return loss_of(MLP(64, [*DEEP, 10], activation="sigmoid", rng=np.random.default_rng(0)))


def repaired() -> Value:
    """The same layers with ReLUs, and weights that keep the size of what passes through them."""
    rng = np.random.default_rng(0)
    model = MLP(64, [*DEEP, 10], activation="relu", rng=rng)
    for layer in model.layers:
        layer.weight.data = init.he_normal(layer.weight.shape, rng=rng)
    return loss_of(model)


def dead() -> Value:
    """A network of which one layer went too far: its ReLUs put out 0 for every scan."""
    model = MLP(64, [16, 12, 10], rng=np.random.default_rng(0))
    model.layers[1].bias.data = np.full(12, -20.0)
    return loss_of(model)


def transformer() -> Value:
    """Six words, one block of a transformer, and what it expects to come next."""
    rng = np.random.default_rng(0)
    block = TransformerBlock(16, 4, activation="relu", dropout=0.0, rng=rng)
    model = Sequential(Embedding(20, 16, rng=rng), block, Linear(16, 20, rng=rng))
    loss: Value = model(rng.integers(0, 20, (1, 6))).reshape(6, 20).cross_entropy(np.arange(6))
    loss.name = "loss"
    return loss


def long() -> Value:
    """A thousand steps, each a product with the same weight."""
    w, h = Value(0.999, name="w"), Value(1.0, name="start")
    for _ in range(1_000):
        h = h * w
    h.name = "end"
    h.backward()
    return h


def pictures() -> dict[str, Picture]:
    """Each picture of the page, by the name of its file."""
    small = ("name", "op", "shape")
    return {
        "digits_layers.svg": draw_dot(network(), depth=1),
        "digits_network.svg": draw_dot(network(), rankdir="TB"),
        "fading.svg": draw_dot(fading(), "svg", "TB", show=("name", "op"), depth=1, color="grad"),
        "repaired.svg": draw_dot(
            repaired(), "svg", "TB", show=("name", "op"), depth=1, color="grad"
        ),
        "dead.svg": draw_dot(dead(), show=small, color="grad", theme="dark", depth=1),
        "transformer.svg": draw_dot(transformer(), "svg", "TB", show=small, depth=2),
        "long.svg": draw_dot(long(), max_nodes=4),
    }


def main() -> None:
    os.environ["PATH"] = ""  # the Graphviz that micrograd-viz brings along lays out the same way
    sys.modules["pygraphviz"] = None  # type: ignore[assignment]  # on every machine
    for name, picture in pictures().items():
        print(picture.save(IMAGES / name))


if __name__ == "__main__":
    main()
