"""What does one step of a recurrent layer compute?

First the gates, from sums that ``recurrent`` has made, side by side on the last axis; then the next
state, from the gates and the state before. Each is an op with rules of its own, and so are the sums
(``ops.linear``), so that a step of a long sequence is three nodes and no more.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op


@op
def unstacked(x: Any) -> Any:
    """The slices along the first axis."""
    return tuple(x[i] for i in range(x.shape[0]))


@unstacked.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """What arrives at each slice, stacked again"""
    return np.stack(g)


def parts(x: Any, count: int) -> list[Any]:
    """The last axis in parts of equal length."""
    return [part(x, count, i) for i in range(count)]


def part(x: Any, count: int, i: int) -> Any:
    """The i-th of them."""
    n = x.shape[-1] // count
    return x[..., i * n : (i + 1) * n]


def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ) as ½ + ½ tanh(x/2), which never overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


@op
def lstm_gates(a: Any) -> Any:
    """σ of the parts i, f and o of the last axis, tanh of the part g, in the order i, f, g, o.

    With s = ½ for σ and s = 1 for tanh, both are s · tanh(s · a) + 1 − s: one tanh for all parts.
    """
    s = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], a.dtype), a.shape[-1] // 4)
    return s * np.tanh(s * a) + (1.0 - s)


@lstm_gates.gradient("a")
def _(g: Any, out: Any, a: Any) -> Any:
    """σ′ = σ(1 − σ) and tanh′ = (1 + tanh)(1 − tanh), for all parts at once"""
    tanh = np.repeat(np.array([0.0, 0.0, 1.0, 0.0], out.dtype), out.shape[-1] // 4)
    return g * ((out + tanh) * (1.0 - out))


@op
def lstm_step(gates: Any, c: Any) -> Any:
    """The next hidden state o · tanh(c′) and cell c′ = f · c + i · g."""
    i, f, g, o = parts(gates, 4)
    new = f * c + i * g
    return o * np.tanh(new), new


@lstm_step.gradient("gates")
def _(g: Any, out: Any, gates: Any, c: Any) -> Any:
    """With d = dL/dc′: d·g, d·c, d·i for the gates i, f, g, and tanh(c′) · dL/dh′ for o"""
    i, _, new, o = parts(gates, 4)
    tanh = np.tanh(out[1])
    d = _of_new_cell(g, o, tanh)
    return np.concatenate([d * new, d * c, d * i, g[0] * tanh], -1)


@lstm_step.gradient("c")
def _(g: Any, out: Any, gates: Any, c: Any) -> Any:
    """dc′/dc = f"""
    return _of_new_cell(g, part(gates, 4, 3), np.tanh(out[1])) * part(gates, 4, 1)


def _of_new_cell(g: Any, o: Any, tanh: Any) -> Any:
    """dL/dc′, of which a part comes through h′ = o · tanh(c′)."""
    return g[1] + g[0] * o * (1.0 - tanh * tanh)


@op
def gru_gates(a: Any, b: Any) -> Any:
    """r = σ(a_r + b_r), z = σ(a_z + b_z), n = tanh(a_n + r · b_n), side by side."""
    (a_r, a_z, a_n), (b_r, b_z, b_n) = parts(a, 3), parts(b, 3)
    r = sigmoid(a_r + b_r)
    return np.concatenate([r, sigmoid(a_z + b_z), np.tanh(a_n + r * b_n)], -1)


@gru_gates.gradient("a")
def _(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Each part's slope: σ′ = σ(1 − σ), tanh′ = 1 − tanh²; r also changes n, by b_n"""
    return np.concatenate(_slopes(g, out, b), -1)


@gru_gates.gradient("b")
def _(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The same, but n sees b_n through r"""
    d_r, d_z, d_n = _slopes(g, out, b)
    return np.concatenate([d_r, d_z, d_n * part(out, 3, 0)], -1)


def _slopes(g: Any, out: Any, b: Any) -> tuple[Any, Any, Any]:
    (r, z, n), (g_r, g_z, g_n) = parts(out, 3), parts(g, 3)
    d_n = g_n * (1.0 - n * n)
    d_r = (g_r + d_n * part(b, 3, 2)) * (r * (1.0 - r))
    return d_r, g_z * (z * (1.0 - z)), d_n


@op
def gru_step(gates: Any, h: Any) -> Any:
    """The next hidden state h′ = (1 − z) · n + z · h."""
    _, z, n = parts(gates, 3)
    return n + z * (h - n)


@gru_step.gradient("gates")
def _(g: Any, out: Any, gates: Any, h: Any) -> Any:
    """dh′/dz = h − n, dh′/dn = 1 − z; r has done its work"""
    _, z, n = parts(gates, 3)
    return np.concatenate([0.0 * g, g * (h - n), g * (1.0 - z)], -1)


@gru_step.gradient("h")
def _(g: Any, out: Any, gates: Any, h: Any) -> Any:
    """dh′/dh = z"""
    return g * part(gates, 3, 1)
