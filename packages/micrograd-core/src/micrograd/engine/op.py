"""How does a function become an op with one rule per argument?

    @op(numpy=np.tanh)
    def tanh(x):
        return np.tanh(x)

    @tanh.gradient("x")
    def _(g, out, x):
        return g * (1 - out * out)

The function under ``@op`` is the forward: plain NumPy on arrays. The decorator returns another
function, which takes Values or arrays, runs the forward on the arrays and makes the node.
``tanh.op`` is the Op: its name, its rules and what it knows of its arguments.

``Op.apply`` is the complete way to call an op, as ``pull_any`` is to run its rules. ``shortcuts``
tells the shorter way that frequent cases take to the same result.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from .backward import pull_any
from .broadcasting import Array
from .value import FLOATS, STATE, Value, plain, tick

if TYPE_CHECKING:  # as type checkers see what @op makes
    from .typing import OpFunction

F = TypeVar("F", bound=Callable[..., Any])
OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "**": "pow", "@": "matmul"}
OPERATORS |= {"//": "floordiv", "%": "mod"}

# NumPy function -> what computes it for Values; ``numpy_protocol`` reads it.
NUMPY: dict[Callable[..., Any], Callable[..., Any]] = {}

# (number of arrays, has settings) -> what makes the function of such an op, () -> of any other.
SHORTCUTS: dict[tuple[Any, ...], Callable[[Op], Callable[..., Any]]] = {}  # see ``shortcuts``

new, float64, ndarray = Value.__new__, np.float64, np.ndarray  # a global name is found faster


class Op:
    """An op: a name, a forward, and a rule for each argument that takes a gradient."""

    pull: Callable[..., None] = staticmethod(pull_any)

    def __init__(
        self, forward: Any, name: str = "", constant: Any = (), opaque: bool = False
    ) -> None:
        if not inspect.isfunction(forward):
            raise TypeError(f"@op of {forward!r}. Write it above the def of a function.")
        self.constant = (constant,) if isinstance(constant, str) else tuple(constant)
        self.name = self.label = name or forward.__name__  # the label is what pictures show
        self.forward, self.opaque, self.distribution = forward, opaque, ""  # see `plugins`
        code = forward.__code__
        names, count, keywords = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
        self.variadic = bool(code.co_flags & inspect.CO_VARARGS)
        self.settings: tuple[str, ...] = names[count : count + keywords]
        self.arrays: tuple[str, ...] = names[:count] + names[count + keywords :][: self.variadic]
        self.defaults = forward.__kwdefaults__ or {}
        self.missing = [name for name in self.arrays if name not in self.constant]
        odd = len(self.missing) + len(self.constant) - len(self.arrays)  # a constant that is none
        if odd or forward.__defaults__ or code.co_flags & inspect.CO_VARKEYWORDS:
            got = f"@op {self.name}{inspect.signature(forward)}, constant={self.constant}"
            fix = "Positional parameters are arrays, without defaults, and constant= names some."
            raise TypeError(f"{got}. {fix} Put a setting behind a *, as keyword-only.")
        self.rules: list[Any] = [None] * len(self.arrays)
        self.placed = [False] * len(self.arrays)  # whether the rule is told the position

    def told(self) -> str:
        """The name, and for a plugin's op the distribution."""
        owner = self.distribution.removeprefix("micrograd-core")
        return self.name + f" ({owner})" * bool(owner)

    def argument(self, position: int) -> str:
        """The name of the argument at a position (all of ``*arrays`` share one)."""
        return self.arrays[min(position, len(self.arrays) - 1)]

    def gradient(self, argument: str) -> Callable[[F], F]:
        """Decorate the rule for one argument: ``rule(g, out, *arrays, *, the settings it wants)``.

        **Errors.** TypeError for an argument that needs no rule, or a setting that is not there.
        """
        gets = self.settings + ("position",) * self.variadic

        def enter(rule: F) -> F:
            code = rule.__code__
            wants = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
            if argument not in self.missing or not set(wants) <= set(gets):
                may = f"Rules are missing for {self.missing}, and may want any of {gets}."
                raise TypeError(f"{self.name}.gradient({argument!r}) wants {wants}. {may}")

            def chosen(*arrays: Array, **settings: Any) -> Array:
                return rule(*arrays, **{name: settings[name] for name in wants})

            chosen.__doc__ = rule.__doc__
            place = self.arrays.index(argument)
            self.rules[place] = rule if set(self.settings) <= set(wants) else chosen
            self.placed[place] = self.variadic and "position" in wants
            self.missing.remove(argument)
            return rule

        return enter

    def rule(self, position: int) -> Callable[..., Any]:
        """The rule for the operand at a position."""
        place = min(position, len(self.rules) - 1)
        rule = self.rules[place]
        return partial(rule, position=position) if self.placed[place] else rule

    def apply(self, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Run the op on any mixture of Values and arrays; on arrays alone it is the forward."""
        count = len(given) if self.variadic else len(self.arrays)
        extra = dict(zip(self.settings, given[count:], strict=False))
        if len(given) < count or len(given) > count + len(extra) or extra.keys() & named.keys():
            takes = f"{self.told()} takes the arrays {self.arrays}, then settings {self.settings}"
            raise TypeError(f"{takes}. It got {len(given)} by position and {tuple(named)} by name.")
        operands, settings = given[:count], {**self.defaults, **extra, **named}
        state = STATE.get()
        inputs = [self.bare(operand, i, state) for i, operand in enumerate(operands)]
        parents = [self.parent(operand, i) for i, operand in enumerate(operands)]
        out = state.forward(self)(*inputs, **settings)
        if not [one for one in operands if isinstance(one, Value)]:
            return out
        values = tuple([one if isinstance(one, Value) else None for one in operands])
        if not state.recording or not [one for one in parents if one is not None]:
            if type(out) is ndarray and (out.base is not None or any(out is a for a in inputs)):
                out = out.copy()  # a constant keeps nothing of where it came from
            parents, inputs, values = [], [], ()
        result = node(self, out, tuple(parents), tuple(inputs), settings, state.scope)
        (result[0] if type(result) is tuple else result).call._operands = values
        if state.watch is not None:
            state.watch.after_forward(self, operands, out, result)
        return result

    def bare(self, operand: Any, position: int, state: Any) -> Any:
        """What the forward gets for an operand."""
        if isinstance(operand, Value):
            return state.bare(operand)
        if operand is None or isinstance(operand, (float, int, np.generic)):
            return operand
        array = plain(operand)
        if array.dtype.kind not in "fiub":
            got = f"{operand!r} as {self.argument(position)!r}"
            raise TypeError(f"{self.told()} got {got}. Pass a Value, an array or a number.")
        return array

    def parent(self, operand: Any, position: int) -> Any:
        """The operand, if a gradient flows to it."""
        wanted = isinstance(operand, Value) and operand.requires_grad
        if not wanted or (argument := self.argument(position)) in self.constant:
            return None
        if argument in self.missing:
            fix = f"Write one with @{self.name}.gradient({argument!r}), or declare it constant."
            raise TypeError(f"{self.told()} has no rule for the Value given as {argument!r}. {fix}")
        return operand

    def check(self, out: Any) -> None:
        """Refuse what a forward must not return."""
        for one in out if type(out) is tuple else (out,):
            if hasattr(one, "_stamp") or getattr(one, "dtype", 0) not in FLOATS:
                got = f"{self.told()} returned {getattr(one, 'dtype', type(one).__name__)}"
                raise TypeError(f"{got}. Return float64 or float32, or compute it from .data.")


def node(op: Op, out: Array, parents: Any, inputs: Any, settings: Any, scope: str) -> Any:
    """A new node; a tuple of them where the forward returned a tuple."""
    if type(out) is not float64 and (type(out) is not ndarray or out.dtype not in FLOATS):
        op.check(out)
    made = new(Value)
    made._array, made._grad, made.has_grad = out, None, False
    made._inputs, made._op, made.settings = inputs, op, settings
    made._parents = made._operands = parents
    made._stamp, made.name, made.scope = tick(), "", scope
    made.requires_grad = parents != ()
    return made.results() if type(out) is tuple else made


@overload
def op(forward: Callable[..., Any], /) -> OpFunction: ...
@overload
def op(*, numpy: Any = (), operator: str = "", **how: Any) -> Callable[..., OpFunction]: ...
def op(forward: Any = None, *, numpy: Any = (), operator: str = "", **how: Any) -> Any:
    """Make a function an op.

    ``numpy`` is the NumPy function, or the functions, that the op computes for Values, and
    ``operator`` the operator that it is on Values. Further: ``name``, if it is not that of the
    function; ``constant``, the arguments that take no gradient; ``opaque=True`` if the forward
    leaves NumPy, so that a compiled program has to call it.

    **Errors.** TypeError for a parameter that is neither an array nor a setting.

    >>> @op
    ... def cube(x):
    ...     return x * x * x
    >>> @cube.gradient("x")
    ... def _(g, out, x):
    ...     return g * (3 * x * x)
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    array(12.)
    """
    if forward is None:
        return partial(op, numpy=numpy, operator=operator, **how)
    this = Op(forward, **how)
    this.label = operator if operator in OPERATORS else this.name
    alike = () if this.constant or this.variadic else (len(this.arrays), bool(this.settings))
    shortcut = SHORTCUTS.get(alike) or SHORTCUTS.get(())
    call = shortcut(this) if shortcut else lambda *given, **named: this.apply(given, named)
    update_wrapper(call, forward)
    call.op, call.gradient = this, this.gradient  # type: ignore[attr-defined]
    return derived(numpy=numpy, operator=operator)(call)


def derived(*, numpy: Any = (), operator: str = "") -> Callable[[F], F]:
    """Declare what a function of Values computes that needs no rule: its parts have theirs.

    ``numpy`` and ``operator`` are those of ``op``.
    """

    def declare(function: F) -> F:
        for one in numpy if isinstance(numpy, tuple) else (numpy,):
            NUMPY[one] = function
        if operator:
            setattr(Value, f"__{OPERATORS.get(operator, operator)}__", function)
        if operator in OPERATORS:
            setattr(Value, f"__r{OPERATORS[operator]}__", lambda y, x: function(x, y))
        return function

    return declare
