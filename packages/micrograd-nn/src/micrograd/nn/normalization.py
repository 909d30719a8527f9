"""How is a signal kept at one size on its way through a deep network?

By taking away its mean and dividing by its spread, again and again, and letting the network choose
both anew. Batch norm asks what a channel's numbers have in common over all samples, layer norm what
a sample's numbers have. The formula, ``normalized``, is the same, over other axes.

A batch norm's result depends on the other samples, which nobody wants in use; so while it is
trained it keeps running statistics, and after ``eval()`` it uses those.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import Value, assign, no_grad, op

from .inputs import batched, sizes, taken
from .module import Module


@op
def normalized(x: Any, *, axis: Any, eps: float) -> Any:
    """(x − mean) / √(variance + ε) over axes, and the mean and the variance."""
    mean = x.mean(axis=axis, keepdims=True)
    centred = x - mean
    var = (centred * centred).mean(axis=axis, keepdims=True)
    return centred * (1.0 / np.sqrt(var + eps)), mean, var


@normalized.gradient("x")
def _(g: Any, out: Any, x: Any, *, axis: Any, eps: float) -> Any:
    """With n numbers, x̂ the result and σ = √(variance + ε): (g − Σg/n − x̂ Σ(g x̂)/n) / σ.

    Mean and variance depend on x too: dm/dx = 1/n, dv/dx = 2 (x − m)/n = 2 σ x̂/n.
    """
    (g, g_mean, g_var), (hat, _, var) = g, out
    scale, n = 1.0 / np.sqrt(var + eps), int(np.prod(np.take(x.shape, axis)))
    shift = g.mean(axis=axis, keepdims=True) - g_mean / (n * scale)
    slope = (g * hat).mean(axis=axis, keepdims=True) - 2.0 * g_var / (n * scale * scale)
    return scale * (g - shift - hat * slope)


class BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d share."""

    forms: tuple[tuple[str, ...], ...]  # the names of the axes that a batch may have
    weight: Value | None
    bias: Value | None
    running_mean: Any  # buffers, or None
    running_var: Any
    num_batches_tracked: Any

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        sizes(type(self).__name__, "num_features", num_features, 1)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        dtype = dtype or np.float64
        zeros, ones = np.zeros(num_features, dtype), np.ones(num_features, dtype)
        self.weight = Value(ones, "weight") if affine else None
        self.bias = Value(zeros, "bias") if affine else None
        self.register_buffer("running_mean", zeros if track_running_stats else None)
        self.register_buffer("running_var", ones if track_running_stats else None)
        count = np.zeros((), dtype) if track_running_stats else None
        self.register_buffer("num_batches_tracked", count)

    def forward(self, x: Any) -> Any:
        """Normalized channels: see the class."""
        dtype = np.float64 if self.weight is None else self.weight.dtype
        x = taken(x, dtype)
        form = next((one for one in self.forms if len(one) == x.ndim), self.forms[-1])
        x, _ = batched(self._head(), x, form, self.num_features, alone=False)
        axes = (0, *range(2, x.ndim))
        shape = (self.num_features, *(1,) * (x.ndim - 2))
        if not self.training and self.running_mean is not None:
            scale = 1.0 / np.sqrt(self.running_var + self.eps)
            shift = -self.running_mean * scale
            if self.weight is not None:
                scale, shift = scale * self.weight, shift * self.weight + self.bias
            return x * np.reshape(scale, shape) + np.reshape(shift, shape)
        n = x.size // self.num_features
        if n < 2 and self.training:
            raise ValueError(
                f"{self._head()}: the input has shape {x.shape}, one number for each channel, "
                "which has no spread. Give it a batch of two samples or more, or call eval()."
            )
        y, mean, var = normalized(x, axis=axes, eps=self.eps)
        if self.training and self.running_mean is not None:
            self._remember(np.reshape(mean, -1), np.reshape(var, -1) * (n / (n - 1)))
        if self.weight is None or self.bias is None:
            return y
        return y * self.weight.reshape(shape) + self.bias.reshape(shape)

    def _remember(self, mean: Any, var: Any) -> None:
        """Move the running statistics towards those of this batch."""
        with no_grad():
            assign(self.num_batches_tracked, self.num_batches_tracked + 1.0)
            rate: Any = self.momentum
            if rate is None:  # the mean over all batches so far
                rate = 1.0 / self.num_batches_tracked
            assign(self.running_mean, self.running_mean + rate * (mean - self.running_mean))
            assign(self.running_var, self.running_var + rate * (var - self.running_var))

    def extra_repr(self) -> str:
        """The settings, as one writes them to build the layer."""
        text = f"{self.num_features}"
        text += f", eps={self.eps:g}" * (self.eps != 1e-5)
        text += f", momentum={self.momentum}" * (self.momentum != 0.1)
        text += ", affine=False" * (self.weight is None)
        return text + ", track_running_stats=False" * (self.running_mean is None)


class BatchNorm1d(BatchNorm):
    """Normalizes each feature over the samples of a batch.

    **Maths.** In training, y = (x − m) / √(v + ε) · weight + bias with the mean m and the variance
    v of the batch (divided by n), and

        running_mean ← (1 − momentum) · running_mean + momentum · m
        running_var ← (1 − momentum) · running_var + momentum · v · n / (n − 1);

    with ``momentum=None`` they are the means over all batches so far. After ``eval()``, y is
    computed with the running statistics; with ``track_running_stats=False`` there are none, and
    those of the batch are used always.

    **Shapes.** ``x`` (N, num_features) or (N, num_features, L); the result has the same.
    ``weight`` and ``bias`` (unless ``affine=False``), ``running_mean`` and ``running_var``
    (num_features,).

    **Errors.** ValueError for an input of another rank, with other features, without samples, or,
    in training, with one number for each feature.

    **Source.** Ioffe and Szegedy, Batch normalization (2015).

    **Example.**

    >>> layer = BatchNorm1d(2)
    >>> layer(np.array([[1.0, 10.0], [3.0, 30.0]])).data.round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> layer.running_mean.data, layer.running_var.data
    (array([0.2, 2. ]), array([ 1.1, 20.9]))
    """

    forms = (("N", "C", "L"), ("N", "C"))


class BatchNorm2d(BatchNorm):
    """Normalizes each channel of images over the images of a batch and all their places.

    **Maths.** As ``BatchNorm1d``.

    **Shapes.** ``x`` (N, num_features, H, W); the result has the same.

    **Errors.** As ``BatchNorm1d``.

    **Example.**

    >>> y = BatchNorm2d(3)(np.random.default_rng(0).normal(5.0, 2.0, (4, 3, 8, 8)))
    >>> bool(abs(y.data.mean(axis=(0, 2, 3))).max() < 1e-12)
    True
    """

    forms = (("N", "C", "H", "W"),)


class LayerNorm(Module):
    """Normalizes each sample over its last axes.

    **Maths.** y = (x − m) / √(v + ε) · weight + bias, with the mean m and the variance v (divided
    by n) of the n numbers on the last axes.

    **Shapes.** ``x`` has shape ``(..., *normalized_shape)``, and so has the result.
    ``normalized_shape`` may be one number; ``weight`` and ``bias`` have that shape.

    **Errors.** ValueError for an input whose last axes are others, or that is empty.

    **Source.** Ba, Kiros and Hinton, Layer normalization (2016).

    **Example.**

    >>> LayerNorm(2)(np.array([[1.0, 3.0], [10.0, 30.0]])).data.round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        given = (
            normalized_shape if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
        )
        self.normalized_shape = sizes("LayerNorm", "normalized_shape", tuple(given), len(given))
        self.eps, dtype = eps, dtype or np.float64
        self.weight = self.bias = None
        if elementwise_affine:
            self.weight = Value(np.ones(self.normalized_shape, dtype), "weight")
            self.bias = Value(np.zeros(self.normalized_shape, dtype), "bias") if bias else None

    def forward(self, x: Any) -> Any:
        """Normalized samples: see the class."""
        x = taken(x, np.float64 if self.weight is None else self.weight.dtype)
        count = len(self.normalized_shape)
        if x.ndim < count or x.shape[x.ndim - count :] != self.normalized_shape or 0 in x.shape:
            raise ValueError(
                f"{self._head()}: the input has shape {x.shape}, but its last axes must be "
                f"{self.normalized_shape}, and no axis empty. Give it that shape, or build "
                f"LayerNorm({x.shape[-1] if x.ndim else 1})."
            )
        y, _, _ = normalized(x, axis=tuple(range(x.ndim - count, x.ndim)), eps=self.eps)
        if self.weight is not None:
            y = y * self.weight
        return y if self.bias is None else y + self.bias

    def extra_repr(self) -> str:
        """The settings, as one writes them to build the layer."""
        shape = self.normalized_shape
        text = f"{shape[0] if len(shape) == 1 else shape}"
        text += f", eps={self.eps:g}" * (self.eps != 1e-5)
        if self.weight is None:
            return text + ", elementwise_affine=False"
        return text + ", bias=False" * (self.bias is None)
