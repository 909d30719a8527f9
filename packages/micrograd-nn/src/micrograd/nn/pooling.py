"""How does an image become smaller, and what was found in it stay?

A window slides over each channel, as in ``convolution``, and keeps one number of what it covers:
the largest ("is it anywhere here?"), or the mean. There is nothing to learn.

A window has few places, and an image many. So the windows are taken place by place: the upper left
numbers of all windows at once, then the ones beside them, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from micrograd.engine import op, ops

from .convolution import Widths, padded
from .inputs import batched, sizes, taken, told
from .module import Module


@op
def max_of_windows(x: Any, *, window: Any, stride: Any, dilation: Any) -> Any:
    """The largest number of each window of the last axes."""
    first, *rest = _places(x, window, stride, dilation)
    for one in rest:
        first = np.maximum(first, one)
    return first


@max_of_windows.gradient("x")
def _(g: Any, out: Any, x: Any, *, window: Any, stride: Any, dilation: Any) -> Any:
    """As of max: 1/k for each of the k numbers of a window that equal its largest, else 0"""
    chosen = [one == out for one in _places(x, window, stride, dilation)]
    ties = chosen[0].astype(x.dtype)
    for one in chosen[1:]:
        ties = ties + one
    share = g / ties
    return _laid_back([share * one for one in chosen], x, window, stride, dilation)


@op
def mean_of_windows(x: Any, counts: Any, *, window: Any, stride: Any) -> Any:
    """The sum of each window of the last axes, divided by how many numbers count there."""
    first, *rest = _places(x, window, stride, None)
    for one in rest:
        first = first + one
    return first / counts


@mean_of_windows.gradient("x")
def _(g: Any, out: Any, x: Any, counts: Any, *, window: Any, stride: Any) -> Any:
    """1/count for each number of a window"""
    share = g / counts
    return _laid_back([share] * int(np.prod(window)), x, window, stride, None)


@mean_of_windows.gradient("counts")
def _(g: Any, out: Any, x: Any, counts: Any) -> Any:
    """d(Σ/n)/dn = −Σ/n²"""
    return -g * out / counts


def _places(x: Any, window: Any, stride: Any, dilation: Any) -> Iterator[Any]:
    """The first number of every window, the second of every window, ..."""
    gaps = dilation or (1,) * len(window)
    last = [gap * (k - 1) for k, gap in zip(window, gaps, strict=True)]
    for offsets in product(*map(range, window)):
        key: list[Any] = [...]
        for offset, gap, step, end, n in zip(
            offsets, gaps, stride, last, x.shape[-len(window) :], strict=True
        ):
            key.append(slice(offset * gap, n - end + offset * gap, step))
        yield x[tuple(key)]


def _laid_back(shares: list[Any], x: Any, window: Any, stride: Any, dilation: Any) -> Any:
    """What arrives at each place of the windows, added up where they overlap."""
    rank, outer = len(window), x.ndim - len(window)
    stacked = np.reshape(np.stack(shares), (*window, *shares[0].shape))
    order = (*range(rank, rank + x.ndim), *range(rank))  # places of a window last
    axes = tuple(range(outer, x.ndim))
    how = {"stride": stride, "dilation": dilation}
    return ops.fold(
        np.transpose(stacked, order), shape=x.shape, window_shape=window, axis=axes, **how
    )


class Pooling(Module):
    """What MaxPool2d and AvgPool2d share."""

    axes = ("N", "C", "H", "W")
    dilation: tuple[int, ...] = (1, 1)

    def _set(self, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool) -> None:
        name = type(self).__name__
        self.kernel_size = sizes(name, "kernel_size", kernel_size, 2)
        self.stride = self.kernel_size if stride is None else sizes(name, "stride", stride, 2)
        self.padding = sizes(name, "padding", padding, 2, 0)
        self.ceil_mode = ceil_mode
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"{name}: padding={told(self.padding)} for kernel_size={told(self.kernel_size)}. "
                "Give at most half of the kernel: a window must see more than the margin."
            )

    def _prepared(self, x: Any) -> tuple[Any, bool, Widths]:
        """The input as a batch, whether it was one image, and the margins that it needs."""
        x, single = batched(self._head(), taken(x), self.axes, None)
        widths = []
        for n, k, s, p, d in zip(
            x.shape[2:], self.kernel_size, self.stride, self.padding, self.dilation, strict=True
        ):
            wide, long = d * (k - 1) + 1, n + 2 * p
            if long < wide:
                raise ValueError(
                    f"{self._head()}: the window covers {wide} places, but the input has shape "
                    f"{x.shape}. Use a smaller kernel, or more padding."
                )
            more = 0
            if self.ceil_mode:  # one more window, if it begins inside the input or its left margin
                count = -(-(long - wide) // s)
                more = max(0, count * s + wide - long) if count * s < n + p else 0
            widths.append((p, p + more))
        return x, single, widths

    def extra_repr(self) -> str:
        """The settings, as one writes them to build the layer."""
        text = f"kernel_size={told(self.kernel_size)}"
        if self.stride != self.kernel_size:
            text += f", stride={told(self.stride)}"
        if self.padding != (0, 0):
            text += f", padding={told(self.padding)}"
        if set(self.dilation) != {1}:
            text += f", dilation={told(self.dilation)}"
        return text + ", ceil_mode=True" * self.ceil_mode


class MaxPool2d(Pooling):
    """The largest number under each window of an image.

    Windows stand side by side unless ``stride`` says otherwise. The margin that ``padding`` adds
    never wins. With ``ceil_mode``, a last window may reach beyond the edge. Settings may be one
    number, or a pair (rows, columns).

    **Maths.** out[n, c, i, j] = max over k, l of x[n, c, s·i + d·k, s·j + d·l]. Numbers of a window
    that are equally the largest share its gradient evenly, as in ``max`` (PyTorch gives it to the
    first).

    **Shapes.** ``x`` (N, C, H, W), or (C, H, W) for one image; the result (N, C, H', W') with
    H' = ⌊(H + 2·padding − d·(kernel_size − 1) − 1) / s⌋ + 1, rounded up with ``ceil_mode``.

    **Errors.** ValueError for settings that fit no window; for an input of another rank, without
    images, or smaller than the window.

    **Example.**

    >>> MaxPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4))
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        self._set(kernel_size, stride, padding, ceil_mode)
        self.dilation = sizes(type(self).__name__, "dilation", dilation, 2)

    def forward(self, x: Any) -> Any:
        """The largest numbers: see the class."""
        x, single, widths = self._prepared(x)
        x = padded(x, widths, number=-np.inf)
        dilation = None if set(self.dilation) == {1} else self.dilation
        y = max_of_windows(x, window=self.kernel_size, stride=self.stride, dilation=dilation)
        return y[0] if single else y


class AvgPool2d(Pooling):
    """The mean of the numbers under each window of an image.

    Windows stand side by side unless ``stride`` says otherwise. The zeros that ``padding`` adds
    count, unless ``count_include_pad=False``; what ``ceil_mode`` adds beyond them never does.

    **Maths.** out[n, c, i, j] = Σ over k, l of x[n, c, s·i + k, s·j + l], divided by the numbers
    that count, or by ``divisor_override``.

    **Shapes.** As ``MaxPool2d``.

    **Errors.** As ``MaxPool2d``.

    **Example.**

    >>> AvgPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4))
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self._set(kernel_size, stride, padding, ceil_mode)
        if divisor_override is not None:
            sizes(type(self).__name__, "divisor_override", divisor_override, 1)
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x: Any) -> Any:
        """The means: see the class."""
        x, single, widths = self._prepared(x)
        counts = self._counts(x, widths)
        x = padded(x, widths)
        y = mean_of_windows(x, counts, window=self.kernel_size, stride=self.stride)
        return y[0] if single else y

    def _counts(self, x: Any, widths: Widths) -> Any:
        """How many numbers of each window count: one for all, or an array."""
        if self.divisor_override is not None:
            return float(self.divisor_override)
        beyond = any(b > p for (_, b), p in zip(widths, self.padding, strict=True))
        inside = self.count_include_pad or self.padding == (0, 0)
        if inside and not beyond:
            return float(np.prod(self.kernel_size))
        margin = [(p, p) for p in self.padding]
        ones = np.pad(np.ones(x.shape[2:], x.dtype), margin, constant_values=float(inside))
        rest = [(0, b - p) for (_, b), p in zip(widths, self.padding, strict=True)]
        return sum(_places(np.pad(ones, rest), self.kernel_size, self.stride, None))

    def extra_repr(self) -> str:
        """The settings, as one writes them to build the layer."""
        text = super().extra_repr() + ", count_include_pad=False" * (not self.count_include_pad)
        if self.divisor_override is not None:
            text += f", divisor_override={self.divisor_override}"
        return text
