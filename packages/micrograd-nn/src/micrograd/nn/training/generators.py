"""Where does the randomness of a run stand?

A run repeats bit for bit if every generator begins where it began before. A generator's state is a
few whole numbers; here they become plain Python, which JSON can hold, and a generator again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..module import Module


def state_of(generator: np.random.Generator) -> dict[str, Any]:
    """Where a generator stands, in plain Python.

    >>> state_of(np.random.default_rng(0))["bit_generator"]
    'PCG64'
    """
    plain: dict[str, Any] = _plain(generator.bit_generator.state)
    return plain


def restore(generator: np.random.Generator, state: Mapping[str, Any]) -> None:
    """Put a generator where another stood.

    **Errors.** ValueError when the state is that of another kind of generator.

    >>> rng, other = np.random.default_rng(0), np.random.default_rng(1)
    >>> restore(other, state_of(rng))
    >>> bool(rng.random() == other.random())
    True
    """
    have, got = generator.bit_generator.state["bit_generator"], state.get("bit_generator")
    if have != got:
        raise ValueError(
            f"The state is that of a {got} generator, but the generator is a {have}. Make the "
            "generators as they were made for the first run."
        )
    generator.bit_generator.state = _arrays(state)


def found(holder: object, path: str = "", seen: set[int] | None = None) -> Iterator[Any]:
    """Yield ``(path, generator)`` for every generator that ``holder`` holds, each once.

    Looked at are the attributes of ``holder`` and of Modules, and what lists, tuples and dicts
    hold.
    """
    seen = {id(holder)} if seen is None else seen
    if isinstance(holder, dict):
        contents: Iterator[tuple[Any, Any]] = iter(holder.items())
    elif isinstance(holder, (list, tuple)):
        contents = enumerate(holder)
    else:
        contents = iter(getattr(holder, "__dict__", {}).items())
    for key, thing in contents:
        if isinstance(thing, (np.random.Generator, Module, list, tuple, dict)):
            if id(thing) not in seen:
                seen.add(id(thing))
                here = f"{path}.{key}" if path else str(key)
                if isinstance(thing, np.random.Generator):
                    yield here, thing
                else:
                    yield from found(thing, here, seen)


def _plain(state: Any) -> Any:
    if isinstance(state, Mapping):
        return {key: _plain(one) for key, one in state.items()}
    return state.tolist() if isinstance(state, (np.ndarray, np.generic)) else state


def _arrays(state: Any) -> Any:
    if isinstance(state, Mapping):
        return {key: _arrays(one) for key, one in state.items()}
    return np.array(state, np.uint64) if isinstance(state, list) else state
