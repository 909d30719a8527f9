"""What does the language model read? Short stories, by a source that we know all about.

A story is a pattern whose gaps are filled with words drawn at random. So one can say exactly how
surprising the next character is, in nats, to somebody who knows the source and remembers the whole
story: ``entropy()`` on average, ``surprise(lines)`` in stories that were told. No model can do
better, and how far one stays above it is what it has not learned. And one can tell whether a story
that a model has made up is one that the source might have told: ``is_story``.

    python examples/stories.py      prints ten of them
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

PRONOUNS = {"anna": "she", "clara": "she", "ida": "she", "lena": "she"}
PRONOUNS |= {"emil": "he", "jonas": "he", "oskar": "he", "theo": "he"}

WORDS = {
    "a": list(PRONOUNS),
    "b": list(PRONOUNS),  # somebody else
    "thing": ["lamp", "boat", "ring", "clock", "map", "key", "horn", "drum", "book", "spoon"],
    "kind": ["small", "red", "broken", "golden", "wooden", "heavy", "strange", "tiny"],
    "animal": ["dog", "cat", "goat", "hen", "fox", "mouse"],
    "did": ["slept", "waited", "sang", "danced", "hid", "sat"],
    "place": [
        *("by the river", "in the mill", "at the well", "on the hill"),
        *("in the barn", "near the sea", "at home", "in town"),
    ],
}

# A gap that comes again is filled with the same word; {she} is a's pronoun. Who wants to foretell
# such a word must remember one that stood twenty or forty characters before.
PATTERNS = [
    "{a} found a {kind} {thing} {place}. {she} gave the {thing} to {b}.",
    "{a} asked {b} for a {thing}. {b} lent {a} a {kind} {thing}.",
    "the {thing} {place} is mine, said {a}. no, said {b}, not {a}'s.",
    "{a} had a {kind} {animal}. it {did}, and so {she} {did}, too.",
    "{place} {did} a {animal}. {a} fed the {animal}, for {she} was kind.",
    "was it {a}'s {animal} that {did}? no, said {a}, it was {b}'s.",
]


def story(rng: np.random.Generator) -> str:
    """One story."""
    words = {gap: choice[rng.integers(len(choice))] for gap, choice in WORDS.items()}
    others = [name for name in WORDS["b"] if name != words["a"]]
    words["b"] = others[rng.integers(len(others))]
    return PATTERNS[rng.integers(len(PATTERNS))].format(**words, she=PRONOUNS[words["a"]])


def gaps(pattern: str) -> list[str]:
    """The names of the gaps, as they come."""
    return re.findall(r"{(\w+)}", pattern)


def nats(pattern: str) -> float:
    """How surprising each story of a pattern is.

    **Maths.** As surprising as the draws that made it: log 6 for the pattern, and log n for each
    gap with n words to choose from, but for gaps that repeat. Nothing else is random, and no story
    can be made in two ways.
    """
    drawn = set(gaps(pattern)) - {"she"}
    return float(np.log([len(PATTERNS)] + [len(WORDS[gap]) - (gap == "b") for gap in drawn]).sum())


def entropy() -> float:
    """What a character costs on average, in nats, the line's end counted as one."""
    length = 0.0
    for pattern in PATTERNS:
        choices = [WORDS.get(gap, [PRONOUNS[name] for name in WORDS["a"]]) for gap in gaps(pattern)]
        length += sum(np.mean([len(word) for word in choice]) for choice in choices)
        length += len(re.sub(r"{\w+}", "", pattern)) + 1
    return sum(map(nats, PATTERNS)) / float(length)


@cache
def forms() -> list[re.Pattern[str]]:
    """A regular expression for each pattern."""
    found = []
    for pattern in PATTERNS:
        text, seen = "", set()
        for part in re.split(r"({\w+})", pattern):
            gap = part.strip("{}")
            if not part.startswith("{"):
                text += re.escape(part)
            elif gap in seen:
                text += f"(?P={gap})"
            else:
                seen.add(gap)
                text += f"(?P<{gap}>{'|'.join(WORDS.get(gap, ['she', 'he']))})"
        found.append(re.compile(text))
    return found


def pattern_of(line: str) -> str | None:
    """The pattern that a story follows: every word in its place, and everybody remembered."""
    for pattern, form in zip(PATTERNS, forms(), strict=True):
        if match := form.fullmatch(line):
            words = match.groupdict()
            right = words.get("she", PRONOUNS[words["a"]]) == PRONOUNS[words["a"]]
            return pattern if right and words["a"] != words.get("b") else None
    return None


def is_story(line: str) -> bool:
    """Whether the source might have told it."""
    return pattern_of(line) is not None


def surprise(lines: list[str]) -> float:
    """What a character of these stories costs, in nats, to somebody who knows the source."""
    return sum(nats(pattern_of(line)) for line in lines) / sum(len(line) + 1 for line in lines)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    print(*(story(rng) for _ in range(10)), sep="\n")
    print(f"({entropy():.4f} nats a character)")
