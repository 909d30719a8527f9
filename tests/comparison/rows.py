"""What is asked of each library on the page that compares them, and how does one see the answer?

A row is a question that a few lines answer. For each library it holds a program that sets `answer`,
and, where the attempt ends in an exception, which one says no. Everything
stands as a user would write it, behind the imports of the library.
"""

from __future__ import annotations

from dataclasses import dataclass

LIBRARIES = ("ours", "first", "autograd", "mygrad", "torch", "jax")
IMPORTS = {
    "ours": "import numpy as np; from micrograd.engine import Value, grad",
    "first": "import numpy as np; from runners.karpathy import engine; Value = engine().Value",
    "autograd": "import numpy; import autograd; import autograd.numpy as np",
    "mygrad": "import numpy as np; import mygrad as mg",
    "torch": "import numpy as np; import torch",
    "jax": (
        "import numpy as np; import jax; import jax.numpy as jnp; "
        "jax.config.update('jax_enable_x64', True)"
    ),
}


@dataclass(frozen=True)
class Row:
    """A question, as the page words it, and one program for each library."""

    question: str
    programs: dict[str, str]
    raises: dict[str, str]  # library -> the exception that says no


def row(question: str, *, raises: dict[str, str] | None = None, **programs: str) -> Row:
    assert set(programs) == set(LIBRARIES)
    return Row(question, programs, raises or {})


ROWS = [
    row(
        "NumPy's own functions take its arrays",
        ours="x = Value([0.5]); np.tanh(x).sum().backward(); answer = x.grad[0] < 1",
        first="np.tanh(Value(0.5)); answer = True",
        autograd=(
            "answer = numpy.isclose(autograd.grad(lambda x: numpy.sum(numpy.dot(x, x)))"
            "(numpy.ones(2)), 2.0).all()"
        ),
        mygrad="x = mg.tensor([0.5]); np.tanh(x).sum().backward(); answer = x.grad[0] < 1",
        torch="x = torch.ones(2, requires_grad=True); np.tanh(x); answer = True",
        jax="jax.grad(lambda x: np.tanh(x))(0.5); answer = True",
        raises={"first": "TypeError", "torch": "RuntimeError", "jax": "TracerArrayConversionError"},
    ),
    row(
        "The gradient of what was broadcast has its shape",
        ours=(
            "b = Value(np.zeros(2)); (Value(np.zeros((3, 2))) + b).sum().backward(); "
            "answer = b.grad.tolist() == [3.0, 3.0]"
        ),
        first=(
            "b = Value(np.zeros(2)); (Value(np.zeros((3, 2))) + b).backward(); "
            "answer = np.shape(b.grad) == (2,)"
        ),
        autograd=(
            "answer = autograd.grad(lambda b: np.sum(np.zeros((3, 2)) + b))(np.zeros(2)).tolist()"
            " == [3.0, 3.0]"
        ),
        mygrad=(
            "b = mg.tensor(np.zeros(2)); (mg.tensor(np.zeros((3, 2))) + b).sum().backward(); "
            "answer = b.grad.tolist() == [3.0, 3.0]"
        ),
        torch=(
            "b = torch.zeros(2, requires_grad=True); (torch.zeros(3, 2) + b).sum().backward(); "
            "answer = b.grad.tolist() == [3.0, 3.0]"
        ),
        jax=(
            "answer = jax.grad(lambda b: (jnp.zeros((3, 2)) + b).sum())(jnp.zeros(2)).tolist()"
            " == [3.0, 3.0]"
        ),
    ),
    row(
        "Gradients of gradients",
        ours="answer = round(float(grad(grad(np.tanh))(0.5)), 4) == -0.7269",
        first=("x = Value(3.0); y = x * x * x; y.backward(); x.grad.backward(); answer = True"),
        autograd="answer = round(autograd.grad(autograd.grad(np.tanh))(0.5), 4) == -0.7269",
        mygrad=("x = mg.tensor(0.5); mg.tanh(x).backward(); x.grad.backward(); answer = True"),
        torch=(
            "x = torch.tensor(0.5, requires_grad=True); "
            "(g,) = torch.autograd.grad(torch.tanh(x), x, create_graph=True); "
            "g.backward(); answer = round(x.grad.item(), 4) == -0.7269"
        ),
        jax="answer = round(float(jax.grad(jax.grad(jnp.tanh))(0.5)), 4) == -0.7269",
        raises={"first": "AttributeError", "mygrad": "AttributeError"},
    ),
    row(
        "Forward mode too",
        ours="from micrograd.engine import jvp; answer = jvp(np.tanh, (0.0,), (1.0,))[1] == 1",
        first="answer = hasattr(engine(), 'jvp')",
        autograd="answer = autograd.make_jvp(np.tanh)(0.0)(1.0)[1] == 1",
        mygrad="answer = hasattr(mg, 'jvp')",
        torch="x = torch.ones(()); answer = torch.func.jvp(torch.tanh, (0 * x,), (x,))[1] == 1",
        jax="answer = jax.jvp(jnp.tanh, (0.0,), (1.0,))[1] == 1",
    ),
    row(
        "A graph may be 5,000 steps deep",
        ours=(
            "x = y = Value(1.0)\nfor _ in range(5000): y = y * 1.0\n"
            "y.backward(); answer = x.grad == 1"
        ),
        first=(
            "x = y = Value(1.0)\nfor _ in range(5000): y = y * 1.0\n"
            "y.backward(); answer = x.grad == 1"
        ),
        autograd=(
            "def f(x):\n    for _ in range(5000): x = x * 1.0\n    return x\n"
            "answer = autograd.grad(f)(1.0) == 1"
        ),
        mygrad=(
            "x = y = mg.tensor(1.0)\nfor _ in range(5000): y = y * 1.0\n"
            "y.backward(); answer = x.grad == 1"
        ),
        torch=(
            "x = y = torch.ones((), requires_grad=True)\nfor _ in range(5000): y = y * 1.0\n"
            "y.backward(); answer = x.grad == 1"
        ),
        jax=(
            "def f(x):\n    for _ in range(5000): x = x * 1.0\n    return x\n"
            "answer = jax.grad(f)(1.0) == 1"
        ),
        raises={"first": "RecursionError"},
    ),
    row(
        "Equal largest numbers share the gradient of max",
        ours="x = Value([1.0, 1.0]); x.max().backward(); answer = x.grad.tolist() == [0.5, 0.5]",
        first="answer = hasattr(Value, 'max')",
        autograd="answer = autograd.grad(np.max)(np.ones(2)).tolist() == [0.5, 0.5]",
        mygrad="x = mg.ones(2); x.max().backward(); answer = x.grad.tolist() == [0.5, 0.5]",
        torch=(
            "x = torch.ones(2, requires_grad=True); x.max().backward(); "
            "answer = x.grad.tolist() == [0.5, 0.5]"
        ),
        jax="answer = jax.grad(jnp.max)(jnp.ones(2)).tolist() == [0.5, 0.5]",
    ),
    row(
        "The slope of a norm at 0 is 0, not nan",
        ours="x = Value([0.0, 0.0]); np.linalg.norm(x).backward(); answer = not x.grad.any()",
        first="answer = hasattr(Value, 'norm')",
        autograd=(
            "with numpy.errstate(all='ignore'): g = autograd.grad(np.linalg.norm)(np.zeros(2))\n"
            "answer = not numpy.any(g)"
        ),
        mygrad=(
            "x = mg.zeros(2)\nwith np.errstate(all='ignore'): mg.linalg.norm(x).backward()\n"
            "answer = not x.grad.any()"
        ),
        torch=(
            "x = torch.zeros(2, requires_grad=True); torch.linalg.norm(x).backward(); "
            "answer = not x.grad.any()"
        ),
        jax="answer = not jax.grad(jnp.linalg.norm)(jnp.zeros(2)).any()",
    ),
    row(
        "Writing into an array that a rule needs is refused",
        ours=(
            "x = Value([1.0]); y = (x * x).sum(); x.data = [5.0]\n"
            "try: y.backward()\nexcept RuntimeError: answer = True"
        ),
        first="x = Value(1.0); y = x * x; x.data = 5.0; y.backward(); answer = x.grad != 10.0",
        autograd=(
            "x = numpy.ones(1)\ndef f(x, held=x):\n    y = x * x\n    held[0] = 5.0\n"
            "    return np.sum(y)\nanswer = autograd.grad(f)(x)[0] == 2.0"
        ),
        mygrad=(
            "a = np.ones(1); x = mg.tensor(a, copy=False); y = (x * x).sum()\n"
            "try: a[0] = 5.0\nexcept ValueError: answer = True"
        ),
        torch=(
            "x = torch.ones(1, requires_grad=True); y = (x * x).sum()\n"
            "with torch.no_grad(): x[0] = 5.0\n"
            "try: y.backward()\nexcept RuntimeError: answer = True"
        ),
        jax="x = jnp.ones(1)\ntry: x[0] = 5.0\nexcept TypeError: answer = True",
    ),
    row(
        "`x[0] = y` is part of the graph",
        ours="x = Value([1.0, 2.0]); x[0] = 3.0; answer = True",
        first="x = Value(1.0); x[0] = 3.0; answer = True",
        autograd=(
            "def f(x):\n    x[0] = 3.0\n    return np.sum(x)\n"
            "autograd.grad(f)(numpy.ones(2)); answer = True"
        ),
        mygrad=(
            "x = mg.ones(2); y = +x; y[0] = 3.0; y.sum().backward(); "
            "answer = x.grad.tolist() == [0.0, 1.0]"
        ),
        torch=(
            "x = torch.ones(2, requires_grad=True); y = x.clone(); y[0] = 3.0; y.sum().backward()\n"
            "answer = x.grad.tolist() == [0.0, 1.0]"
        ),
        jax="x = jnp.ones(2); x[0] = 3.0; answer = True",
        raises={
            "ours": "TypeError",
            "first": "TypeError",
            "autograd": "TypeError",
            "jax": "TypeError",
        },
    ),
    row(
        "Complex numbers",
        ours="Value([1.0 + 2.0j]); answer = True",
        first="x = Value(1.0 + 2.0j); (x * x).backward(); answer = x.grad == 2.0 + 4.0j",
        autograd="answer = autograd.holomorphic_grad(lambda z: z * z)(1.0 + 2.0j) == 2.0 + 4.0j",
        mygrad="mg.tensor([1.0 + 2.0j]); answer = True",
        torch=(
            "z = torch.tensor(1.0 + 2.0j, requires_grad=True); (z * z.conj()).real.backward(); "
            "answer = z.grad.item() == 2.0 + 4.0j"
        ),
        jax="answer = jax.grad(lambda z: z * z, holomorphic=True)(1.0 + 2.0j) == 2.0 + 4.0j",
        raises={"ours": "TypeError", "mygrad": "TypeError"},
    ),
    row(
        "A function of one is mapped over many (vmap)",
        ours="import micrograd.engine as e; answer = hasattr(e, 'vmap')",
        first="answer = hasattr(engine(), 'vmap')",
        autograd="answer = hasattr(autograd, 'vmap')",
        mygrad="answer = hasattr(mg, 'vmap')",
        torch="answer = torch.func.vmap(torch.sum)(torch.ones(3, 2)).tolist() == [2.0] * 3",
        jax="answer = jax.vmap(jnp.sum)(jnp.ones((3, 2))).tolist() == [2.0] * 3",
    ),
    row(
        "Convolutions as layers, and Adam, in the same family",
        ours="from micrograd.nn import Adam, Conv2d; answer = True",
        first="answer = hasattr(engine(), 'Adam')",
        autograd="import autograd.misc.optimizers; answer = hasattr(autograd, 'nn')",
        mygrad="import mygrad.nnet; answer = hasattr(mygrad.nnet, 'Adam')",
        torch="from torch.nn import Conv2d; from torch.optim import Adam; answer = True",
        jax="answer = hasattr(jax, 'optim') or hasattr(jax.nn, 'Conv')",
    ),
    row(
        "Graphics processors",
        ours="import micrograd.engine as e; answer = hasattr(e, 'device')",
        first="answer = hasattr(engine(), 'device')",
        autograd="answer = hasattr(autograd, 'device')",
        mygrad="answer = hasattr(mg, 'device')",
        torch="answer = callable(torch.ones(1).cuda)",
        jax="answer = callable(jax.device_put) and callable(jax.devices)",
    ),
]
