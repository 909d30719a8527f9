"""What would Python do slower than it need?

A program is written to be read: ``np.add(h1, bias, out=h1)``. Looking up ``np.add`` and passing
``out`` by name cost a tenth of a small step. So the tree that Python compiles says the same thing
shorter, ``add(h1, bias, h1)``, with the line numbers of the text; the text itself stays as it is.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

BY_NAME = {np.maximum, np.minimum}  # NumPy warns when they get out= by position


class Shorter(ast.NodeTransformer):
    """Calls of ufuncs, and products, without names that need looking up."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Pass ``out`` by position, and call a ufunc by a name of its own."""
        self.generic_visit(node)
        function = node.func
        if not isinstance(function, ast.Attribute) or [k.arg for k in node.keywords] != ["out"]:
            return node
        ufunc = getattr(np, function.attr, None)
        of_numpy = isinstance(function.value, ast.Name) and function.value.id == "np"
        if of_numpy and isinstance(ufunc, np.ufunc) and len(node.args) == ufunc.nin:
            name = f"np.{function.attr}"  # which no name of the program can be
            self.names[name] = ufunc
            short = ast.copy_location(ast.Name(name, ast.Load()), function)
            if ufunc in BY_NAME:
                return ast.copy_location(ast.Call(short, node.args, node.keywords), node)
        elif function.attr == "dot" and not of_numpy and len(node.args) == 1:
            short = function  # type: ignore[assignment]
        else:
            return node
        if ufunc in (np.maximum, np.minimum):  # NumPy wants their `out` by name
            call = ast.Call(short, node.args, node.keywords)
        else:
            call = ast.Call(short, [*node.args, node.keywords[0].value], [])
        return ast.copy_location(call, node)


def tuned(source: str, filename: str) -> tuple[Any, dict[str, Any]]:
    """The code of a program, and the names that it uses beyond those in its text."""
    shorter = Shorter()
    tree = ast.fix_missing_locations(shorter.visit(ast.parse(source)))
    return compile(tree, filename, "exec"), shorter.names
