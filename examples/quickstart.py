"""micrograd in fifteen lines: gradients, gradients of gradients, and a network that learns.

    hatch run quickstart        (or: hatch run python examples/quickstart.py)

It prints

    z = -5.0360, dz/dx = -2.9293, dz/dy = 2.0000
    tanh''(0.5) = -0.7269
    exclusive or: [0 1 1 0]
"""

import numpy as np

from micrograd.engine import Value, grad
from micrograd.nn import MLP, Adam

x, y = Value(2.0, name="x"), Value(-3.0, name="y")
z = x * y + np.tanh(x)  # NumPy's functions know Values
z.backward()
print(f"z = {z:.4f}, dz/dx = {x.grad:.4f}, dz/dy = {y.grad:.4f}")

print(f"tanh''(0.5) = {grad(grad(np.tanh))(0.5):.4f}")  # a gradient can be differentiated again

inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
model = MLP(2, [8, 1], activation="tanh", rng=np.random.default_rng(0))
optimizer = Adam(model.parameters(), lr=0.05)
for _ in range(200):
    loss = model(inputs).binary_cross_entropy_with_logits(np.array([[0], [1], [1], [0]]))
    optimizer.zero_grad()
    loss.backward(keep_inner=False)
    optimizer.step()
print("exclusive or:", (model(inputs) > 0).astype(int)[:, 0])
