"""How outputs and gradients are counted, what is flagged, and how long a history gets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from micrograd.engine import Value, scope
from micrograd.viz import watch
from micrograd.viz.watching.counting import OCTAVES, Sizes, Spread, Tally
from micrograd.viz.watching.readings import KEPT, History, Reading, Sample

from .small_nets import Net, Parts, learn, loss_of

# smaller ones are 0 beside the largest
NUMBERS = st.floats(-1e120, 1e120).map(lambda x: x if abs(x) > 1e-120 else 0.0)


def tally_of(bend: str, output: Any, g: Any = None, along_second_axis: bool = False) -> Tally:
    output = np.asarray(output)
    tally = Tally()
    tally.add(bend, output, np.ones_like(output) if g is None else g, along_second_axis)
    return tally


@given(st.lists(arrays(np.float64, st.integers(0, 20), elements=NUMBERS), min_size=1, max_size=5))
def test_portions_are_counted_as_the_whole(portions: list[Any]) -> None:
    whole, apart = Spread(), Spread()
    for portion in portions:
        apart.add(portion)
    whole.add(np.concatenate(portions))
    assert int(apart.counts.sum()) == sum(map(len, portions))
    assert apart.limit == whole.limit
    np.testing.assert_array_equal(apart.counts, whole.counts)


def test_every_number_is_in_its_bin() -> None:
    numbers = np.random.default_rng(0).normal(size=1000)
    spread = Spread()
    for portion in np.split(numbers, [1, 10, 100]):
        spread.add(portion)
    np.testing.assert_array_equal(spread.counts, np.histogram(numbers, spread.edges())[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_largest_number_below_a_power_of_two_has_a_bin(dtype: Any) -> None:
    spread = Spread()
    spread.add(np.nextafter(np.array([2.0, -2.0], dtype), dtype(0.0)))
    assert spread.limit == 2.0
    assert (spread.counts[0], spread.counts[-1]) == (1, 1)


def test_sizes_beyond_the_bins_are_in_the_outermost() -> None:
    sizes = Sizes()
    sizes.add(np.array([1e-300, 1e300, -1.5, 0.0]))
    assert (sizes.counts[0], sizes.counts[-1], sizes.counts[1 - OCTAVES[0]]) == (1, 1, 1)
    assert (int(sizes.counts.sum()), sizes.zeros) == (3, 1)


def test_numbers_that_are_not_finite_are_counted_apart() -> None:
    tally = tally_of("", [1.0, np.nan, np.inf, -2.0], np.array([np.nan, 1.0, 1.0, 1.0]))
    assert (tally.broken, int(tally.outputs.counts.sum())) == (3, 2)


@pytest.mark.parametrize(
    ("output", "second", "dead"),
    [
        ([[0.0, 1.0], [0.0, 0.0]], False, 0.5),  # rows are examples
        ([0.0, 1.0, 2.0, 0.0], False, 0.5),  # one example
        (np.array(0.0), False, 1.0),
        (np.zeros((2, 3, 4, 4)), False, 1.0),  # images: units are channels
        (np.arange(16.0).reshape(1, 4, 2, 2) // 4, False, 0.25),
        (np.array([[[0.0, 0.0], [1.0, 0.0]]]), True, 0.5),  # a sequence of a convolution
        (np.array([[[0.0, 0.0], [1.0, 0.0]]]), False, 0.5),  # a sequence of a linear layer
        (np.zeros((0, 3)), False, None),
    ],
)
def test_units_are_dead_that_put_out_nothing_but_zero(
    output: Any, second: bool, dead: float | None
) -> None:
    assert tally_of("relu", output, along_second_axis=second).dead == dead


def test_a_unit_that_lives_in_one_portion_lives() -> None:
    tally = tally_of("relu", [[0.0, 1.0, 0.0]])
    tally.add("relu", np.array([[2.0, 0.0, 0.0]]), np.ones((1, 3)), False)
    assert tally.dead == pytest.approx(1 / 3)


def test_what_is_no_relu_has_no_dead_units() -> None:
    assert tally_of("tanh", [[0.0, 0.0]]).dead is None


def test_tanh_and_sigmoid_saturate_at_the_same_input() -> None:
    x = np.linspace(-6.0, 6.0, 201)
    tanh, sigmoid = tally_of("tanh", np.tanh(x)), tally_of("sigmoid", 1 / (1 + np.exp(-2 * x)))
    assert tanh.saturated == sigmoid.saturated == np.count_nonzero(np.abs(np.tanh(x)) > 0.97)


def test_the_channels_of_a_convolution_are_its_units() -> None:
    kernel = Value(np.ones((2, 1, 3)))
    with scope("conv"):
        out = Value(np.array([[[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]])) * kernel.mean()
        out = out + 0.0 * kernel.sum()
    with watch(Parts(conv__weight=kernel)) as watcher:
        out.relu().sum().backward()
        watcher.step()
    assert watcher.last is not None
    assert watcher.last.readings[0].dead == 0.5


# -- flags ----------------------------------------------------------------------------------------


def reading(**known: Any) -> Reading:
    usual: dict[str, Any] = dict.fromkeys(Reading.__dataclass_fields__)
    usual |= {"layer": "a", "bend": "", "weight_norm": 1.0, "size": 100, "finite": True}
    return Reading(**(usual | known))


def flags(*readings: Reading) -> list[list[str]]:
    return Sample(1, readings).flags()


@pytest.mark.parametrize(
    ("first", "flagged"),
    [
        ({"output_gradient": 1.0}, []),
        ({"output_gradient": 2e-3}, []),
        ({"output_gradient": 9e-4}, ["vanishing"]),
        ({"output_gradient": 0.0}, ["vanishing"]),
        ({"output_gradient": 99.0}, []),
        ({"output_gradient": 100.0}, ["exploding"]),
        ({"output_gradient": None}, []),
        ({"dead": 0.5, "output_gradient": 1.0}, ["dead"]),
        ({"dead": 0.49, "output_gradient": 1.0}, []),
        ({"saturated": 0.5, "output_gradient": 1.0}, ["saturated"]),
        ({"finite": False, "output_gradient": 1.0}, ["not finite"]),
    ],
)
def test_what_is_flagged(first: dict[str, Any], flagged: list[str]) -> None:
    last = reading(output_mean=0.0, output_gradient=1.0)
    assert flags(reading(output_mean=0.0, **first), last) == [flagged, []]


def test_a_gradient_that_grows_towards_the_first_layer_explodes() -> None:
    small = reading(output_mean=0.0, output_gradient=1e-6)
    assert flags(reading(output_mean=0.0, output_gradient=2e-3), small) == [["exploding"], []]


def test_of_a_program_the_gradients_of_the_parameters_are_held_against_each_other() -> None:
    """Each number of them, not their length: 100 of 1e-5 each, and one of 0.1."""
    last = reading(gradient_norm=0.1, size=1)
    assert flags(reading(gradient_norm=1e-4), last) == [["vanishing"], []]
    assert flags(reading(gradient_norm=1e-2), last) == [[], []]


def test_a_network_that_is_all_small_at_its_end_is_not_flagged() -> None:
    """Training is done, say."""
    assert flags(reading(gradient_norm=1e-12), reading(gradient_norm=1e-12)) == [[], []]


def test_a_deep_net_of_sigmoids_vanishes_and_a_dead_relu_is_told() -> None:
    deep = Net(3, *[8] * 9, 1, bend=Value.sigmoid)
    with watch(deep) as watcher:
        learn(deep, loss_of(deep))
        watcher.step()
    found = watcher.last.flags()  # type: ignore[union-attr]
    assert found[0] == ["vanishing"]
    assert found[-1] == []
    broken = Net(3, 4, 1)
    broken.biases[0].data -= 100.0
    with watch(broken) as watcher:
        learn(broken, loss_of(broken))
        watcher.step()
    assert watcher.last.flags() == [["dead"], []]  # type: ignore[union-attr]


def test_weights_that_are_not_finite_are_flagged() -> None:
    net = Net(3, 4, 1)
    with watch(net) as watcher:
        learn(net, loss_of(net))
        net.weights[1].data[0, 0] = np.nan
        watcher.step()
    assert watcher.last.flags() == [[], ["not finite"]]  # type: ignore[union-attr]


def test_a_training_that_has_diverged_is_told_without_a_warning() -> None:
    net = Net(3, 4, 1, bend=Value.tanh)
    net.weights[1].data = np.full((4, 1), np.inf)
    with watch(net) as watcher, np.errstate(all="ignore"):
        learn(net, loss_of(net))
        with np.errstate(all="warn"):
            watcher.step()
    assert watcher.last.flags() == [["not finite"]] * 2  # type: ignore[union-attr]
    assert "not finite" in repr(watcher)


# -- the history ----------------------------------------------------------------------------------


def test_a_history_reaches_over_the_whole_training_and_stays_small() -> None:
    history, most = History(), 0
    for step in range(1, 10 * KEPT + 1):
        history.add(Sample(step, ()))
        most = max(most, len(history.samples))
    steps = [sample.step for sample in history.samples]
    assert most == KEPT
    assert KEPT // 2 <= len(steps) <= KEPT
    assert steps == list(range(1, 10 * KEPT + 1, steps[1] - steps[0]))
    assert history.last == Sample(10 * KEPT, ())


def test_no_array_of_the_training_is_kept() -> None:
    """What stays are a few hundred counts for each layer, and numbers."""
    net = Net(3, 500, 1)
    with watch(net, every=2) as watcher:
        for _ in range(4):
            learn(net, loss_of(net))
            watcher.step()
    assert held(watcher, {id(net)}) == 2 * (128 + OCTAVES[1] - OCTAVES[0] + 1) + 500


def held(thing: Any, seen: set[int]) -> int:
    """How many elements the arrays have that can be reached from an object of ours."""
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return thing.size
    if isinstance(thing, dict):
        return sum(held(one, seen) for one in thing.values())
    if isinstance(thing, (list, tuple)):
        return sum(held(one, seen) for one in thing)
    return held(vars(thing), seen) if hasattr(thing, "__dict__") else 0
