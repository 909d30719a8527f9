"""Windows show the memory of an array: a program must not write over it while they are read."""

from __future__ import annotations

import numpy as np

from micrograd.engine import Value, compile


def test_an_array_lives_as_long_as_its_windows(rng: np.random.Generator) -> None:
    w = Value(rng.normal(size=(6, 6)), "w")

    def f(x: Value) -> Value:
        windows = np.lib.stride_tricks.sliding_window_view(np.tanh(x * w), (3, 3))
        other = np.exp(x * 0.5)  # of the size of what the windows show
        turned = windows.transpose(0, 2, 1, 3)
        return (turned * turned).sum() + (turned * np.arange(3.0)).sum() + (other * w).sum()

    program = compile(f, [w], verify=False)
    for _ in range(3):
        x = rng.normal(size=(6, 6))
        loss = program(x)
        got = w.grad.copy()
        w.zero_grad()
        right = f(Value(x, requires_grad=False))
        right.backward()
        np.testing.assert_allclose(loss, right.data)
        np.testing.assert_allclose(got, w.grad)
    head = program.source.partition("def step")[0]
    assert "np.lib.stride_tricks.sliding_window_view" in head  # made once: buffers never move
