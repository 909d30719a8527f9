"""How does each box look, after everybody was asked?

viz's own style tells kinds of Values apart and comes in through the hook `micrograd_node_style`, as
those of plugins do. Who gives an attribute first has it: the program, then strangers by name, then
viz. So the order of installation changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from unicodedata import category

import graphviz

from micrograd.engine import Value, plugins

from . import style

ATTRIBUTES = (  # noqa: SIM905 - a page of quotation marks otherwise
    "area class color colorscheme comment distortion fillcolor fixedsize fontcolor fontname "
    "fontsize gradientangle group height href id image imagepos imagescale label labelloc layer "
    "margin nojustify ordering orientation penwidth peripheries pin pos regular root samplepoints "
    "shape shapefile sides skew sortv style target tooltip URL width xlabel z"
).split()
"""What Graphviz knows of a node, and would pass over in silence if it were misspelled."""

Look = dict[str, str]


class _Checked(type):
    def __instancecheck__(cls, answer: object) -> bool:
        check(answer)
        return True


class NodeStyle(metaclass=_Checked):
    """What the hook may return: `isinstance` of it says by a `TypeError` what is wrong.

    So a bad answer is found where core knows whom to blame for it.
    """


def check(answer: object) -> None:
    """Refuse what is no mapping of a node's attributes to text, or would break the DOT file."""
    if not isinstance(answer, Mapping):
        raise TypeError(f"it returned {type(answer).__name__}, not a mapping of attributes to text")
    for name, text in answer.items():
        if name not in ATTRIBUTES:
            near = get_close_matches(str(name), ATTRIBUTES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise TypeError(f"it returned {name!r}, which is no attribute of a node{hint}")
        if not isinstance(text, str):
            raise TypeError(f"its {name} is {text!r}, not text")
        if any(category(c) in ("Cc", "Cs") and c != "\n" for c in text):
            raise TypeError(f"its {name}, {text!r}, holds a character that no picture may hold")
        if (len(text) - len(text.rstrip("\\"))) % 2:
            raise TypeError(f"its {name}, {text!r}, ends in a single backslash")


def looks(
    root: Value, values: Iterable[Value], own: Callable[[Value, Look], Look] | None = None
) -> dict[Value, Look]:
    """The attributes of each Value's box, of a picture that ends in `root`.

    `own` changes what viz itself gives to a box, under what plugins give.

    A stranger that fails for one of the Values is left out of the whole picture, with a warning.
    """
    own = own or (lambda value, look: look)
    if len(plugins.manager.hook.micrograd_node_style.get_hookimpls()) == 1:  # viz's own
        return {value: own(value, _own(value, root, style.kind(value))) for value in values}
    answers = {
        value: list(plugins.call_each("micrograd_node_style", NodeStyle, value=value))
        for value in values
    }
    counts = [Counter(distribution for distribution, _ in answer) for answer in answers.values()]
    most: Counter[str] = Counter()
    for count in counts:
        most |= count
    failed = {distribution for count in counts for distribution in most - count}
    return {
        value: merged(
            own(value, _own(value, root, given)) if distribution == "micrograd-viz" else given
            for distribution, given in reversed(answer)
            if given is not None and distribution not in failed
        )
        for value, answer in answers.items()
    }


def _own(value: Value, root: Value, look: Look) -> Look:
    """viz's own style, which also knows the output; the hook is told of one Value alone."""
    return style.OUTPUT if value is root and value.op is not None else look


def merged(styles: Iterable[Mapping[str, str]]) -> Look:
    """Lay styles over each other, the last one uppermost; classes come together."""
    look: Look = {}
    for one in styles:
        look = style.over(look, {name: graphviz.nohtml(text) for name, text in one.items()})
    return look
