"""How does a program leave? As a Python file that imports NumPy and nothing of ours.

Below the program stand the arrays that it needs (parameters, frozen constants, what an optimizer
remembers), written out or loaded from an ``.npz`` file beside it, and one function:

    program(X, y)      takes the arguments by position and returns the results

Gradients are in the arrays ``d_<parameter>`` of the module, parameters in those of their own name.
Numbers that an optimizer computes before each step are keywords; their defaults are the next ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .recording import Held
from .refusal import CannotCompile

if TYPE_CHECKING:
    from .entry import Entry

MOST_WRITTEN = 10_000  # numbers; beyond, "auto" puts them beside the file


def save(entry: Entry, path: Any, arrays: str = "auto") -> None:
    """Write a program and its arrays to a file; see ``Program.save``."""
    path, built = Path(path), entry.built
    if arrays not in ("auto", "embed", "npz"):
        raise ValueError(f"save: arrays={arrays!r}. Pass 'auto', 'embed' or 'npz'.")
    if built.writer.unnamed:
        raise CannotCompile(
            f"save: the program calls {', '.join(built.writer.unnamed)}, which no module gives by "
            "name. Define it at the top of a module that the file can import."
        )
    needed, views = {**built.writer.constants, **_arrays(entry)}, _views(entry)
    needed = {name: one for name, one in needed.items() if name not in views}
    many = sum(one.size for one in needed.values()) > MOST_WRITTEN
    beside = arrays == "npz" or (arrays == "auto" and many)
    lines = [built.source, ""]
    if beside:
        np.savez(path.with_suffix(".npz"), **needed)
        lines.append('_arrays = np.load(__file__.removesuffix(".py") + ".npz")')
    for name, one in needed.items():
        lines.append(f'{name} = _arrays["{name}"]' if beside else f"{name} = {_written(one)}")
    for name, shape, dtype in _gradients(entry):
        if name not in views:
            lines.append(f"{name} = np.zeros({shape}, np.{dtype})")
    lines += [f"{name} = {view}" for name, view in views.items()]
    for name, generator in _generators(entry):
        lines += _generator(name, generator)
    given, rest, scalars = _parts(entry)
    keywords = ", ".join([*given, *(f"{name}={number!r}" for name, number in scalars.items())])
    lines += [
        "",
        "_step = make_step()",
        "",
        "",
        f"def program({keywords}):",
        '    """Run it in the buffers of this module; the results are fresh arrays."""',
        f"    return _step({', '.join([*given, *rest, *scalars])})",
        "",
    ]
    path.write_text("\n".join(lines), "utf-8")


def _arrays(entry: Entry) -> dict[str, Any]:
    """The arrays that the program reads or writes at each call, by name."""
    held = [one for one in entry.built.inputs if one.kind in ("parameter", "state")]
    return {entry.built.plan.name[one]: np.asarray(one.source._array) for one in held}


def _views(entry: Entry) -> dict[str, str]:
    """The parameters and gradients that are parts of a flat array, and which."""
    names, found = entry.built.plan.name, dict[str, str]()
    inputs = {one.source: one for one in entry.built.inputs if one.kind == "parameter"}
    for one in entry.states:
        if isinstance(one.source, Held) and one.source.what in ("data", "gradient"):
            start, prefix = 0, "" if one.source.what == "data" else "d_"
            for parameter in one.source.piece.parameters:
                stop = start + parameter.size
                sizes = ", ".join(map(str, parameter.shape)) or "()"
                part = f"{names[one]}[{start}:{stop}].reshape({sizes})"
                found[prefix + names[inputs[parameter]]] = part
                start = stop
    return found


def _gradients(entry: Entry) -> list[tuple[str, Any, Any]]:
    """Name, shape and dtype of the arrays that gradients are written into."""
    names = entry.built.gradient_names()
    return [(names[one], one.shape, one.dtype) for one in entry.gradients]


def _generators(entry: Entry) -> list[tuple[str, Any]]:
    """The generators that the function closes over."""
    inputs, names = entry.built.inputs, entry.built.plan.name
    found = [one for one in inputs if one.kind == "generator" and type(one.source) is not int]
    return [(names[one], one.source) for one in found]


def _parts(entry: Entry) -> tuple[list[str], list[str], dict[str, float]]:
    """What a caller gives, what the program has, and the numbers of the next step."""
    names, built = entry.built.plan.name, entry.built
    given = [names[one] for one in built.inputs if type(one.source) is int]
    scalars = entry.program.optimizer.scalars() if entry.scalars else {}
    rest = [one for one in built.arguments() if one not in {*given, *scalars}]
    return given, rest, scalars


def _written(array: Any) -> str:
    """An array in full precision."""
    if not array.size:
        return f"np.empty({array.shape}, np.{array.dtype})"
    text = repr(array.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    return f"np.array({text}, np.{array.dtype})"


def _generator(name: str, generator: Any) -> list[str]:
    """A generator in the state that it has now."""
    kind, state = type(generator.bit_generator).__name__, generator.bit_generator.state
    if any(isinstance(one, np.ndarray) for one in state["state"].values()):
        raise CannotCompile(
            f"save: the state of a {kind} generator is an array. Use np.random.default_rng(seed)."
        )
    return [
        f"{name} = np.random.Generator(np.random.{kind}())",
        f"{name}.bit_generator.state = {state!r}",
    ]
