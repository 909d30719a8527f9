"""When does one look at a model that trains?

At one step of ten, say. Before such a step the parameters are copied and a recorder is registered;
after it the recorder goes, and a few numbers stay. At the other steps nothing is registered, and
all that `step` does is to count. The file to read next is `listening`.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Protocol

from micrograd.engine import Value, plugins

from . import html, table
from .counting import Array, Tally
from .layers import Layer, Layers
from .listening import Recorder
from .live import for_here
from .readings import History, Sample, read


class Model(Protocol):
    """What can be watched: a Module of micrograd.nn, for one."""

    def named_parameters(self) -> Iterable[tuple[str, Value]]:
        """Each parameter with its path, ``layers.0.weight``."""
        ...


def watch(model: Model, every: int = 10, *, live: bool = False) -> Watcher:
    """Look at a model while it trains: outputs, gradients and steps of each layer.

    Call ``step()`` once for each step of the training, behind ``optimizer.step()`` and before the
    gradients are cleared; or give the watcher to ``fit(..., callbacks=[watcher])``. The first step
    and then one of ``every`` are looked at, the others cost next to nothing. Training goes on with
    the same numbers, bit for bit.

    Layers are the parts that own parameters. What comes out of them is told apart by the scope of
    the nodes, which a Module of micrograd.nn opens by itself (otherwise ``with scope("hidden"):``
    around what uses the parameter ``hidden.weight``). A compiled program runs no rules, so there
    only the norms and updates of the parameters are known.

    ``print(watcher)`` is a table, ``watcher.plot()`` a figure. With ``live=True`` the table is
    drawn anew at each sample: in a notebook, or with rich in a terminal (give ``fit`` the
    ``progress="lines"`` then); where the output is a file, nothing is shown.

    **Errors.** TypeError for a model without ``named_parameters``; ValueError for one without
    parameters, and for ``every`` below 1.

    >>> from micrograd.engine import scope
    >>> class Line:
    ...     def __init__(self):
    ...         self.weight, self.bias = Value([[0.5]]), Value([0.0])
    ...     def named_parameters(self):
    ...         return [("line.weight", self.weight), ("line.bias", self.bias)]
    ...     def __call__(self, x):
    ...         with scope("line"):
    ...             return x @ self.weight + self.bias
    >>> model = Line()
    >>> with watch(model, every=2) as watcher:
    ...     for _ in range(3):
    ...         for _, parameter in model.named_parameters():
    ...             parameter.zero_grad()
    ...         ((model([[1.0], [2.0]]) - [[1.0], [2.0]]) ** 2).mean().backward()
    ...         for _, parameter in model.named_parameters():
    ...             parameter.data -= 0.1 * parameter.grad
    ...         watcher.step()
    >>> [sample.step for sample in watcher.samples]
    [1, 3]
    >>> round(watcher.last.readings[0].output_mean, 4)
    1.44
    """
    return Watcher(model, every, live)


class Watcher:
    """Looks at a model while it trains: see ``watch``.

    ``last`` and ``samples`` hold numbers, ``counts`` the histograms of the last sample, by the path
    of the layer; ``steps`` is how many steps were told.
    """

    def __init__(self, model: Model, every: int = 10, live: bool = False) -> None:
        self._named = _parameters_of(model)
        if not isinstance(every, int) or isinstance(every, bool) or every < 1:
            raise ValueError(f"watch: every is {every!r}. Give a whole number, at least 1.")
        self.every, self.steps = every, 0
        self.title = type(model).__name__
        self.counts: dict[str, Tally] = {}
        self._history = History()
        self._listening: _Listening | None = None
        self._screen = for_here() if live else None
        self._closed = False
        self._listen()

    @property
    def samples(self) -> list[Sample]:
        """What was seen, thinned out over a long training: the numbers of each layer."""
        return self._history.samples

    @property
    def last(self) -> Sample | None:
        """The newest sample; None before the first."""
        return self._history.last

    def step(self) -> None:
        """Say that the optimizer has taken a step, and its gradients are still there.

        **Errors.** RuntimeError when the gradients are gone already, or the watcher is closed.
        """
        self._refuse_if_closed()
        self.steps += 1
        if self._listening is not None:
            self._take(self._listening)
        if self.steps % self.every == 0:
            self._listen()

    def close(self) -> None:
        """Stop looking. What was seen stays."""
        self._stop_listening()
        self._closed = True
        if self._screen is not None:
            self._screen.stop()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def plot(self, what: str | None = None, ax: Any = None, figure: Any = None) -> Any:
        """Draw with matplotlib: one thing into ``ax``, or all of it into ``figure``; returns it.

        ``what`` is "outputs" or "gradients" (histograms of the last sample, layer by layer),
        "norms", "updates" or "dead" (over the steps). A step should be a thousandth of the
        weights, or so: "updates" has a line there.

        **Source.** of that rule of thumb, and of the idea of these pictures: Andrej Karpathy,
        [Building makemore, part 3](https://www.youtube.com/watch?v=P6sfmUTpUmc).

        **Errors.** ModuleNotFoundError with the install line when matplotlib is missing; ValueError
        for another ``what``, for an ``ax`` without one, and before the first sample.
        """
        from . import figures

        return figures.plot(self, what, ax, figure)

    def __repr__(self) -> str:
        """The last sample as a table of 80 columns."""
        return table.text(self)

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        return html.page(self)

    # -- what ``fit`` calls -------------------------------------------------------------------

    def on_fit_begin(self, run: Any) -> None:
        """Begin afresh: what was tried out before is not a step."""
        self._refuse_if_closed()
        if self.steps % self.every == 0:
            self._listen()

    def on_batch_end(self, run: Any) -> None:
        """A step was taken."""
        self.step()

    def on_fit_end(self, run: Any) -> None:
        """Let go; another ``fit`` may come."""
        self._stop_listening()
        if self._screen is not None:
            self._screen.stop()

    # -- inside ---------------------------------------------------------------------------------

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise RuntimeError("watch: this watcher is closed. Make a new one: watch(model).")

    def _listen(self) -> None:
        self._stop_listening()
        self._listening = _Listening(self, Layers(self._named()))

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.end()
            self._listening = None

    def _take(self, listening: _Listening) -> None:
        """Turn what was heard into numbers."""
        self._stop_listening()
        recorder, layers = listening.recorder, listening.recorder.layers.all
        if recorder.reached and not any(p.has_grad for one in layers for p in one.parameters):
            raise RuntimeError(
                "watch: the gradients of this step are gone. Call step() behind optimizer.step() "
                "and before zero_grad()."
            )
        tallies = recorder.tallies
        readings = tuple(read(one, tallies.get(one), listening.before[one]) for one in layers)
        self.counts = {layer.path: tally for layer, tally in tallies.items()}
        self._history.add(Sample(self.steps, readings))
        if self._screen is not None:
            self._screen.show(self)


class _Listening:
    """A recorder that is registered, and the parameters as they were."""

    def __init__(self, watcher: Watcher, layers: Layers) -> None:
        self.before: dict[Layer, list[Array]] = {
            layer: [parameter.data.copy() for parameter in layer.parameters] for layer in layers.all
        }
        self.recorder = Recorder(layers)
        plugins.register(self.recorder)
        # also if somebody drops the watcher without closing it
        self.end = weakref.finalize(watcher, _let_go, self.recorder)
        self.end.atexit = False


def _let_go(recorder: Recorder) -> None:
    plugins.unregister(recorder)
    recorder.forget()


def _parameters_of(model: Any) -> Any:
    """The method that lists the parameters."""
    named = getattr(model, "named_parameters", None)
    if not callable(named) or isinstance(model, type):
        got = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise TypeError(
            f"watch: model is {got}. Give a Module of micrograd.nn, or an object whose "
            'named_parameters() gives pairs such as ("hidden.weight", Value).'
        )
    if not list(named()):
        raise ValueError(f"watch: {type(model).__name__} has no parameters, so there is no layer.")
    return named
