"""How does the page know which box and which arrow a step is about?

The graph is drawn once, by `draw_dot`, whose boxes are told through the hook that plugins use which
Value they show. The SVG then goes into the page, so it loses what a page has of its own
(namespaces, fonts, colours), and its boxes, ops and arrows get the numbers that the story calls
them by.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any

from micrograd.engine import Value, hookimpl, plugins

from .. import style
from ..drawing import draw_dot
from ..labels import NOT_COMPUTED, card, worded
from ..numbers import array_lines, spread
from .story import Story

CLASS = "play-value-"
PAINT = ("fill", "stroke", "font-family", "stroke-width")


class Boxes:
    """Tells each box of the player's picture its Value and its label."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.lines = {value: _lines(story, value) for value in story.place}

    @hookimpl(tryfirst=True)
    def micrograd_node_style(self, value: Value) -> dict[str, str] | None:
        if value not in self.lines:
            return None
        label = card(self.lines[value], "LR")
        return {"class": f"{CLASS}{self.story.place[value]}", "label": label}


def _lines(story: Story, value: Value) -> list[list[str]]:
    """What stands in a box: name, data, gradient with room for each of its running sums."""
    data = array_lines(value.data)
    data += [strip] if (strip := spread(value.data)) else []
    sums = [array_lines(one) for one in story.shares.get(value, [])]
    width = max((len(line) for lines in sums for line in lines), default=1)
    rows = max(map(len, sums), default=1)
    gradient = [NOT_COMPUTED.ljust(width), *[" " * width] * (rows - 1)]
    name = " ".join(story.names[value].split())
    return [[name], worded("data", data), worded("gradient", gradient)]


def draw(story: Story) -> str:
    """The graph as an SVG element of an HTML page.

    **Errors.** those of `draw_dot` and of its engines.
    """
    boxes = Boxes(story)
    with plugins.registered(boxes):
        text = draw_dot(story.root).pipe("svg", encoding="utf-8")
    svg = ET.fromstring(text)
    for element in svg.iter():
        _undress(element)
    svg.attrib |= {"class": "graph", "role": "group", "aria-label": "The computation graph"}
    for parent in list(svg.iter()):
        for child in [one for one in parent if one.tag in ("style", "image")]:
            parent.remove(child)
    for graph in svg.findall("g"):
        for background in graph.findall("polygon"):
            graph.remove(background)
    _number(svg, boxes)
    return ET.tostring(svg, encoding="unicode")


def _undress(element: ET.Element) -> None:
    """Take off namespaces and links, and the paint of our own style; plugins' stays."""
    element.tag = element.tag.rpartition("}")[2]
    for name in [name for name in element.attrib if name.startswith("{")]:
        del element.attrib[name]
    if element.tag == "a":
        element.tag = "g"
    usual = {"white", "none", "black", *style.NODE.values(), *style.EDGE.values()}
    for look in (
        style.PARAMETER,
        style.INPUT,
        style.OUTPUT,
        style.OP,
        style.CONSTANT,
        style.CLUSTER,
    ):
        usual.update(look.values())
    for name in PAINT:
        family = name == "font-family" or name == "stroke-width"
        if family or element.get(name) in usual:
            element.attrib.pop(name, None)


def _number(svg: ET.Element, boxes: Boxes) -> None:
    """Write the story's numbers at boxes (data-value), ops (data-call) and arrows (both)."""
    places = {place: value for value, place in boxes.story.place.items()}
    groups = [g for g in svg.iter("g") if {"node", "edge"} & set(g.get("class", "").split())]
    titles = {_titled(g): g for g in groups}
    drawn: dict[str, int] = {}  # Graphviz's name of a box -> the place of its Value
    for title, group in titles.items():
        match = re.search(rf"\b{CLASS}(\d+)", group.get("class", ""))
        if match:
            drawn[title] = int(match[1])
            _tell(group, places[drawn[title]], drawn[title], boxes)
    arrows: list[tuple[ET.Element, str, str]] = []
    for group in groups:
        tail, arrow, head = _titled(group).partition("->")
        if arrow:
            arrows.append((group, tail.partition(":")[0], head.partition(":")[0]))
    calls: dict[str, int] = {}  # Graphviz's name of an op -> the first of its results
    for _, tail, head in arrows:
        if tail not in drawn and head in drawn:
            calls[tail] = min(drawn[head], calls.get(tail, drawn[head]))
    for name, place in calls.items():
        titles[name].set("data-call", str(place))
    seen: Counter[tuple[int, int]] = Counter()
    for group, tail, head in arrows:
        if head in calls:
            group.set("data-to", str(calls[head]))
            if tail in drawn:
                value = places[drawn[tail]]
                operands = places[calls[head]].parents
                uses = [at for at, one in enumerate(operands) if one is value]
                pair = drawn[tail], calls[head]
                group.set("data-from", str(pair[0]))
                group.set("data-position", str(uses[seen[pair] % len(uses)]))
                seen[pair] += 1
        elif tail in calls and head in drawn:
            group.attrib |= {"data-call": str(calls[tail]), "data-result": str(drawn[head])}
    for group in svg.iter("g"):  # of frames too: a browser would show Graphviz's names for them
        for heading in group.findall("title"):
            group.remove(heading)


def _titled(group: ET.Element) -> str:
    title = group.find("title")
    return (title.text or "") if title is not None else group.get("id", "")


def _tell(group: ET.Element, value: Value, place: int, boxes: Boxes) -> None:
    """Make the box of a Value one that can be reached, read out and filled with a gradient."""
    name = boxes.story.names[value]
    group.attrib |= {"data-value": str(place), "tabindex": "0", "role": "button"}
    group.set("aria-label", f"{name}, {boxes.story.kind(value)}, shape {value.shape}")
    parts: Any = boxes.lines[value]
    texts = list(group.iter("text"))
    if len(texts) != sum(map(len, parts)):
        return  # a program's own label: left as it is
    words = [
        word for word, lines in zip(("name", "data", "gradient"), parts, strict=True) for _ in lines
    ]
    for text, word in zip(texts, words, strict=True):
        text.set("class", word)
