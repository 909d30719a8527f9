"""Portions of data, the split that is tested with, and where generators stand."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import MLP, Module
from micrograd.nn.training import batches, generators, train_test_split

X = np.arange(14.0).reshape(7, 2)
Y = np.arange(7)


def labels(data: Any) -> list[list[int]]:
    return [y.tolist() for _, y in data]


def test_portions_come_in_order_and_the_last_one_is_smaller() -> None:
    data = batches(X, Y, 3)
    assert len(data) == 3
    assert labels(data) == labels(data) == [[0, 1, 2], [3, 4, 5], [6]]
    for x, y in data:
        np.testing.assert_array_equal(x, X[y])


def test_drop_last_leaves_out_what_is_not_whole() -> None:
    data = batches(X, Y, 3, drop_last=True)
    assert len(data) == 2
    assert labels(data) == [[0, 1, 2], [3, 4, 5]]
    assert len(batches(X[:6], Y[:6], 3, drop_last=True)) == len(batches(X[:6], Y[:6], 3)) == 2


def test_each_pass_has_an_order_of_its_own_that_a_generator_repeats() -> None:
    def passes(seed: int) -> list[list[list[int]]]:
        data = batches(X, Y, 3, shuffle=True, rng=np.random.default_rng(seed))
        return [labels(data), labels(data)]

    first, second = passes(0)
    assert first != second
    assert sorted(chain(*first)) == sorted(chain(*second)) == Y.tolist()
    assert passes(0) == [first, second] != passes(1)


def test_tuples_and_dicts_stay_what_they_are() -> None:
    data = batches((X, {"mask": X[:, 0] > 3}), {"label": Y, "weight": (X, X)}, 4)
    (x, inner), y = next(iter(data))
    assert x.shape == (4, 2)
    assert inner["mask"].tolist() == [False, False, True, True]
    assert y["label"].tolist() == [0, 1, 2, 3]
    assert y["weight"][1].shape == (4, 2)
    assert [x.tolist() for x in batches([1, 2, 3], None, 2)] == [[1, 2], [3]]


def test_a_transform_changes_each_portion_with_the_generator() -> None:
    def moved(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> Any:
        return x + rng.normal(), -y

    def run() -> Any:
        return list(batches(X, Y, 4, rng=np.random.default_rng(0), transform=moved))

    (one, labels), (two, _) = run()
    assert labels.tolist() == [0, -1, -2, -3]
    assert len(set((one - X[:4]).ravel().round(9))) == 1
    np.testing.assert_array_equal(two, run()[1][0])
    alone = batches(X, None, 4, transform=lambda x, rng: 2 * x)
    np.testing.assert_array_equal(next(iter(alone)), 2 * X[:4])


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_pass_goes_on_where_it_was_saved(shuffle: bool) -> None:
    whole = batches(X, Y, 2, shuffle, np.random.default_rng(3))
    wanted = [labels(whole), labels(whole)]
    for stop in range(4):
        data = batches(X, Y, 2, shuffle, np.random.default_rng(3))
        seen = []
        for position, (_, y) in enumerate(data):
            seen.append(y.tolist())
            if position == stop:
                state = json.loads(json.dumps(data.state_dict(), default=np.ndarray.tolist))
                break
        other = batches(X, Y, 2, shuffle, np.random.default_rng(99))
        other.load_state_dict(state)
        assert [seen + labels(other), labels(other)] == wanted


def test_a_loop_that_was_left_begins_anew() -> None:
    data = batches(X, Y, 2)
    for _ in data:
        break
    assert len(labels(data)) == 4
    data.load_state_dict(data.state_dict())  # after a whole pass
    assert len(labels(data)) == 4


def test_a_state_of_other_data_is_refused() -> None:
    state = batches(X, Y, 2).state_dict()
    with pytest.raises(
        ValueError, match=r"saved with 7 rows, but here it is 6 rows\. Use the same"
    ):
        batches(X[:6], Y[:6], 2).load_state_dict(state)
    with pytest.raises(ValueError, match="saved with batch_size=2, but here it is batch_size=3"):
        batches(X, Y, 3).load_state_dict(state)


def test_it_tells_which_portion_holds_a_row() -> None:
    data = batches(X, Y, 2, shuffle=True, rng=np.random.default_rng(0), drop_last=True)
    data.begin()
    where = {row: data.batch_of(row) for row in range(7)}
    seen = labels(data)
    assert {row: n for n, rows in enumerate(seen, 1) for row in rows} == {
        row: n for row, n in where.items() if n is not None
    }
    assert list(where.values()).count(None) == 1


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ((X, Y[:5]), ValueError, r"batches: X has 7 rows but y has 5\. Give each sample one row"),
        (((X, X[:3]), Y), ValueError, r"X\[0\] has 7 rows but X\[1\] has 3"),
        (({"a": X, "b": X[:3]},), ValueError, r"X\['a'\] has 7 rows but X\['b'\] has 3"),
        ((X[:0], Y[:0]), ValueError, r"X has no rows\. Give at least one sample"),
        (((), Y), ValueError, r"X is an empty tuple\. Give it arrays"),
        ((3.0, Y), ValueError, r"X is the number 3\.0\. Give one row a sample"),
        ((Value(X), Y), TypeError, r"X holds a Value\. Give its array, X\.data"),
        ((["a", "b"], None), TypeError, r"X has dtype <U1\. Give an array of numbers"),
        ((X, Y, 0), ValueError, r"batch_size is 0\. Give a whole number of rows, at least 1"),
        ((X, Y, 2.5), ValueError, r"batch_size is 2\.5"),
        ((X, Y, 2, True, 0), TypeError, r"rng must be a numpy\.random\.Generator or None, but got"),
    ],
)
def test_what_is_no_data_is_refused(arguments: Any, error: Any, told: str) -> None:
    with pytest.raises(error, match=told):
        batches(*arguments)


def test_drop_last_must_leave_something() -> None:
    with pytest.raises(ValueError, match=r"drop_last leaves nothing, for there are 7 rows and a"):
        batches(X, Y, 8, drop_last=True)


# -- splitting ----------------------------------------------------------------------------------


def test_a_split_is_a_partition_and_rows_stay_together(rng: np.random.Generator) -> None:
    x_train, x_test, y_train, y_test = train_test_split(X, Y, test_size=3, rng=rng)
    assert sorted([*y_train, *y_test]) == Y.tolist()
    assert len(y_test) == 3
    np.testing.assert_array_equal(x_train, X[y_train])
    np.testing.assert_array_equal(x_test, X[y_test])


def test_a_share_is_rounded_up_and_series_are_cut() -> None:
    train, test = train_test_split(Y, shuffle=False)
    assert (train.tolist(), test.tolist()) == ([0, 1, 2, 3, 4], [5, 6])
    pair, _ = train_test_split((X, {"y": Y}), test_size=1)
    assert pair[0].shape == (6, 2)
    assert pair[1]["y"].shape == (6,)


def test_a_stratified_split_keeps_shares_to_within_a_row(rng: np.random.Generator) -> None:
    for _ in range(50):
        sizes = rng.integers(2, 30, rng.integers(2, 6))
        kinds = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
        count = int(rng.integers(1, len(kinds)))
        train, test = train_test_split(kinds, test_size=count, stratify=kinds, rng=rng)
        assert len(test) == count
        got = np.bincount(test, minlength=len(sizes))
        assert (np.abs(got - sizes * count / len(kinds)) < 1.0).all()
        assert (got + np.bincount(train, minlength=len(sizes)) == sizes).all()


def test_a_split_repeats_with_its_generator_and_takes_labels_of_any_kind() -> None:
    names = np.array(["cat", "dog"] * 10)

    def split(seed: int) -> Any:
        rows = np.arange(20)
        return train_test_split(rows, stratify=names, rng=np.random.default_rng(seed))[1].tolist()

    assert split(0) == split(0) != split(1)
    assert sorted(names[split(0)]).count("cat") in (2, 3)


@pytest.mark.parametrize(
    ("arguments", "settings", "told"),
    [
        ((), {}, r"got no arrays\. Give it X, or X and y"),
        ((X, Y[:3]), {}, r"array 0 has 7 rows but array 1 has 3"),
        ((X,), {"test_size": 1.5}, r"test_size is 1\.5\. Give a share between 0 and 1"),
        ((X,), {"test_size": 7}, r"test_size 7 of 7 rows leaves 0 to learn from and 7 to test"),
        ((X,), {"test_size": 0}, r"leaves 7 to learn from and 0 to test with"),
        ((X,), {"stratify": Y, "shuffle": False}, r"shuffle=False forbids it\. Leave one of"),
        ((X,), {"stratify": Y[:3]}, r"stratify has shape \(3,\), but there are 7 rows"),
        ((X,), {"stratify": [0, 0, 0, 1, 1, 1, 5]}, r"class 5 has a single row"),
    ],
)
def test_what_cannot_be_split_is_refused(arguments: Any, settings: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        train_test_split(*arguments, **settings)


# -- generators ---------------------------------------------------------------------------------

KINDS = [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64]


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_of_every_generator_survives_json(kind: Any) -> None:
    rng = np.random.Generator(kind(3))
    rng.integers(0, 5, dtype=np.int32)  # half of a 64-bit draw is kept for the next call
    state = json.loads(json.dumps(generators.state_of(rng)))
    other = np.random.Generator(kind(4))
    generators.restore(other, state)
    for draw in ("random", "standard_normal"):
        np.testing.assert_array_equal(getattr(rng, draw)(700), getattr(other, draw)(700))
    assert other.integers(0, 5, 9, dtype=np.int32).tolist() == [
        *rng.integers(0, 5, 9, dtype=np.int32)
    ]


def test_a_state_of_another_kind_is_refused() -> None:
    state = generators.state_of(np.random.Generator(np.random.Philox(0)))
    with pytest.raises(ValueError, match="is that of a Philox generator, but the generator is a P"):
        generators.restore(np.random.default_rng(0), state)


def test_generators_are_found_wherever_a_network_keeps_them() -> None:
    shared = np.random.default_rng(0)

    class Holder(Module):
        def __init__(self) -> None:
            self.rng = shared
            self.again = shared
            self.parts = [{"inner": MLP(1, [1])}, (np.random.default_rng(1),)]
            self.parts[0]["inner"].noise = np.random.default_rng(2)
            self.parts.append(self.parts)  # a cycle

    paths = dict(generators.found(Holder()))
    assert list(paths) == ["rng", "parts.0.inner.noise", "parts.1.0"]
    assert paths["rng"] is shared
