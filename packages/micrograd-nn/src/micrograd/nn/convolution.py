"""How does a layer look at every place of a signal or an image in the same way?

One small weight slides over all places, and at each gives the sum of its products with what it
covers. To compute all sums at once, the numbers under each window are laid out as one column of a
matrix ("im2col"); then the layer is one matrix product, and so is each of its gradients. What the
columns' gradients say about a number that several windows share is added up by the kernel ``fold``.

    image ── windows ──► columns (inputs of a window, places)
    weight (outputs, inputs of a window) @ columns ──► (outputs, places) ──► image

``pooling`` slides windows too, and takes their largest number or their mean.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from micrograd.engine import Value, ops

from . import init
from .inputs import batched, sizes, taken, told
from .module import Module

MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
Widths = list[tuple[int, int]]


class Convolution(Module):
    """What Conv1d and Conv2d share; ``rank`` is the number of axes that the window slides along."""

    rank: int
    axes: tuple[str, ...]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] | str = 0,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw weight and bias from ``rng``; ``dtype`` is float64 unless it says float32."""
        name = type(self).__name__
        counts = {"in_channels": in_channels, "out_channels": out_channels, "groups": groups}
        for setting, count in counts.items():
            sizes(name, setting, count, 1)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: groups={groups} does not divide in_channels={in_channels} and "
                f"out_channels={out_channels}. Each group has as many channels: choose a divisor "
                "of both."
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = sizes(name, "kernel_size", kernel_size, self.rank)
        self.stride = sizes(name, "stride", stride, self.rank)
        self.dilation = sizes(name, "dilation", dilation, self.rank)
        self.padding, self.padding_mode = padding, padding_mode
        self._widths = self._margins(padding)
        if padding_mode not in MODES:
            raise ValueError(f"{name}: padding_mode={padding_mode!r}. Choose one of {[*MODES]}.")
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        bound = 1.0 / math.sqrt(math.prod(shape[1:]))
        rng, dtype = init.generator(rng), dtype or np.float64
        self.weight = Value(rng.uniform(-bound, bound, shape).astype(dtype), "weight")
        self.bias = None
        if bias:
            self.bias = Value(rng.uniform(-bound, bound, out_channels).astype(dtype), "bias")

    def forward(self, x: Any) -> Any:
        """The sums of products at every place: see the class."""
        x = taken(x, self.weight.dtype)
        x, single = batched(self._head(), x, self.axes, self.in_channels)
        x = padded(x, self._widths, MODES[self.padding_mode])
        places = self._places(x.shape[2:])
        spatial = tuple(range(2, x.ndim))
        windows = ops.sliding_window_view(
            x, self.kernel_size, spatial, stride=self.stride, dilation=self.dilation
        )
        order = (0, 1, *range(x.ndim, x.ndim + self.rank), *spatial)  # window before place
        columns = np.transpose(windows, order)
        # of each group: (outputs, inputs of a window) @ (samples, inputs of a window, places)
        inputs, count = math.prod(self.weight.shape[1:]), math.prod(places)
        groups = () if self.groups == 1 else (self.groups,)
        weight = np.reshape(self.weight, (*groups, self.out_channels // self.groups, inputs))
        y = weight @ np.reshape(columns, (len(x), *groups, inputs, count))
        y = np.reshape(y, (len(x), self.out_channels, *places))
        if self.bias is not None:
            y = y + np.reshape(self.bias, (self.out_channels, *(1,) * self.rank))
        return y[0] if single else y

    def _margins(self, padding: Any) -> Widths:
        """How many numbers are added before and after each axis."""
        if padding == "valid":
            return [(0, 0)] * self.rank
        if padding == "same":
            if set(self.stride) != {1}:
                raise ValueError(
                    f"{type(self).__name__}: padding='same' keeps the size, and "
                    f"stride={told(self.stride)} divides it. Use stride=1, or give the padding."
                )
            wide = [d * (k - 1) for k, d in zip(self.kernel_size, self.dilation, strict=True)]
            return [(n // 2, n - n // 2) for n in wide]
        if isinstance(padding, str):
            raise ValueError(
                f"{type(self).__name__}: padding={padding!r}. Give whole numbers, 'same' or "
                "'valid'."
            )
        return [(n, n) for n in sizes(type(self).__name__, "padding", padding, self.rank, 0)]

    def _places(self, lengths: tuple[int, ...]) -> tuple[int, ...]:
        """The number of windows along each axis."""
        wide = [d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True)]
        if any(n < w for n, w in zip(lengths, wide, strict=True)):
            raise ValueError(
                f"{self._head()}: the window covers {told(tuple(wide))} places, but the input has "
                f"only {lengths}, padding included. Use a smaller kernel or dilation, or more "
                "padding."
            )
        return tuple((n - w) // s + 1 for n, w, s in zip(lengths, wide, self.stride, strict=True))

    def extra_repr(self) -> str:
        """The settings, as one writes them to build the layer."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={told(self.kernel_size)}"
        if set(self.stride) != {1}:
            text += f", stride={told(self.stride)}"
        if self.padding not in (0, "valid"):
            text += f", padding={self.padding!r}"
        if set(self.dilation) != {1}:
            text += f", dilation={told(self.dilation)}"
        text += f", groups={self.groups}" if self.groups != 1 else ""
        text += ", bias=False" if self.bias is None else ""
        return text + (f", padding_mode={self.padding_mode!r}" * (self.padding_mode != "zeros"))


class Conv1d(Convolution):
    """A convolution along one axis: of a signal, or of a text's embeddings.

    **Maths.** With weight W, stride s and dilation d,

        out[n, o, i] = bias[o] + Σ_c Σ_k W[o, c, k] · x[n, c, s·i + d·k],

    x with ``padding`` numbers at both ends. With ``groups=G``, the channels are G groups, and each
    output sees the inputs of its own group. (Strictly this is a cross-correlation, as everywhere
    in deep learning: the window is not mirrored.)

    **Shapes.** ``x`` (N, in_channels, L), or (in_channels, L) for one signal; the result
    (N, out_channels, M) with M = ⌊(L + 2·padding − d·(kernel_size − 1) − 1) / s⌋ + 1;
    ``padding="same"`` gives M = L, ``"valid"`` adds nothing. ``weight`` is stored (out_channels,
    in_channels / groups, kernel_size), ``bias`` (out_channels,): as in PyTorch.

    **Errors.** ValueError for settings that fit no window; for an input of another rank, with other
    channels, without samples, or smaller than the window.

    **Example.** The difference of neighbours:

    >>> layer = Conv1d(1, 1, kernel_size=2, bias=False)
    >>> layer.weight.data = [[[-1.0, 1.0]]]
    >>> layer(np.array([[[1.0, 4.0, 9.0, 16.0]]])).data
    array([[[3., 5., 7.]]])
    """

    rank, axes = 1, ("N", "C", "L")


class Conv2d(Convolution):
    """A convolution along two axes: of images.

    **Maths.** As ``Conv1d``, with a sum over the rows and the columns of the window. Settings may
    be one number, or a pair (rows, columns). Weight and bias begin uniform in ±1/√(inputs of a
    window), as in PyTorch.

    **Shapes.** ``x`` (N, in_channels, H, W), or (in_channels, H, W) for one image; the result
    (N, out_channels, H', W') with the lengths of ``Conv1d``. ``weight`` is stored (out_channels,
    in_channels / groups, rows, columns).

    **Errors.** As ``Conv1d``.

    **Source.** Columns instead of loops: Chellapilla, Puri and Simard, High performance
    convolutional neural networks for document processing (2006).

    **Example.**

    >>> layer = Conv2d(3, 8, kernel_size=3, padding=1, rng=np.random.default_rng(0))
    >>> layer(np.zeros((2, 3, 28, 28))).shape
    (2, 8, 28, 28)
    >>> layer
    Conv2d(3, 8, kernel_size=3, padding=1)
    >>> layer(np.zeros((2, 28, 28, 3)))
    Traceback (most recent call last):
        ...
    ValueError: Conv2d(3, 8, kernel_size=3, padding=1): the input has shape (2, 28, 28, 3), but \
its axis 1 must have 3 entries, as in (N, 3, H, W). Give it 3, or build the layer for 28.
    """

    rank, axes = 2, ("N", "C", "H", "W")


def padded(x: Any, widths: Widths, mode: str = "constant", number: float = 0.0) -> Any:
    """The input with a margin around its last axes."""
    if not any(n for pair in widths for n in pair):
        return x
    if mode != "constant" or number:
        more = {"constant_values": number} if mode == "constant" else {}
        return ops.pad(x, [(0, 0)] * (x.ndim - len(widths)) + widths, mode, **more)
    outer = x.shape[: x.ndim - len(widths)]
    lengths = x.shape[len(outer) :]
    shape = (*outer, *(a + n + b for (a, b), n in zip(widths, lengths, strict=True)))
    key = (..., *(slice(a, a + n) for (a, _), n in zip(widths, lengths, strict=True)))
    return ops.scatter_add(x, key=key, shape=shape)
