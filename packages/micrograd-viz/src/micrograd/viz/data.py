"""What is a picture as data, for programs that draw themselves?

One JSON object: the nodes (Values, calls of ops, constants, folded modules), the edges between
them, the modules, and how many Values were left out. Numbers that JSON has no word for are text:
"nan", "inf", "-inf".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from micrograd.engine import Value

from .numbers import LAID_OUT, brief
from .sketch import Edge, Node, sketch_of

if TYPE_CHECKING:
    from .picture import Picture

KINDS = {"v": "value", "o": "op", "c": "constant", "m": "module"}


def render(picture: Picture) -> bytes:
    """Write a picture as JSON.

    **Errors.** `ValueError` for a picture that `draw_dot` did not make.
    """
    drawn = sketch_of(picture, "json")
    nodes = [_node(node) for node in drawn.nodes() if node.name != "more"]
    edges = [_edge(edge) for edge in drawn.edges() if edge.tail != "more"]
    found: dict[str, list[Any]] = {"nodes": nodes, "edges": edges, "modules": list(drawn.frames())}
    parts = [f'"{key}": [\n{_lines(rows)}]' for key, rows in found.items()]  # a line a thing
    return f'{{{", ".join(parts)}, "left_out": {drawn.plan.hidden}}}\n'.encode()


def _lines(rows: Iterable[object]) -> str:
    texts = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    return ",\n".join(texts) + "\n"


def numbers(array: npt.NDArray[Any]) -> Any:
    """A small array as numbers, in lists; the range of a larger one.

    >>> numbers(np.array([1.0, np.nan])), numbers(np.arange(50.0)), numbers(np.zeros((0, 2)))
    ([1.0, 'nan'], {'min': 0.0, 'max': 49.0}, {'min': None, 'max': None})
    """
    if array.size and array.ndim <= 2 and max(array.shape, default=0) <= LAID_OUT:
        return _plain(array.tolist())
    finite = array[np.isfinite(array)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
    return {"min": low, "max": high}


def _plain(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_plain(one) for one in tree]
    return tree if np.isfinite(tree) else str(tree)


def _node(node: Node) -> dict[str, Any]:
    kind = KINDS[node.name[0]]
    about: dict[str, Any] = {"name": node.name, "kind": kind, "module": node.place}
    value = node.value
    if kind == "value" and value is not None:
        return {**about, **_about(value)}
    if kind == "op" and value is not None:
        settings = {name: brief(one) for name, one in value.call.settings.items()}
        return {**about, "op": value.op.name, "label": value.op.label, "settings": settings}
    if kind == "module":
        return {**about, "path": node.fields[0][0], "text": [*node.fields[1], *node.fields[2]]}
    return {**about, "text": node.fields[0][0]}


def _about(value: Value) -> dict[str, Any]:
    return {
        "label": value.name,
        "shape": list(value.shape),
        "dtype": str(value.dtype),
        "requires_grad": bool(value.requires_grad),
        "data": numbers(value.data),
        "gradient": numbers(value.grad) if value.has_grad else None,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    position = {} if edge.position is None else {"position": edge.position}
    return {"from": edge.tail, "to": edge.head, **position}
