"""Is an SVG picture of Graphviz whole: is nothing beyond its edge, and no text beyond its box?

From the numbers in the file alone. Text is as wide as in the widest fixed-width font that a browser
may take; a Chinese letter is as wide as it is high.
"""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"
LETTER = 0.602  # of DejaVu Sans Mono, in heights of the font
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
Box = tuple[float, float, float, float]  # left, top, right, bottom


def outside(svg: str, tolerance: float = 0.5) -> list[str]:
    """What reaches over the edge of the picture, in words."""
    picture = ET.fromstring(svg)
    left, top, width, height = (float(n) for n in picture.get("viewBox", "").split())
    edge = (left, top, left + width, top + height)
    return [told for told, box in _shapes(picture, np.eye(3)) if not _within(box, edge, tolerance)]


def spilled(svg: str, tolerance: float = 2.0) -> list[str]:
    """The texts that reach over the edge of their own box."""
    found = []
    for node in ET.fromstring(svg).iter(f"{SVG}g"):
        if "node" not in node.get("class", "").split():
            continue
        shapes = list(_shapes(node, np.eye(3)))
        boxes = [box for told, box in shapes if not told.startswith("text")]
        if boxes:  # a constant has none
            edge = _union(boxes)
            found += [
                t for t, box in shapes if t.startswith("text") and not _within(box, edge, tolerance)
            ]
    return found


def letters(text: str) -> float:
    """How wide a text is, in letters of a fixed-width font."""
    wide = {"W": 1 / LETTER, "F": 1 / LETTER}
    return sum(
        0 if unicodedata.combining(c) else wide.get(unicodedata.east_asian_width(c), 1)
        for c in text
    )


def _shapes(element: ET.Element, matrix: np.ndarray) -> Iterator[tuple[str, Box]]:
    """Everything drawn in an element, in words, and where it is."""
    matrix = matrix @ _transform(element.get("transform", ""))
    tag = element.tag.removeprefix(SVG)
    if tag in ("title", "style", "defs"):
        return
    if (corners := _corners(tag, element)) is not None:
        x, y = (matrix @ np.vstack([corners.T, np.ones(len(corners))]))[:2]
        told = f"text {element.text!r}" if tag == "text" else f"{tag} {element.get('id', '')}"
        yield told, (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    for child in element:
        yield from _shapes(child, matrix)


def _corners(tag: str, element: ET.Element) -> np.ndarray | None:
    """The points that a shape lies between."""

    def number(name: str) -> float:
        return float(element.get(name, "0"))

    if tag in ("polygon", "polyline", "path"):
        return _path(element.get("points") or element.get("d") or "")
    if tag == "ellipse":
        x, y, across, down = map(number, ("cx", "cy", "rx", "ry"))
        return np.array([[x - across, y - down], [x + across, y + down]])
    if tag == "text":
        size = number("font-size") or 14.0
        width = letters(element.text or "") * LETTER * size
        before = {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", "start"), 0.0)
        x, y = number("x") - before * width, number("y")
        return np.array([[x, y - 0.76 * size], [x + width, y + 0.24 * size]])
    assert tag in ("svg", "g", "a"), f"a {tag} is not measured"
    return None


def _path(told: str) -> np.ndarray:
    """Points on a path; the handles of a curve are not on it, and may lie outside."""
    found = np.empty((0, 2))
    t = np.linspace(0, 1, 20)[:, None]
    for command, numbers in re.findall(r"([A-Za-z]?)([^A-Za-z]+)", told):
        points = np.array([float(n) for n in re.findall(NUMBER, numbers)]).reshape(-1, 2)
        if command != "C":
            assert command in ("", "M", "L"), f"{command} is not measured"
            found = np.vstack([found, points])
            continue
        for first, second, end in points.reshape(-1, 3, 2):
            handles = 3 * (1 - t) * t * ((1 - t) * first + t * second)
            found = np.vstack([found, (1 - t) ** 3 * found[-1] + handles + t**3 * end])
    return found


def _transform(text: str) -> np.ndarray:
    matrix = np.eye(3)
    for name, told in re.findall(r"(\w+)\(([^)]*)\)", text):
        numbers = [float(n) for n in re.findall(NUMBER, told)]
        if name == "translate":
            step = np.array([[1, 0, numbers[0]], [0, 1, numbers[1]], [0, 0, 1]])
        elif name == "scale":
            step = np.diag([numbers[0], numbers[-1], 1])
        else:
            assert (name, numbers[0]) == ("rotate", 0), f"{name}({told}) is not measured"
            step = np.eye(3)
        matrix = matrix @ step
    return matrix


def _within(box: Box, edge: Box, tolerance: float) -> bool:
    starts = box[0] >= edge[0] - tolerance and box[1] >= edge[1] - tolerance
    return starts and box[2] <= edge[2] + tolerance and box[3] <= edge[3] + tolerance


def _union(boxes: list[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)
