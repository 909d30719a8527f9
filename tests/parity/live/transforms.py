"""How are the derivatives of `parity/transforms.py` computed in PyTorch?"""

from __future__ import annotations

from typing import Any

import torch
from torch.func import grad, hessian, jacrev, jvp, vjp

from ..inputs import Array
from ..reference import Entry
from ..transforms import CASES, FUNCTIONS, Draw, entry


def compute(kind: str, name: str) -> list[Array]:
    """A derivative as a flat list of arrays: by argument, or by pairs of them."""
    function, drawn = FUNCTIONS[name][0], Draw(name)
    arguments = tuple(map(torch.from_numpy, drawn.arguments))
    directions = tuple(map(torch.from_numpy, drawn.directions))
    argnums = tuple(range(len(arguments)))

    def f(*given: Any) -> Any:
        return function(torch, *given)

    found: Any
    if kind == "vjp":
        out, pullback = vjp(f, *arguments)
        found = [out, *pullback(torch.as_tensor(drawn.like(out)))]
    elif kind == "jvp":
        found = jvp(f, arguments, directions)
    elif kind == "hvp":
        found = jvp(grad(f, argnums), arguments, directions)[1]
    elif kind == "hessian":
        found = [one for row in hessian(f, argnums)(*arguments) for one in row]
    else:
        found = {"grad": grad, "jacobian": jacrev}[kind](f, argnums)(*arguments)
    return [one.detach().numpy() for one in found]


def record() -> dict[str, Entry]:
    """What would stand in the file if it were recorded now."""
    return {f"{kind} of {name}": entry(kind, name, compute(kind, name)) for kind, name in CASES}
