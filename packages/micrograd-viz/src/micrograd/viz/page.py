"""What is a picture as a web page that stands alone?

One file without a script and without a network: the picture as SVG, at its size or as wide as the
window, and the graph as text below it, for who cannot see the picture.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from . import style
from .sketch import sketch_of
from .text_tree import tree

if TYPE_CHECKING:
    from .picture import Picture

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: {theme}; }}
body {{ background: {page}; color: {ink}; font: 15px/1.5 system-ui, sans-serif; margin: 1rem; }}
h1 {{ font-size: 1.1rem; font-weight: 600; }}
figure {{ margin: 0; overflow: auto; }}
#fit:checked ~ figure svg {{ width: 100%; height: auto; }}
pre {{ font: 12px/1.5 {fonts}; overflow: auto; }}
@media print {{
  label, #fit {{ display: none; }}
  figure {{ overflow: visible; }}
  figure svg {{ max-width: 100%; height: auto; }}
}}
</style>
</head>
<body>
<h1>{title}</h1>
<input type="checkbox" id="fit"> <label for="fit">as wide as the window</label>
<figure role="img" aria-label="{title}; the same as text follows">
{svg}
</figure>
<details>
<summary>The graph as text</summary>
<pre>{text}</pre>
</details>
</body>
</html>
"""


def render(picture: Picture) -> bytes:
    """Write a picture as a web page.

    **Errors.** `ValueError` for a picture that `draw_dot` did not make; those of SVG.
    """
    theme = sketch_of(picture, "html").wishes.theme
    root = picture.root
    assert root is not None  # a picture that has a sketch has a root
    svg = str(picture.pipe("svg", encoding="utf-8"))
    about = root.name or (root.op.name if root.op is not None else "a Value")
    return PAGE.format(
        title=html.escape(f"The graph behind {about}"),
        theme=theme,
        page=style.themed(style.GRAPH, theme)["bgcolor"],
        ink=style.themed(style.NODE, theme)["fontcolor"],
        fonts=style.FONTS,
        svg=svg[svg.index("<svg") :].strip(),
        text=html.escape(tree(root)),
    ).encode()
