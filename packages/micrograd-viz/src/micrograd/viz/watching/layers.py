"""Which layer made a node?

A layer is a part of a model with parameters of its own: `layers.0` has `layers.0.weight`. A node
remembers the scope that it was made in, and a scope that begins with the path of a layer is inside
it. Two models may use the same words, so a node counts only if a parameter of the layer led to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from micrograd.engine import Value


@dataclass(frozen=True, eq=False)
class Layer:
    """A part of a model, and the parameters that are its own."""

    path: str
    parameters: tuple[Value, ...]

    @property
    def along_second_axis(self) -> bool:
        """Whether its units are channels, as those of a convolution are: (batch, channel, …)."""
        return any(parameter.ndim > 2 for parameter in self.parameters)

    def owns(self, node: Value) -> bool:
        """Whether one of the parameters is an operand of a node."""
        own = self.parameters
        return any(one is p for one in node.parents if one is not None and not one.op for p in own)


@dataclass(frozen=True)
class Place:
    """A layer, the scope in which it ran (the model may stand in another), and the layer around."""

    layer: Layer
    home: str
    outer: Place | None = None

    def holds(self, node: Value) -> bool:
        """Whether a node was made inside. The model itself has no scope, only its parameters."""
        if not self.home:
            return self.layer.owns(node)
        return node.scope == self.home or node.scope.startswith(f"{self.home}.")

    def is_inside(self, scope: str) -> bool:
        """Whether the layer is a part of what has that scope; everything is inside of ""."""
        return not scope or self.home.startswith(f"{scope}.")

    def made(self, node: Value) -> bool:
        """Whether a parameter of the layer led to a node, without leaving the layer."""
        seen, waiting = {node.call}, [node.call]
        for one in waiting:  # which grows meanwhile
            if self.layer.owns(one):
                return True
            for parent in one.parents:
                if parent is not None and parent.op and parent.call not in seen:
                    if self.holds(parent.call):
                        seen.add(parent.call)
                        waiting.append(parent.call)
        return False


class Layers:
    """The layers of a model, in the order of its parameters."""

    def __init__(self, named: Iterable[tuple[str, Value]]) -> None:
        parts: dict[str, list[Value]] = {}
        for name, parameter in named:
            parts.setdefault(name.rpartition(".")[0], []).append(parameter)
        self.all = [Layer(path, tuple(parameters)) for path, parameters in parts.items()]
        self._by_path = {layer.path: layer for layer in self.all}
        self._root = self._by_path.pop("", None)
        self._places: dict[str, Place | None] = {}

    def place(self, node: Value) -> Place | None:
        """Where a node was made, if that is in a layer."""
        scope = node.scope
        if scope not in self._places:
            self._places[scope] = self._search(scope)
        place = self._places[scope]
        if place is None and self._root is not None and self._root.owns(node):
            return Place(self._root, "")
        return place

    def left(self, made: Value, user: Value) -> list[Place]:
        """The layers, inner first, whose output a node is when another one uses it."""
        found, place = [], self.place(made)
        while place is not None and not place.holds(user):
            found.append(place)
            place = place.outer
        return found

    def _search(self, scope: str) -> Place | None:
        """The innermost layer whose path the scope goes through, with those around it."""
        words, place = scope.split("."), None
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                layer = self._by_path.get(".".join(words[start:end]))
                if layer is not None:
                    place = Place(layer, ".".join(words[:end]), place)
            if place is not None:
                return place
        return None
