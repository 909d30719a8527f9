"""Does this environment hold a package and what it declares, and nothing more?

Each package's suite starts with it, so that a test can never pass thanks to something that a user
of that package would not have:

    python tests/isolation.py PACKAGE... -- TOOL...

The packages must be installed from this checkout (another distribution on the index owns files
under `micrograd/` too), and may be given with extras; the tools, such as pytest, may be there with
what they need.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SOURCE = Path(__file__).resolve().parent.parent / "packages" / "micrograd-core" / "src"
SEEDS = frozenset({"pip", "setuptools", "wheel"})


def needed(line: str, extras: frozenset[str]) -> Requirement | None:
    """A requirement, if it holds on this machine for these extras."""
    requirement = Requirement(line)
    marker = requirement.marker
    if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras}):
        return requirement
    return None


def closure(names: Iterable[str]) -> set[str]:
    """These distributions, `name` or `name[extra]`, and all that they need, by canonical name."""
    given = [Requirement(name) for name in names]
    waiting = [(canonicalize_name(one.name), frozenset(one.extras)) for one in given]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for line in metadata.distribution(name).requires or ():
            if requirement := needed(line, extras):
                key = canonicalize_name(requirement.name)
                waiting.append((key, frozenset(requirement.extras)))
    return {name for name, _ in seen}


def complaints(packages: list[str], tools: list[str]) -> list[str]:
    """All that is wrong with this environment."""
    found: list[str] = []
    spec = importlib.util.find_spec("micrograd.engine")
    where = spec.origin if spec else None
    if where is None or not Path(where).resolve().is_relative_to(SOURCE):
        found.append(
            f"`import micrograd.engine` gives {where}, not the one in {SOURCE}. Take the other "
            "micrograd out of this environment: pip uninstall micrograd"
        )
    installed = {canonicalize_name(one.name) for one in metadata.distributions()}
    extra = installed - closure([*packages, *tools]) - SEEDS
    if extra:
        found.append(
            f"This environment holds {', '.join(sorted(extra))}, which {', '.join(packages)} and "
            f"the tools ({', '.join(tools)}) do not declare. Remove it: hatch env prune"
        )
    return found


def main(arguments: list[str]) -> int:
    split = arguments.index("--")
    packages, tools = arguments[:split], arguments[split + 1 :]
    found = complaints(packages, tools)
    for complaint in found:
        print(complaint, file=sys.stderr)
    if not found:
        versions = (f"{name} {metadata.version(name)}" for name in sorted(closure(packages)))
        print(f"This environment holds {', '.join(versions)}, and {', '.join(tools)} to test with.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
