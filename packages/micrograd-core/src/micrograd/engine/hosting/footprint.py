"""What does the import of a plugin change by itself?

Nearly all of a plugin is asked for by hooks. But ``@op(numpy=np.spacing)`` and
``@op(operator="divmod")`` act where they stand. What had no meaning for Values may get one so;
what core or another plugin gave a meaning keeps it. What is refused, or switched off, leaves
nothing of either kind behind.
"""

from __future__ import annotations

from typing import Any

from ..op import NUMPY
from ..value import Value
from .errors import PluginError


class Footprint:
    """What NumPy functions and operators do with Values, before an import and after it."""

    def __init__(self, module: str) -> None:
        """Look before the import of ``module``, or of an object in it."""
        self._root = module.partition(":")[0].partition(".")[0].strip()
        self._functions, self._operators = dict(NUMPY), _operators()
        self._added: list[Any] = []

    def check(self) -> None:
        """Look after the import.

        **Errors.** `PluginError` when something does another thing than before.
        """
        functions, operators = self._changed()
        told = sorted([f"np.{f.__name__}" for f in functions] + [f"Value.{n}" for n in operators])
        if told:
            raise PluginError(
                f"Importing it changed what {' and '.join(told)} {'do' if told[1:] else 'does'}, "
                "which is decided already.",
                "Leave that out of @op(numpy=..., operator=...); users reach the op by its name.",
            )
        self._added = self._new()

    def undo(self) -> None:
        """Take back what was changed, and what was added."""
        functions, operators = self._changed()
        NUMPY.update((f, self._functions[f]) for f in functions)
        for name in operators:
            setattr(Value, name, self._operators[name])
        self._added = self._new()
        self.leave()

    def leave(self) -> None:
        """Take back what was added, now or when the plugin is switched off."""
        for key in self._added:
            if not isinstance(key, str):
                NUMPY.pop(key, None)
            elif key in vars(Value):
                delattr(Value, key)
        self._added = []

    def _new(self) -> list[Any]:
        """NumPy functions and names of operators."""
        return [
            function
            for function, ours in NUMPY.items()
            # another plugin may have been imported by this one, and keeps what it added
            if function not in self._functions and _root(ours) == self._root
        ] + sorted(_operators().keys() - self._operators.keys())

    def _changed(self) -> tuple[list[Any], list[str]]:
        now = _operators()
        functions = [f for f, before in self._functions.items() if NUMPY.get(f) is not before]
        return functions, [n for n, before in self._operators.items() if now.get(n) is not before]


def _operators() -> dict[str, Any]:
    return {name: one for name, one in vars(Value).items() if name.startswith("__")}


def _root(function: Any) -> str:
    return str(getattr(function, "__module__", "")).partition(".")[0]
