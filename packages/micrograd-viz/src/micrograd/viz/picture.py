"""How does a graphviz.Digraph render itself in any format, also where there is no `dot`?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import graphviz

from micrograd.engine import Value

from . import formats, notebook, saving
from .sketch import Sketch

SVG = "image/svg+xml"
FileName = os.PathLike[str] | str | None


class Picture(graphviz.Digraph):  # type: ignore[misc]  # graphviz has no types
    """A `graphviz.Digraph` that renders after pip alone.

    `source`, `render`, `view`, `pipe` and the display in a notebook take the same arguments and
    give the same results as graphviz's own; `save` writes any format, and "json" is the graph as
    data (Graphviz's is "json0"). They run a `dot` on the PATH if there is one, else pygraphviz if
    it is installed (`pip install "micrograd-viz[png]>=1,<2"`: PNG, PDF and more), else the Graphviz
    in WebAssembly that comes along (SVG). An SVG file gets a small style sheet. The formats that
    plugins add are rendered by these.

    A renderer finds here all that it may want: `source`, the text for Graphviz; `root`, the Value
    that the graph ends in (None in a picture that `draw_dot` did not make); `looks`, the
    attributes of each Value's box; `sketch`, the boxes and arrows as data; and, as they were asked
    for, `format`, `engine`, `renderer`, `formatter`, `neato_no_op` and `quiet`. So a picture keeps
    its graph alive; one that is pickled leaves it behind.

    **Errors.** `ValueError` for a format that nobody has, and for an engine and options that
    Graphviz, or the one that is here, does not have; `RuntimeError` for a format that no installed
    engine can write, or whose renderer fails; `RecursionError` for a graph too deep for the
    WebAssembly engine.
    """

    root: Value | None = None
    looks: Mapping[Value, Mapping[str, str]] = {}
    sketch: Sketch | None = None
    neato_no_op: bool | int | None = None
    quiet = False

    if TYPE_CHECKING:  # graphviz's own, which says no types

        @property
        def source(self) -> str: ...

    @property
    def format(self) -> str:
        """The format of the picture, unless `render` or `pipe` is told another."""
        return str(self._format)

    @format.setter
    def format(self, format: str) -> None:
        formats.find(format)
        self._format = format.lower()

    def copy(self) -> Picture:
        """Another picture of the same graph."""
        copied: Picture = super().copy()
        copied.root, copied.looks, copied.sketch = self.root, self.looks, self.sketch
        return copied

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "root": None, "looks": {}, "sketch": None}

    @overload
    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: None = None,
    ) -> bytes: ...

    @overload
    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: str,
    ) -> str: ...

    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: str | None = None,
    ) -> bytes | str:
        """Render, and return the file's bytes, or its text if `encoding` is given."""
        asked = self.copy()
        asked.neato_no_op, asked.quiet = neato_no_op, quiet
        told = {"format": format, "renderer": renderer, "formatter": formatter, "engine": engine}
        for name, option in told.items():
            if option is not None:
                setattr(asked, name, option)
        data = formats.render(asked)
        return data if encoding is None else data.decode(encoding)

    def save(
        self,
        filename: FileName = None,
        directory: FileName = None,
        *,
        skip_existing: bool | None = False,
    ) -> str:
        """Write the picture in the format that the file's name ends in; return the file's path.

        `.svg .png .pdf .html .mmd .json .dot`, and the other formats of Graphviz and plugins;
        with `.dot` and `.gv`, or without a name, the text for Graphviz. With `skip_existing`, a
        file that is there already stays as it is.

        **Errors.** `ValueError` for a suffix that nobody knows, `RuntimeError` for a format that no
        installed engine can write. Nothing is written then.
        """
        path = Path(directory or self.directory, filename or self.filename)
        if skip_existing and path.exists():
            return os.fspath(path)
        return saving.write(self, path)

    def render(
        self,
        filename: FileName = None,
        directory: FileName = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        quiet_view: bool = False,
        *,
        outfile: FileName = None,
        engine: str | None = None,
        raise_if_result_exists: bool = False,
        overwrite_source: bool = False,
    ) -> str:
        """Save the DOT text, write the picture beside it, and return the picture's path.

        `render("graph")` writes `graph` and `graph.svg`; `render(outfile="graph.svg")` writes
        `graph.gv` and `graph.svg`; with `cleanup=True` only the picture stays.
        """
        if raise_if_result_exists and overwrite_source:
            raise ValueError(
                "render: raise_if_result_exists and overwrite_source were both given, but they "
                "exclude each other. Give one of them."
            )
        target = None
        if outfile is not None:
            target = Path(outfile) if directory else Path(self.directory, outfile)
            filename = filename or Path(outfile).with_suffix(".gv")
            format = format or target.suffix[1:]
        format = format or self.format
        source = Path(directory or self.directory, filename or self.filename)
        target = target or Path(f"{source}.{format.rpartition(':')[2]}")
        if target.exists() and raise_if_result_exists:
            raise graphviz.FileExistsError(
                f"render: {target} is there already, and raise_if_result_exists=True was "
                "asked for. Remove the file or choose another name."
            )
        if target.resolve() == source.resolve() and not overwrite_source:
            raise ValueError(
                f"render: source and picture would both be written to {target}. "
                "Choose another filename= or outfile=, or pass overwrite_source=True."
            )
        data = self.pipe(format, renderer, formatter, neato_no_op, quiet, engine=engine)
        super().save(filename, directory=directory)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if cleanup:
            source.unlink()
        if view or quiet_view:
            graphviz.view(os.fspath(target), quiet=quiet_view)
        return os.fspath(target)

    def _repr_image_svg_xml(self) -> str:
        """Show the picture in a notebook, as wide as the cell at most."""
        return notebook.inline(self.pipe("svg", encoding="utf-8"))

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, Any]:
        """What a notebook is offered: SVG, as HTML too; other formats if it asks for them."""
        usual = self._jupyter_mimetype
        told = {usual, "text/html"} if usual == SVG else {usual}
        wanted = told if include is None else set(include)
        wanted -= set(exclude or ())
        html = "text/html" in wanted
        shown: dict[str, Any] = super()._repr_mimebundle_(wanted | ({SVG} if html else set()))
        if html:
            shown["text/html"] = notebook.in_cell(shown[SVG], self.root)
        return {kind: picture for kind, picture in shown.items() if kind in wanted}

    def _repr_svg_(self) -> str:
        """Show the picture in tools that ask for SVG by this older name."""
        return self._repr_image_svg_xml()
