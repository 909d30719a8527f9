"""How does a network read one thing after another, and remember?

It goes through a sequence step by step, with a state that each step reads and changes. What makes a
memory last are gates: numbers between 0 and 1, computed from the input and the state, that say how
much of the state stays and how much comes in.

Each step works on the whole batch. What does not depend on the state, the inputs' share of all
gates, is one product for all steps; the rest is three ops a step, which are in ``gates``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from micrograd.engine import Value, ops

from . import init
from .dropout import Dropout
from .gates import gru_gates, gru_step, lstm_gates, lstm_step, unstacked
from .inputs import batched, features, sizes, taken
from .module import Module


class Recurrent(Module):
    """What LSTM and GRU share: layers, directions, weights and states."""

    gates: int  # parts of a step's product
    states: int  # arrays that go from step to step

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw the weights from ``rng``; ``dtype`` is float64 unless it says float32."""
        counts = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
        for name, count in counts.items():
            sizes(type(self).__name__, name, count, 1)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        rng, dtype, bound = init.generator(rng), dtype or np.float64, 1.0 / math.sqrt(hidden_size)
        self._suffixes = ("", "_reverse") if bidirectional else ("",)
        rows = self.gates * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * len(self._suffixes)
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (rows, width),
                "weight_hh": (rows, hidden_size),
            }
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
            for suffix in self._suffixes:
                for name, shape in shapes.items():
                    full = f"{name}_l{layer}{suffix}"
                    numbers = rng.uniform(-bound, bound, shape).astype(dtype)
                    setattr(self, full, Value(numbers, full))
        between = Dropout(dropout, rng=rng)  # refuses what is no probability
        self.dropout = between if dropout else None

    def _run(self, x: Any, given: tuple[Any, ...] | None) -> tuple[Any, list[Any]]:
        """All layers: the last one's outputs, and of each kind of state the last ones."""
        dtype = self.weight_hh_l0.dtype  # type: ignore[attr-defined]
        x = taken(x, dtype)
        axes = ("N", "L", "H") if self.batch_first else ("L", "N", "H")
        single = x.ndim == 2
        x = np.expand_dims(x, 0 if self.batch_first else 1) if single else x
        x, _ = batched(self._head(), x, axes, None, alone=False)
        features(self._head(), x, self.input_size)
        x = np.swapaxes(x, 0, 1) if self.batch_first else x
        shape = (self.num_layers * len(self._suffixes), x.shape[1], self.hidden_size)
        first = self._first(given, shape, single, dtype)
        last: list[list[Any]] = [[] for _ in first]
        for layer in range(self.num_layers):
            outputs = []
            for suffix in self._suffixes:
                number = len(last[0])
                steps, ends = self._pass(x, [one[number] for one in first], f"_l{layer}{suffix}")
                outputs.append(steps)
                for kind, end in zip(last, ends, strict=True):
                    kind.append(end)
            x = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, -1)
            if self.dropout is not None and layer + 1 < self.num_layers:
                x = self.dropout(x)
        x = np.swapaxes(x, 0, 1) if self.batch_first else x
        found = [np.stack(kind) for kind in last]
        if single:
            x, found = x[0] if self.batch_first else x[:, 0], [one[:, 0] for one in found]
        return x, found

    def _first(self, given: Any, shape: Any, single: bool, dtype: Any) -> list[Any]:
        """The states to begin with: zeros, or what the caller gave, once its shapes are right."""
        if given is None:
            return [np.zeros(shape, dtype)] * self.states
        found = []
        for name, one in zip(("h0", "c0"), given, strict=False):
            one = taken(one, dtype)
            right = (shape[0], shape[2]) if single else shape
            if one.shape != right:
                raise ValueError(
                    f"{self._head()}: {name} has shape {one.shape}, but it must be {right}: "
                    "(layers times directions, samples, hidden_size)."
                )
            found.append(np.expand_dims(one, 1) if single else one)
        return found

    def _pass(self, x: Any, states: list[Any], end: str) -> tuple[Any, list[Any]]:
        """One layer in one direction: the hidden states of all steps, and the last states."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        found: list[Any] = [getattr(self, name + end, None) for name in names]
        weight, inner, b, c = found
        weight, inner = np.transpose(weight), np.transpose(inner)
        outer, within = self._biases(b, c)
        shares = unstacked(x @ weight if outer is None else ops.linear(x, weight, outer))
        backwards = end.endswith("_reverse")
        hidden = []
        for share in reversed(shares) if backwards else shares:
            states = self._step(share, inner, within, states)
            hidden.append(states[0])
        return np.stack(hidden[::-1] if backwards else hidden), states

    def _biases(self, b: Any, c: Any) -> tuple[Any, Any]:
        """What is added to the inputs' share, and to the product with the state."""
        raise NotImplementedError

    def _step(self, share: Any, weight: Any, bias: Any, states: list[Any]) -> list[Any]:
        """The next states, from the inputs' share and those before."""
        raise NotImplementedError

    def extra_repr(self) -> str:
        """The settings, as one writes them to build the layer."""
        text = f"{self.input_size}, {self.hidden_size}"
        text += f", num_layers={self.num_layers}" * (self.num_layers != 1)
        text += ", bias=False" * (not self.bias) + ", batch_first=True" * self.batch_first
        text += "" if self.dropout is None else f", dropout={self.dropout.p:g}"
        return text + ", bidirectional=True" * self.bidirectional


class LSTM(Recurrent):
    """Long short-term memory: a cell that gates write to, keep and read.

    **Maths.** At each step, with input x and states h and c,

        i, f, o = σ(W_ih x + b_ih + W_hh h + b_hh), each with its rows of the weights
        g = tanh(...), likewise
        c′ = f · c + i · g,   h′ = o · tanh(c′).

    Layers stand on each other: the next one reads h′ of all steps, with ``dropout`` between them.
    With ``bidirectional``, a second pass reads from the end, and its outputs stand behind the
    first one's.

    **Shapes.** ``x`` (L, N, input_size), or (N, L, input_size) with ``batch_first=True``, or
    (L, input_size) for one sequence. ``hx`` is a pair (h0, c0), each (layers · directions, N,
    hidden_size), zeros if left out. The result is ``output, (h_n, c_n)``: output (L, N,
    directions · hidden_size), or with N and L exchanged, and the states after the last step.
    ``weight_ih_l0`` is stored (4 · hidden_size, input_size) with the rows i, f, g, o, as in
    PyTorch; all weights begin uniform in ±1/√hidden_size.

    **Errors.** ValueError for an input of another rank, with other features, or without samples,
    and for states of another shape; TypeError for an ``hx`` that is no pair.

    **Source.** Hochreiter and Schmidhuber, Long short-term memory (1997); the gate f is from Gers,
    Schmidhuber and Cummins, Learning to forget (2000).

    **Example.**

    >>> layer = LSTM(3, 5, rng=np.random.default_rng(0))
    >>> output, (h, c) = layer(np.zeros((7, 2, 3)))
    >>> output.shape, h.shape, c.shape
    ((7, 2, 5), (1, 2, 5), (1, 2, 5))
    """

    gates, states = 4, 2

    def forward(self, x: Any, hx: tuple[Any, Any] | None = None) -> Any:
        """Read a sequence: see the class."""
        if hx is not None and not (isinstance(hx, (tuple, list)) and len(hx) == 2):
            raise TypeError(
                f"{self._head()}: hx is {type(hx).__name__}. Give a pair, (h0, c0), or leave it "
                "out."
            )
        output, (h, c) = self._run(x, hx if hx is None else tuple(hx))
        return output, (h, c)

    def _biases(self, b: Any, c: Any) -> tuple[Any, Any]:
        return (None, None) if b is None else (b + c, None)

    def _step(self, share: Any, weight: Any, bias: Any, states: list[Any]) -> list[Any]:
        h, c = states
        return list(lstm_step(lstm_gates(ops.linear(h, weight, share)), c))


class GRU(Recurrent):
    """A gated recurrent unit: an LSTM with one state and one gate less.

    **Maths.** At each step, with input x and state h,

        r, z = σ(W_ih x + b_ih + W_hh h + b_hh), each with its rows of the weights
        n = tanh(W_in x + b_in + r · (W_hn h + b_hn))
        h′ = (1 − z) · n + z · h.

    **Shapes.** As ``LSTM``, with rows r, z, n, so weights of 3 · hidden_size rows; ``hx`` is h0,
    and the result is ``output, h_n``.

    **Errors.** As ``LSTM``.

    **Source.** Cho et al., Learning phrase representations using RNN encoder-decoder (2014).

    **Example.**

    >>> layer = GRU(3, 5, batch_first=True, bidirectional=True, rng=np.random.default_rng(0))
    >>> output, h = layer(np.zeros((2, 7, 3)))
    >>> output.shape, h.shape
    ((2, 7, 10), (2, 2, 5))
    """

    gates, states = 3, 1

    def forward(self, x: Any, hx: Any = None) -> Any:
        """Read a sequence: see the class."""
        output, (h,) = self._run(x, None if hx is None else (hx,))
        return output, h

    def _biases(self, b: Any, c: Any) -> tuple[Any, Any]:
        return b, c

    def _step(self, share: Any, weight: Any, bias: Any, states: list[Any]) -> list[Any]:
        (h,) = states
        within = h @ weight if bias is None else ops.linear(h, weight, bias)
        return [gru_step(gru_gates(share, within), h)]
