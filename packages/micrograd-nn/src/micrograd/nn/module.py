"""What is a part of a network?

An object with parameters and a ``forward``. It needs no registration: ``parts``, the file to read
first, finds what it holds. The path by which a thing is found is its name, ``layers.0.weight``;
gradients, state and the printed tree are said in terms of that.

``linear`` is the smallest real module; ``mlp`` and ``sequential`` put several together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from reprlib import recursive_repr
from typing import Any, ClassVar, TypeVar

import numpy as np

from micrograd.engine import Value, consult, scope

from .html_tree import html_tree
from .parts import Holder, every_path, name_within, own, walk
from .state import Differences, dump_state, load_state
from .tree import tree

Self = TypeVar("Self", bound="Module")


# What runs the forward of each module in its place: see ``observed``.
Observer = Callable[..., Any]

_running: ContextVar[Module | None] = ContextVar("micrograd.nn.running", default=None)
_observing: ContextVar[Observer | None] = ContextVar("micrograd.nn.observing", default=None)


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Let ``observer(module, *args, **settings)`` run the forward of every module called inside."""
    running, observing = _running.set(None), _observing.set(observer)
    try:
        yield
    finally:
        _running.reset(running)
        _observing.reset(observing)


class Module(Holder):
    """A part of a network: parameters, parts of its own, and a ``forward``.

    Write a subclass, assign Values and Modules to its attributes in ``__init__``, and say in
    ``forward`` what it computes. Every Value that is assigned is a parameter (keep data in plain
    arrays), frozen ones with ``requires_grad=False`` too.

    **Errors.** NotImplementedError when a module without a ``forward`` is called.

    **Example.**

    >>> import numpy as np
    >>> from micrograd.nn import Linear, Module
    >>> class Residual(Module):
    ...     def __init__(self, size, rng):
    ...         self.inner = Linear(size, size, rng=rng)
    ...         self.scale = Value(0.5)
    ...     def forward(self, x):
    ...         return x + self.scale * self.inner(x)
    >>> block = Residual(3, rng=np.random.default_rng(0))
    >>> [name for name, _ in block.named_parameters()]
    ['inner.weight', 'inner.bias', 'scale']
    >>> block(np.ones((2, 3))).parents[1].parents[1].scope
    'inner'
    >>> block
    Residual(
      inner: Linear(3, 3)
      scale: ()
    )
    """

    torch_transposed: ClassVar[tuple[str, ...]] = ()
    """The attributes, of two axes, that PyTorch stores the other way round."""

    def __new__(cls: type[Self], *args: Any, **settings: Any) -> Self:
        """Make the module; here, so that a subclass need not call ``super().__init__()``."""
        module = super().__new__(cls)
        module.training = True
        return module

    @property
    def training(self) -> bool:
        """Whether the network is being trained, or used: a compiled program is one for each."""
        return bool(consult(self, "_training"))

    @training.setter
    def training(self, mode: bool) -> None:
        self._training = mode

    def forward(self, *args: Any, **settings: Any) -> Any:
        """What the module computes; a subclass says so."""
        raise NotImplementedError(
            f"{type(self).__name__} was called, but it has no forward method. "
            "Define forward(self, x) in the class."
        )

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """Run ``forward`` inside the scope of this module's name.

        The nodes that a forward pass makes remember it (``node.scope == "layers.0"``); pictures
        group by it. The name is relative to the module that is running, so the module that one
        calls first adds none.
        """
        outer = _running.get()
        name = "" if outer is None else name_within(outer, self)
        observer = _observing.get()
        forward = self.forward if observer is None else partial(observer, self)
        token = _running.set(self)
        try:
            if not name:
                return forward(*args, **settings)
            with scope(name):
                return forward(*args, **settings)
        finally:
            _running.reset(token)

    def zero_grad(self) -> None:
        """Clear the gradients of all parameters; ``backward`` would add to them."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def requires_grad_(self: Self, flag: bool = True) -> Self:
        """Let gradients reach the parameters; with ``False``, freeze them.

        A frozen parameter stays in ``parameters()`` and ``state_dict()``. From the next forward
        on it gets no gradient, and an optimizer leaves alone what has none; a gradient from before
        is cleared. An optimizer with ``flat=True``, and ``compile``, want the others only:
        ``[p for p in model.parameters() if p.requires_grad]``.

        **Example.**

        >>> from micrograd.nn import MLP
        >>> model = MLP(2, [4, 1])
        >>> model.layers[0].requires_grad_(False)
        Linear(2, 4)
        >>> [name for name, p in model.named_parameters() if p.requires_grad]
        ['layers.1.weight', 'layers.1.bias']
        """
        for parameter in self.parameters():
            parameter.requires_grad = flag
            if not flag:
                parameter.zero_grad()
        return self

    def apply(self: Self, function: Callable[[Module], Any]) -> Self:
        """Call ``function`` with this module and every module in it, to begin weights, say.

        **Example.**

        >>> from micrograd.nn import MLP, Linear
        >>> def begin(module):
        ...     if isinstance(module, Linear):
        ...         module.bias.data = np.full(module.bias.shape, 0.1)
        >>> MLP(2, [4, 1]).apply(begin).layers[1].bias.data
        array([0.1])
        """
        for module in self.modules():
            function(module)
        return self

    def train(self: Self, mode: bool = True) -> Self:
        """Set ``training`` here and in every module inside: for layers that act differently."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: Self) -> Self:
        """The opposite of ``train()``: the network is being used, not trained."""
        return self.train(False)

    def state_dict(self, layout: str = "micrograd") -> dict[str, np.ndarray]:
        """A copy of the numbers in every parameter and every buffer, by name.

        What is there under several names (tied weights) is told under the first of them. With
        ``layout="torch"`` it is told under all, and arrays lie as PyTorch stores them: the weight
        of a ``Linear`` is (outputs, inputs) there.
        """
        state = dump_state(self._entries(), self._transposed(), layout)
        tied = self._tied() if layout == "torch" else {}
        return state | {name: state[first].copy() for name, first in tied.items()}

    def load_state_dict(
        self, state: Mapping[str, Any], strict: bool = True, layout: str | None = None
    ) -> Differences:
        """Copy arrays into the parameters and buffers of the same names.

        Numbers are converted to the dtype that the module has. With ``strict=False``, names that
        only one side has are left alone and returned. Tied weights may come under any of their
        names. ``layout="torch"`` says that the arrays, or tensors, lie as PyTorch stores them;
        entries from ``load`` say it themselves.

        **Errors.** ValueError that lists every name that is missing, every name that is
        unexpected, every shape that differs and every two entries for one parameter that differ,
        all at once. Nothing has been loaded then.
        ValueError also for tensors of PyTorch, or a file of unknown origin, without a layout.

        **Example.**

        >>> from micrograd.nn import Linear
        >>> import numpy as np
        >>> Linear(2, 1).load_state_dict({"weight": np.ones((3, 1)), "scale": 2.0})
        Traceback (most recent call last):
            ...
        ValueError: load_state_dict: these entries do not fit Linear(2, 1):
          missing: bias of shape (1,)
          unexpected: scale
          wrong shape: weight has shape (2, 1) but the entry has (3, 1)
        Build the network with the sizes that the entries come from, or pass strict=False to \
leave alone what only one side has.
        """
        kept, transposed, head = self._entries(), self._transposed(), self._head()
        how: dict[str, Any] = {"strict": strict, "layout": layout, "head": head}
        return load_state(kept, transposed, state, tied=self._tied(), **how)

    def _entries(self) -> dict[str, Value]:
        """The parameters and the buffers, by name."""
        return {path: thing for path, thing, _ in walk(self) if isinstance(thing, Value)}

    def _tied(self) -> dict[str, str]:
        """The further names of what is there under several, each with the first one."""
        first = {id(value): name for name, value in self._entries().items()}
        names = ((name, first[id(value)]) for name, value in every_path(self))
        return {name: one for name, one in names if name != one}

    def _transposed(self) -> set[str]:
        """The names in ``_entries`` that PyTorch stores the other way round."""
        there = {id(getattr(m, name)) for m in self.modules() for name in m.torch_transposed}
        return {name for name, value in self._entries().items() if id(value) in there}

    def extra_repr(self) -> str:
        """What stands in the brackets of this module's line in a printed network."""
        return ""

    def _head(self) -> str:
        return f"{type(self).__name__}({self.extra_repr()})"

    def _shown_parts(self) -> Iterator[tuple[str, Any]]:
        """What stands below a module that is shown: (path, Module, Value or text) pairs."""
        return ((path, thing) for path, thing, _ in own(self))

    @recursive_repr("...")
    def __repr__(self) -> str:
        """The tree of the network: a line a module, and a line a parameter of its own.

        A module that has an ``extra_repr`` tells its parameters there.
        """
        extra = self.extra_repr()
        parts = [
            (path, _told(thing, path in self._buffers) if isinstance(thing, Value) else str(thing))
            for path, thing in self._shown_parts()
            if not extra or not isinstance(thing, Value)
        ]
        return tree(type(self).__name__, extra, parts)

    def _repr_html_(self) -> str:
        """The same for a notebook, where parts fold; nothing is run."""
        return html_tree(self)


def _told(value: Value, buffer: bool) -> str:
    return f"{value.shape}" + (" buffer" if buffer else " frozen" * (not value.requires_grad))
