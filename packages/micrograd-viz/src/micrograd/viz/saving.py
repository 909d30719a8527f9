"""How is a picture written to a file, in the format that the file's name ends in?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from micrograd.engine import Value

from . import formats
from .drawing import draw_dot

if TYPE_CHECKING:
    from .picture import Picture

SUFFIXES = (".svg", ".png", ".pdf", ".html", ".mmd", ".json", ".dot")
"""What every `save` knows; other formats of Graphviz, and those of plugins, are written too."""


def save(root: Value, path: str | os.PathLike[str], **wishes: Any) -> str:
    """Draw the graph behind `root` into a file, and return the file's path.

    The suffix says the format: `.svg`, `.png` and `.pdf` are pictures; `.html` is a page that
    stands alone; `.mmd` is Mermaid, which GitHub draws; `.json` is the graph as data; `.dot` is the
    text for Graphviz. SVG, HTML, Mermaid, JSON and DOT need nothing but pip; PNG and PDF need a
    `dot` on the PATH, or `pip install "micrograd-viz[png]>=1,<2"`. The other settings are those of
    `draw_dot`.

    **Errors.** `ValueError` for a suffix that nobody knows; `RuntimeError` for a format that cannot
    be rendered here. Nothing is written then.

    **Example.**

    >>> from tempfile import TemporaryDirectory
    >>> x = Value(3.0, name="x")
    >>> with TemporaryDirectory() as folder:
    ...     print(Path(save(x * x, f"{folder}/graph.mmd")).read_text().splitlines()[0])
    flowchart LR
    """
    return draw_dot(root, **wishes).save(path)


def write(picture: Picture, path: Path) -> str:
    """Write a picture into a file; `Picture.save` says what to expect."""
    suffix = path.suffix.lower()
    if suffix in (".dot", ".gv"):
        data = picture.source.encode()
    else:
        data = picture.pipe(_format(path, suffix))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return os.fspath(path)


def _format(path: Path, suffix: str) -> str:
    """The format that a suffix means.

    **Errors.** `ValueError` with the suffixes that there are.
    """
    try:
        if not suffix:
            raise ValueError
        formats.find(suffix[1:])
    except ValueError:
        got = f"the suffix {suffix!r}" if suffix else "no suffix"
        raise ValueError(
            f"save: {path.name} has {got}, which tells no format. End the name in "
            f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
        ) from None
    return suffix[1:]
