"""Step through backpropagation in a browser: one page for a network with two layers.

    hatch run player            (or: hatch run python examples/backprop_player.py)

It writes ``player-out/backprop.html``, which needs no network and no server: open the file and
press the right arrow. First each op computes its result, from four questions (exclusive or) to the
mean squared error; then each rule turns the gradient of a result into a share of an operand's. The
error is used twice, so two shares of its gradient meet and are summed.

It takes a second, most of which goes into laying the graph out.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from micrograd.engine import Value
from micrograd.viz import play


def network() -> Value:
    """The loss of two layers that have learnt nothing yet, with a name for what one speaks of."""
    questions = Value([[0, 0], [0, 1], [1, 0], [1, 1]], name="X", requires_grad=False)
    answers = Value([[0], [1], [1], [0]], name="y", requires_grad=False)
    W1 = Value([[0.5, -1.0, 0.8], [-0.7, 0.6, 0.9]], name="W1")
    b1 = Value([0.1, 0.0, -0.2], name="b1")
    W2 = Value([[1.0], [-0.5], [0.7]], name="W2")
    b2 = Value([0.2], name="b2")

    hidden = np.tanh(questions @ W1 + b1)
    prediction = hidden @ W2 + b2
    error = prediction - answers
    loss = (error * error).mean()
    hidden.name, prediction.name, error.name, loss.name = "hidden", "prediction", "error", "loss"
    return loss


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("player-out"), help="for the page")
    options = parser.parse_args(arguments)
    path = options.out / "backprop.html"
    play(network(), path)
    print(f"page: {path.resolve()}")


if __name__ == "__main__":
    main()
