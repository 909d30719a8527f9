"""Which figure did a program print?"""

from __future__ import annotations

import re


def percent(pattern: str, text: str) -> float:
    """The figure in what a program printed."""
    found = re.search(pattern.replace("NUMBER", r"([\d.]+) ?%"), text)
    assert found, text
    return float(found[1])
