"""Which derivatives of which functions are compared, and how are they computed here?

The functions are written once, for both: they take the library, which is NumPy here and PyTorch
there, and use what both name alike.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from micrograd.engine import grad, hessian, hvp, jacobian, jvp, vjp

from .inputs import Array, Shape, Stream
from .reference import Entry, dense, encode

FILE = Path(__file__).parent / "transforms.json"

Function = Callable[..., Any]


def mlp(lib: Any, x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Two layers, several results."""
    return lib.tanh(x @ w1 + b1) @ w2 + b2


def mlp_loss(lib: Any, x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """The mean square of what the two layers give."""
    return (mlp(lib, x, w1, b1, w2, b2) ** 2).mean()


def products(lib: Any, x: Any, y: Any) -> Any:
    """Broadcasting, division and a reduction."""
    return (lib.exp(x * y) / (1.0 + y * y)).sum(0)


def valley(lib: Any, x: Any) -> Any:
    """Rosenbrock's function, of any number of arguments."""
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def entropy(lib: Any, x: Any) -> Any:
    """The entropy of a softmax."""
    p = lib.exp(x) / lib.exp(x).sum()
    return -(p * lib.log(p)).sum()


MLP: tuple[Shape, ...] = ((4, 3), (3, 5), (5,), (5, 2), (2,))

FUNCTIONS: dict[str, tuple[Function, tuple[Shape, ...]]] = {
    "mlp": (mlp, MLP),
    "mlp_loss": (mlp_loss, MLP),
    "products": (products, ((3, 2), (2,))),
    "valley": (valley, ((6,),)),
    "entropy": (entropy, ((2, 3),)),
}
"""By name: a function, and the shapes of its arguments."""

ONE_ELEMENT = ("mlp_loss", "valley", "entropy")

CASES = [(kind, name) for kind in ("vjp", "jvp", "jacobian") for name in FUNCTIONS]
CASES += [(kind, name) for kind in ("grad", "hessian", "hvp") for name in ONE_ELEMENT]


class Draw:
    """The arguments of a function, and directions; the same for each kind of derivative."""

    def __init__(self, name: str) -> None:
        self.seed = zlib.crc32(name.encode())
        self.stream = Stream(self.seed)
        self.arguments = [self.stream.uniform(shape, -1.0, 1.0) for shape in FUNCTIONS[name][1]]
        self.directions = [self.stream.uniform(a.shape, -1.0, 1.0) for a in self.arguments]

    def like(self, out: Any) -> Array:
        """A gradient for a result."""
        return self.stream.uniform(tuple(out.shape), -1.0, 1.0)


def compute(kind: str, name: str) -> list[Array]:
    """A derivative as a flat list of arrays: by argument, or by pairs of them."""
    function, drawn = FUNCTIONS[name][0], Draw(name)
    argnums = tuple(range(len(drawn.arguments)))

    def f(*arguments: Any) -> Any:
        return function(np, *arguments)

    if kind == "vjp":
        out, pullback = vjp(f, *drawn.arguments)
        return [out, *pullback(drawn.like(out))]
    if kind == "jvp":
        return list(jvp(f, drawn.arguments, drawn.directions))
    if kind == "hvp":
        return list(hvp(lambda all_of_them: f(*all_of_them), drawn.arguments, drawn.directions))
    transform = {"grad": grad, "jacobian": jacobian, "hessian": hessian}[kind]
    found = transform(f, argnums)(*drawn.arguments)
    return [one for row in found for one in row] if kind == "hessian" else list(found)


def entry(kind: str, name: str, arrays: list[Array]) -> Entry:
    """A line of the file."""
    return {"seed": Draw(name).seed, "arrays": [encode(np.asarray(one)) for one in arrays]}


def write(torch: str, entries: dict[str, Entry]) -> None:
    """Write the file: one line a case."""
    lines = ",\n".join(f"{json.dumps(key)}: {dense(one)}" for key, one in entries.items())
    FILE.write_text(
        f'{{"torch": {json.dumps(torch)},\n"cases": {{\n{lines}\n}}}}\n',
        encoding="utf-8",
        newline="\n",
    )


def read() -> dict[str, Any]:
    """All that was recorded."""
    content: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return content
