"""Exclusive or in twelve lines: the whole loop by hand, with nothing but gradients.

    hatch run xor               (or: hatch run python examples/xor.py)

No straight line through the square divides the corners where the answer is 1 from those where it
is 0, so one layer cannot do it. Here are two: eight bent lines, and a weighted sum of them. It is
``p.data -= rate * p.grad`` that learns. It prints

    0 xor 0 = 0.00
    0 xor 1 = 1.00
    1 xor 0 = 1.00
    1 xor 1 = 0.00

after a third of a second, most of which is Python's start.
"""

import numpy as np

from micrograd.engine import Value

rng = np.random.default_rng(0)
X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
W, b, w = Value(rng.normal(size=(2, 8))), Value(np.zeros(8)), Value(rng.normal(size=(8, 1)))
for _ in range(500):
    prediction = np.tanh(X @ W + b) @ w  # NumPy's functions know Values
    ((prediction - y) ** 2).mean().backward()
    for p in (W, b, w):
        p.data -= 0.2 * p.grad
        p.zero_grad()
print("\n".join(f"{i} xor {j} = {p:.2f}" for (i, j), p in zip(X, prediction, strict=True)))
