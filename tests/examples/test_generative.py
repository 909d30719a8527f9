"""Do the examples that make things up reach their figures, eagerly and as programs?

Here in their short forms, whose figures are lower: each docstring has both.
"""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autoencoder
import language_model
import stories
from micrograd.engine import Value, compile, no_grad
from pictures import check_picture

# -- the source of the stories --------------------------------------------------------------------


def every_story(pattern: str, words: dict[str, list[str]]) -> list[str]:
    """All that a pattern can become."""
    drawn = [gap for gap in dict.fromkeys(stories.gaps(pattern)) if gap != "she"]
    found = []
    for choice in product(*(words[gap] for gap in drawn)):
        filled = dict(zip(drawn, choice, strict=True))
        if filled["a"] != filled.get("b"):
            found.append(pattern.format(**filled, she=stories.PRONOUNS[filled["a"]]))
    return found


def test_the_entropy_is_that_of_the_source_counted_out() -> None:
    """In full: every story there is, how likely it is, how long, and that none is there twice."""
    everything: list[str] = []
    nats = length = 0.0
    for pattern in stories.PATTERNS:
        found = every_story(pattern, stories.WORDS)
        each = np.log(len(stories.PATTERNS) * len(found))
        assert stories.nats(pattern) == pytest.approx(each, rel=1e-12)
        assert stories.surprise(found[:2]) == pytest.approx(
            2 * each / len("".join(found[:2]) + "__")
        )
        nats += each
        length += np.mean([len(line) + 1 for line in found])
        everything += found
    assert len(set(everything)) == len(everything)
    assert stories.entropy() == pytest.approx(nats / length, rel=1e-12)
    assert f"{stories.entropy():.3f}" in language_model.__doc__
    assert max(map(len, everything)) + 1 == language_model.LENGTH
    assert set("".join(everything)) <= set(language_model.SIGNS)


def test_a_story_is_told_from_what_only_looks_like_one(rng: np.random.Generator) -> None:
    assert all(stories.is_story(stories.story(rng)) for _ in range(500))
    right = "anna asked emil for a lamp. emil lent anna a red lamp."
    assert stories.is_story(right)
    assert stories.is_story("ida had a tiny fox. it hid, and so she hid, too.")
    for wrong in (
        right[:-1],
        right.replace("red lamp", "red boat"),  # another thing
        right.replace("emil lent", "theo lent"),  # somebody else
        right.replace("emil", "anna"),  # of herself
        right.replace("lamp", "lump"),
        "ida had a tiny fox. it hid, and so he hid, too.",
    ):
        assert not stories.is_story(wrong), wrong


# -- the language model ---------------------------------------------------------------------------


def test_text_becomes_numbers_and_text_again() -> None:
    read, told = language_model.encode(["ida hid.", "a"])
    assert language_model.decode(told[0, :9]) == language_model.decode(read[0, 1:]) == "ida hid."
    np.testing.assert_array_equal(read[:, 1:9], np.where(told[:, :8] < 0, 0, told[:, :8]))
    assert (told[0, 8], told[1, 1], read[0, 0]) == (0, 0, 0)
    assert (told[1, 2:] == language_model.NOTHING).all()


@pytest.mark.parametrize("name", language_model.FULL)
def test_no_model_sees_further_than_it_says(name: str, rng: np.random.Generator) -> None:
    """Another character changes what is foretold there and for as long as it is looked back at."""
    plan = language_model.FULL[name]
    model = plan.model(rng)
    read = rng.integers(1, len(language_model.SIGNS), (1, language_model.LENGTH))
    other = read.copy()
    other[0, 20] = read[0, 20] % (len(language_model.SIGNS) - 1) + 1
    with no_grad():
        moved = abs(model(read).data - model(other).data).max(axis=(0, 1)) > 1e-7
    seen = range(20, min(20 + plan.model.looks_back, language_model.LENGTH))
    assert np.flatnonzero(moved).tolist() == list(seen)


@pytest.mark.parametrize("how", ["--compile", "--no-compile"])
def test_each_model_foretells_better_than_the_last(
    how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = language_model.main(["--short", how])
    losses = [outcome.loss for outcome in outcomes.values()]
    for loss, figure in zip(losses, (2.1, 0.9, 0.8), strict=True):
        assert stories.entropy() < loss < figure
    assert all(after < before for before, after in pairwise(losses))
    printed = capsys.readouterr().out
    for outcome in outcomes.values():
        assert f"{outcome.loss:.4f}" in printed
        assert len(set(outcome.stories)) > 25
    assert outcomes["transformer"].stories[0].split()[0] in printed


def test_what_a_model_writes_is_drawn_as_it_foretells(rng: np.random.Generator) -> None:
    """A bigram that has only one thing to say says it; one that is undecided, half of the time."""
    model = language_model.Bigram(rng)
    a, b = (language_model.SIGNS.index(sign) for sign in "ab")
    table = np.full(model.table.weight.shape, -100.0)
    table[0, a] = table[a, b] = table[b, 0] = table[b, a] = 0.0
    model.table.weight.data = table
    lines = language_model.write(model, 2000, rng)
    assert set(lines) >= {"ab", "abab", "ababab"}
    assert np.mean([line == "ab" for line in lines]) == pytest.approx(0.5, abs=0.05)
    assert np.mean([line == "abab" for line in lines]) == pytest.approx(0.25, abs=0.04)


# -- the variational autoencoder ------------------------------------------------------------------


def test_the_map_is_drawn_and_its_bound_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for how in ("--compile", "--no-compile"):
        found[how] = outcome = autoencoder.main(["--short", how, "--out", str(tmp_path / how)])
        assert outcome.elbo > -104.0 > outcome.alone
        assert outcome.elbo == outcome.likelihood - outcome.divergence
        assert 1.5 < outcome.divergence < 4.0
        assert outcome.alike > 0.5
        told = f"ELBO {outcome.elbo:.1f} = {outcome.likelihood:.1f} "
        assert told in capsys.readouterr().out
        check_picture(tmp_path / how / "autoencoder.png", width=1950, height=1230)
    # the same noise is drawn in a program
    assert found["--compile"].elbo == pytest.approx(found["--no-compile"].elbo, abs=1e-4)


def test_noise_is_drawn_at_each_call_of_a_program() -> None:
    w = Value(np.ones((50, 2)), "w")
    here, there = np.random.default_rng(3), np.random.default_rng(3)
    program = compile(lambda: (w * autoencoder.noise(w, rng=here)).sum(), [w])
    for _ in range(4):
        right = there.standard_normal((50, 2))
        np.testing.assert_allclose(program(), right.sum())
        np.testing.assert_array_equal(w.grad, right)


def test_the_urns_are_a_distribution(rng: np.random.Generator) -> None:
    ink, paper = rng.uniform(0.1, 5.0, (2, 1, 3))
    ink[0, 0] = paper[0, 0] = 1.0  # one ball of each: every count is as likely
    each = [
        autoencoder.log_likelihood(ink[:, [i]], paper[:, [i]], np.array([[float(k)]])).item()
        for i in range(3)
        for k in range(17)
    ]
    chances = np.exp(each).reshape(3, 17)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    np.testing.assert_allclose(chances[0], 1 / 17)
    mean = autoencoder.DOTS * ink[0] / (ink[0] + paper[0])  # what the pictures show
    np.testing.assert_allclose((chances * np.arange(17)).sum(axis=1), mean)


def test_the_divergence_is_the_mean_of_the_log_of_the_ratio(rng: np.random.Generator) -> None:
    middle, log_variance = np.array([[0.5, -1.0]]), np.array([[-1.0, 0.3]])
    draws = middle + np.exp(log_variance / 2) * rng.normal(size=(400_000, 2))
    inside = -((draws - middle) ** 2) / np.exp(log_variance) / 2 - log_variance / 2
    ratio = (inside + draws**2 / 2).sum(axis=1)
    (found,) = autoencoder.divergence(middle, log_variance)
    assert found == pytest.approx(ratio.mean(), abs=0.01)


def test_a_neighbourhood_votes() -> None:
    seen = np.concatenate([np.zeros((10, 2)), np.ones((10, 2))])
    digits = np.repeat([3, 8], 10)
    new: Any = np.array([[0.1, 0.0], [0.9, 1.0], [0.2, 0.1]])
    assert autoencoder.alike(seen, digits, new, np.array([3, 8, 8])) == pytest.approx(2 / 3)
