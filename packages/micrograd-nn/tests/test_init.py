"""Initialisers: the spread of their formula, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

from micrograd.nn import init

SPREADS = [
    (init.xavier_uniform, np.sqrt(2.0 / 500)),
    (init.xavier_normal, np.sqrt(2.0 / 500)),
    (init.he_uniform, np.sqrt(2.0 / 200)),
    (init.he_normal, np.sqrt(2.0 / 200)),
]


@pytest.mark.parametrize(("draw", "spread"), SPREADS)
def test_initial_weights_have_the_spread_of_their_formula(draw, spread, rng):
    weight = draw((200, 300), rng=rng)
    assert weight.shape == (200, 300)
    assert weight.dtype == np.float64
    assert abs(weight.mean()) < 0.02 * spread
    assert weight.std() == pytest.approx(spread, rel=0.01)
    gain = draw((200, 300), gain=3.0, rng=rng).std() / draw((200, 300), gain=1.0, rng=rng).std()
    assert gain == pytest.approx(3.0, rel=0.02)


@pytest.mark.parametrize(("draw", "largest"), [(init.xavier_uniform, 500), (init.he_uniform, 200)])
def test_uniform_weights_fill_their_interval(draw, largest, rng):
    end = np.sqrt(6.0 / largest)
    weight = draw((200, 300), rng=rng)
    assert 0.999 * end < abs(weight).max() <= end


@pytest.mark.parametrize("draw", [draw for draw, _ in SPREADS])
def test_initial_weights_repeat_with_the_generator_and_take_a_dtype(draw):
    one, two = (draw((3, 2), rng=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert draw((3, 2), dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("draw", [draw for draw, _ in SPREADS])
@pytest.mark.parametrize("shape", [(3,), (0, 2), ()])
def test_a_weight_has_two_sizes(draw, shape):
    with pytest.raises(ValueError, match=r"weight has shape \(nin, nout\) or .*but got .*Give two"):
        draw(shape)


def test_fans_of_a_convolution_count_its_window(rng):
    assert init.fans((8, 3, 5, 5)) == (75, 200)
    shape = (40, 20, 5, 3)
    assert init.he_normal(shape, rng=rng).std() == pytest.approx(math.sqrt(2 / 300), rel=0.02)
    assert init.xavier_normal(shape, rng=rng).std() == pytest.approx(math.sqrt(2 / 900), rel=0.02)


@pytest.mark.parametrize("draw", [init.he_uniform, init.he_normal])
def test_the_mode_says_which_pass_keeps_its_size(draw, rng):
    weight = draw((200, 300), mode="fan_out", rng=rng)
    assert weight.std() == pytest.approx(math.sqrt(2 / 300), rel=0.01)
    with pytest.raises(ValueError, match=r"mode is 'fan'\. It must be 'fan_in' or 'fan_out'"):
        draw((2, 3), mode="fan")


@pytest.mark.parametrize("shape", [(5, 5), (6, 3), (3, 6), (4, 2, 3), (2, 2, 3, 3)])
def test_orthogonal_weights_change_no_length(shape, rng):
    w = init.orthogonal(shape, gain=2.0, rng=rng).reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4.0 * np.eye(min(w.shape)), atol=1e-12)


def test_orthogonal_weights_prefer_no_sign(rng):
    signs = [init.orthogonal((2, 2), rng=rng)[0, 0] > 0 for _ in range(400)]
    assert 0.4 < np.mean(signs) < 0.6
    with pytest.raises(ValueError, match="Give two sizes"):
        init.orthogonal((3,))


def test_a_truncated_normal_has_its_limits_and_its_spread(rng):
    drawn = init.truncated_normal((300, 200), rng=rng)
    assert abs(drawn).max() <= 2.0
    assert drawn.std() == pytest.approx(0.8796, rel=0.01)  # of a normal one between −2 and 2
    assert abs(drawn.mean()) < 0.01
    skewed = init.truncated_normal((1000,), mean=1.0, std=2.0, a=0.0, b=0.5, rng=rng)
    assert skewed.min() >= 0.0
    assert skewed.max() <= 0.5
    assert init.truncated_normal((), rng=rng).shape == ()


@pytest.mark.parametrize("settings", [{"std": 0.0}, {"a": 9.0, "b": 10.0}, {"a": 1.0, "b": -1.0}])
def test_a_truncated_normal_refuses_what_leaves_nothing(settings):
    with pytest.raises(ValueError, match=r"truncated_normal: mean 0\.0 .* Give a positive"):
        init.truncated_normal((2, 2), **settings)


def test_plain_numbers(rng):
    drawn = init.uniform((100, 100), -3.0, 1.0, rng=rng)
    assert -3.0 <= drawn.min() < -2.9
    assert 0.9 < drawn.max() <= 1.0
    assert init.normal((200, 200), 5.0, 0.1, rng=rng).mean() == pytest.approx(5.0, abs=0.01)
    np.testing.assert_array_equal(init.constant((2, 1), 3.0), [[3.0], [3.0]])
    np.testing.assert_array_equal(init.zeros((2,)), [0.0, 0.0])
    np.testing.assert_array_equal(init.ones([2]), [1.0, 1.0])
    np.testing.assert_array_equal(init.eye((2, 3)), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    with pytest.raises(ValueError, match=r"eye: shape is \(2,\)\. Give the two sizes"):
        init.eye((2,))


FIXED = ("constant", "zeros", "ones", "eye")
DRAWN = sorted({*init.__all__} - {*FIXED, "calculate_gain", "fans"})


@pytest.mark.parametrize("name", [*FIXED, *DRAWN])
def test_every_initialiser_takes_a_dtype_and_repeats(name):
    draw, more = getattr(init, name), {"value": 2.0} if name == "constant" else {}

    def drawn(dtype=None):
        rng = {} if name in FIXED else {"rng": np.random.default_rng(1)}
        return draw((3, 2), dtype=dtype, **rng, **more)

    assert drawn(np.float32).dtype == np.float32
    assert drawn().dtype == np.float64
    np.testing.assert_array_equal(drawn(), drawn())


@pytest.mark.parametrize(
    ("name", "param", "gain"),
    [
        *(("linear", None, 1.0), ("conv2d", None, 1.0), ("sigmoid", None, 1.0)),
        *(("tanh", None, 5 / 3), ("relu", None, math.sqrt(2)), ("selu", None, 0.75)),
        *(("leaky_relu", None, math.sqrt(2 / 1.0001)), ("leaky_relu", 0.2, math.sqrt(2 / 1.04))),
    ],
)
def test_gains(name, param, gain):
    assert init.calculate_gain(name, param) == pytest.approx(gain)


def test_an_unknown_gain_is_refused():
    with pytest.raises(ValueError, match=r"no gain is known for 'reLU'\. Did you mean 'relu'"):
        init.calculate_gain("reLU")
    with pytest.raises(ValueError, match=r"There are linear, .*leaky_relu"):
        init.calculate_gain("x")
