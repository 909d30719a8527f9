"""How does a graphviz.Digraph render itself where there is no `dot`?"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import graphviz

from . import engines
from .style import dress

FileName = os.PathLike[str] | str | None


class Picture(graphviz.Digraph):  # type: ignore[misc]  # graphviz has no types
    """A `graphviz.Digraph` that renders after pip alone.

    `source`, `save`, `render`, `view`, `pipe` and the display in a notebook take the same arguments
    and give the same results as graphviz's own. They run a `dot` on the PATH if there is one, else
    pygraphviz if it is installed (`pip install "micrograd-viz[png]>=1,<2"`: PNG, PDF and more),
    else the Graphviz in WebAssembly that comes along (SVG). An SVG file gets a small style sheet.

    **Errors** `RuntimeError` for a format that no installed engine can write, `ValueError` for one
    that Graphviz does not know and for options that only a `dot` has, `RecursionError` for a graph
    too deep for the WebAssembly engine.
    """

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
    ) -> Any:
        """Render, and return the file's bytes, or its text if `encoding` is given."""
        options = {"renderer": renderer, "formatter": formatter, "neato_no_op": neato_no_op}
        wanted = format or self.format
        if engines.has_dot():
            data = super().pipe(wanted, **options, quiet=quiet, engine=engine)
            data = dress(data) if wanted.lower() == "svg" else data
        else:
            data = self._without_dot(wanted, engine, options)
        return data if encoding is None else data.decode(encoding)

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
        options = {"renderer": renderer, "formatter": formatter, "neato_no_op": neato_no_op}
        if engines.has_dot():
            picture: str = super().render(
                filename,
                directory=directory,
                cleanup=cleanup,
                format=format,
                **options,
                quiet=quiet,
                outfile=outfile,
                engine=engine,
                raise_if_result_exists=raise_if_result_exists,
                overwrite_source=overwrite_source,
            )
            if picture.lower().endswith(".svg"):
                Path(picture).write_bytes(dress(Path(picture).read_bytes()))
        else:
            target = None
            if outfile is not None:
                target = Path(outfile) if directory else Path(self.directory, outfile)
                filename = filename or Path(outfile).with_suffix(".gv")
                format = format or target.suffix[1:]
            format = format or self.format
            source = Path(directory or self.directory, filename or self.filename)
            target = target or Path(f"{source}.{format}")
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
            data = self._without_dot(format, engine, options)
            self.save(filename, directory=directory)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            if cleanup:
                source.unlink()
            picture = os.fspath(target)
        if view or quiet_view:
            graphviz.view(picture, quiet=quiet_view)
        return picture

    def _repr_svg_(self) -> str:
        """Show the picture in tools that ask for SVG by this older name."""
        return str(self.pipe("svg", encoding="utf-8"))

    def _without_dot(self, format: str, layout: str | None, options: dict[str, Any]) -> bytes:
        """Render inside this process, once it is sure that graphviz's options can be honoured."""
        options = options | {
            "renderer": options["renderer"] or self.renderer,
            "formatter": options["formatter"] or self.formatter,
        }
        given = [name for name, option in options.items() if option]
        if given:
            raise ValueError(
                f"picture: {' and '.join(given)} was given, but only a `dot` on the PATH takes it, "
                "and there is none. Leave it out, or install Graphviz."
            )
        layout = layout or self.engine
        _known("format", format.lower(), graphviz.FORMATS)
        _known("engine", layout, graphviz.ENGINES)
        data = engines.without_dot(self.source, format.lower(), layout)
        return dress(data) if format.lower() == "svg" else data


def _known(what: str, name: str, names: Collection[str]) -> None:
    if name not in names:
        raise ValueError(
            f"picture: {what} {name!r} was asked for, which Graphviz does not have. "
            f"Ask for one of {', '.join(sorted(names))}."
        )
