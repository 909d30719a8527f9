"""Where does an instruction come from? The comments of the program say so."""

from __future__ import annotations

from typing import Any, NamedTuple


class Note(NamedTuple):
    """Whose instruction it is: an op's, a rule's, the function's own, or the optimizer's."""

    kind: str = ""  # "op", "rule", "update", or "" for NumPy that the function itself calls
    name: str = ""  # of the op, or of the optimizer
    scope: str = ""
    argument: str = ""  # for which a rule computes the gradient
    maths: str = ""  # the first line of the docstring
    target: Any = None  # what the symbol is the gradient of, or the Value that the op makes

    def comment(self) -> str:
        """The line above the instructions."""
        where = f"{self.scope}: " * bool(self.scope)
        maths = short(self.maths)
        if self.kind == "op":
            return f"{where}{self.name}" + f" ({maths})" * bool(maths)
        if self.kind == "rule":
            return f"{where}rule of {self.name} for {self.argument}" + f": {maths}" * bool(maths)
        return f"{self.name}: {maths}" if self.kind == "update" else ""

    @property
    def group(self) -> tuple[str, ...]:
        """Equal for steps that one op or one rule made."""
        return (self.kind, self.name, self.scope, self.argument)


def short(maths: str) -> str:
    """The formula of a docstring's line, without what is said about it afterwards."""
    return maths.partition(";")[0].partition(", for ")[0].rstrip(".")
