"""How good is a model on data that it does not learn from?"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from micrograd.engine import Value, no_grad

from .. import losses
from .. import metrics as metric_functions
from ..module import Module
from .arrays import joined, mapped, with_dtype
from .batches import Batches

Metrics = Mapping[str, Callable[[Any, Any], Any]]
Look = Callable[[Any, Any], tuple[float, Any]]  # at a batch, without learning from it


def evaluate(
    model: Module, X: Any, y: Any, loss: Any, metrics: Any = (), *, batch_size: int = 256
) -> dict[str, float]:
    """The loss and the metrics of a model on data, as a dict.

    Nothing is learned: no graph is recorded, and the model is in ``eval`` mode meanwhile. The loss
    is the mean over the batches, each weighed by its rows; a metric sees all predictions at once.
    ``loss`` and ``metrics`` are what ``fit`` takes. Numbers with a fraction are converted to the
    dtype of the parameters, as in ``fit``.

    **Example.**

    >>> from micrograd.nn import Linear
    >>> model = Linear(2, 2, rng=np.random.default_rng(0))
    >>> X, y = np.eye(2), np.array([0, 1])
    >>> for name, number in evaluate(model, X, y, "cross_entropy", ["accuracy"]).items():
    ...     print(name, round(number, 3))
    loss 0.532
    accuracy 0.5
    """
    data = Batches(X, y, batch_size, False, None, False, None, "evaluate")
    convert(data, model)
    function, measures = as_loss(loss, "evaluate"), as_metrics(metrics, "evaluate")
    return measured(model, data, looking(model, function), measures)


def predict(model: Module, X: Any, *, batch_size: int = 256) -> Any:
    """What a model says about data, as an array; in ``eval`` mode, batch by batch, without a graph.

    Numbers with a fraction are converted to the dtype of the parameters, as in ``fit``.

    **Example.**

    >>> from micrograd.nn import Linear
    >>> predict(Linear(2, 3), np.zeros((5, 2))).shape
    (5, 3)
    """
    data = Batches(X, None, batch_size, False, None, False, None, "predict")
    convert(data, model)
    with evaluating(model):
        return joined([numbers(call(model, x)) for x in data])


def looking(model: Module, loss: Callable[..., Any]) -> Look:
    """A function of a batch that gives its loss and the prediction's arrays."""

    def look(x: Any, y: Any) -> tuple[float, Any]:
        prediction = call(model, x)
        return loss_of(loss, prediction, y).item(), numbers(prediction)

    return look


def measured(model: Module, data: Batches, look: Look, metrics: Metrics) -> dict[str, float]:
    """See ``evaluate``."""
    total, predictions, targets = 0.0, [], []
    with evaluating(model):
        for portion in data:
            x, y = portion if data.y is not None else (portion, None)
            loss, prediction = look(x, y)
            total += loss * rows_in(x)
            if metrics:
                predictions.append(prediction)
                targets.append(y)
    found = {"loss": total / data.rows}
    if metrics:
        found |= scores(metrics, joined(predictions), joined(targets))
    return found


def scores(metrics: Metrics, prediction: Any, target: Any) -> dict[str, float]:
    """Each metric's number.

    **Errors.** TypeError for a metric that gives no number.
    """
    found = {}
    for name, metric in metrics.items():
        number = metric(prediction, target)
        number = number.data if isinstance(number, Value) else number
        if np.ndim(number):
            raise TypeError(
                f"The metric {name!r} gave an array of shape {np.shape(number)}, and a history "
                "holds one number an epoch. Reduce it, or compute it after the training."
            )
        found[name] = float(number)
    return found


def try_out(metrics: Metrics, prediction: Any, target: Any) -> None:
    """Refuse metrics that cannot be told about such predictions, or give no number.

    A function of the user's own may need more rows than these; if it fails here, it is asked again
    at the end of the epoch.
    """
    for name, metric in metrics.items():
        ours = getattr(metric, "__module__", "").startswith("micrograd.nn.")
        try:
            number = metric(prediction, target)
        except Exception:
            if ours:
                raise
            continue
        scores({name: lambda *_, number=number: number}, prediction, target)


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Without a graph, and with ``training`` False in every module, for as long as it lasts."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def convert(data: Batches, model: Module) -> None:
    """Bring fractions to the dtype of the parameters: float64 data would lift all to float64."""
    kinds = {parameter.dtype for parameter in model.parameters()}
    if len(kinds) == 1:
        data.dtype = kinds.pop()  # what a transform returns is converted, too
        data.X, data.y = with_dtype(data.dtype, data.X), with_dtype(data.dtype, data.y)


def call(model: Module, x: Any) -> Any:
    """The model's prediction: a tuple is its arguments, a dict its named ones."""
    if isinstance(x, tuple):
        return model(*x)
    return model(**x) if isinstance(x, dict) else model(x)


def loss_of(loss: Callable[..., Any], prediction: Any, y: Any) -> Any:
    """The loss of a prediction; without targets it is asked about the prediction alone.

    **Errors.** ValueError when it is not one number.
    """
    value = loss(prediction) if y is None else loss(prediction, y)
    if not isinstance(value, Value) or value.size != 1:
        got = f"shape {value.shape}" if isinstance(value, Value) else f"a {type(value).__name__}"
        raise ValueError(
            f"The loss gave {got}, but training needs one number, a Value. Reduce it, with "
            ".mean() or reduction='mean'."
        )
    return value


def numbers(prediction: Any) -> Any:
    """The arrays of a prediction's Values; a list becomes a tuple."""

    def number(one: Any) -> Any:
        if isinstance(one, list):
            return numbers(tuple(one))
        return one.data if isinstance(one, Value) else np.asarray(one)

    return mapped(number, prediction)


def rows_in(x: Any) -> int:
    """How many rows a batch has."""
    while isinstance(x, (tuple, dict)):
        x = x[0] if isinstance(x, tuple) else next(iter(x.values()))
    return len(x)


def as_loss(loss: Any, told: str) -> Callable[..., Any]:
    """The function that a loss given by name or as a function is.

    **Errors.** KeyError with near misses for an unknown name; TypeError for what is neither.
    """
    if isinstance(loss, str):
        return losses.get(loss)
    if callable(loss) and not (isinstance(loss, type)):
        return loss  # type: ignore[no-any-return]
    raise TypeError(
        f"{told}: loss is {loss!r}. Give the name of a loss ({', '.join(losses.names())}), or a "
        "function of a prediction and a target."
    )


def as_metrics(metrics: Any, told: str) -> Metrics:
    """Functions by name, out of a list of names and functions, a dict of them, or one of them.

    **Errors.** KeyError with near misses for an unknown name; TypeError for what is neither, and
    ValueError for a name that is used twice, or is the loss's.
    """
    if isinstance(metrics, Mapping):
        pairs = list(metrics.items())
    else:
        single = isinstance(metrics, str) or not isinstance(metrics, Iterable)
        given = [metrics] if single else list(metrics)
        pairs = [(one if isinstance(one, str) else _name(one), one) for one in given]
    found: dict[str, Callable[[Any, Any], Any]] = {}
    for name, metric in pairs:
        if name in found or name == "loss" or name.startswith("val_"):
            why = "is there twice" if name in found else "is a name of the history's own"
            raise ValueError(
                f"{told}: the metric {name!r} {why}. Give metrics as a dict, with other names."
            )
        if isinstance(metric, str):
            metric = _metric(metric)
        elif not callable(metric) or isinstance(metric, type):
            raise TypeError(
                f"{told}: the metric {name!r} is {metric!r}. Give a name "
                f"({', '.join(metric_functions.names())}), or a function of a prediction and a "
                "target that gives a number."
            )
        found[name] = metric
    return found


def _metric(name: str) -> Callable[[Any, Any], Any]:
    """A metric by name; a loss is one, too."""
    if name in losses.names():
        loss = losses.get(name)
        return lambda prediction, target: loss(Value(prediction, requires_grad=False), target)
    try:
        return metric_functions.get(name)
    except KeyError:
        known = [*metric_functions.names(), *losses.names()]
        near = difflib.get_close_matches(name, known, 3, 0.6)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(known)}."
        raise KeyError(f"There is no metric {name!r}. {hint}") from None


def _name(metric: Any) -> str:
    function = getattr(metric, "func", metric)  # of a functools.partial
    return str(getattr(function, "__name__", type(metric).__name__))
