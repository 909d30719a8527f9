"""Do the benchmarks measure what they say? Here without the libraries that they compare us with."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compare
import layers_time
import memory
import mpi_time
import page
import threads
from case import Case, Runner
from cases import all_cases, scalars
from micrograd.engine import Value
from networks import NETWORKS, Network
from results import CaseResult, Results, Timed, Verdict, judge
from runners import COMPILED, EAGER, HAND, by_hand, ours
from timing import Times

CASES = [case for dtype in (np.float64, np.float32) for case in all_cases(dtype)]


def told(case: Case) -> str:
    return f"{case.name}, {case.dtype}"


@pytest.mark.parametrize("case", CASES, ids=told)
def test_by_hand_and_ours_agree(case: Case) -> None:
    runners = {EAGER: ours.eager(case)}
    if "micrograd" in case.networks:
        runners["nn"] = ours.nn(case)
    compare.agree(case, runners, lambda: by_hand.runner(case))


@pytest.mark.parametrize("case", CASES, ids=told)
def test_every_part_of_a_case_has_its_dtype(case: Case) -> None:
    floats = [array for array in (*case.parameters, *case.data) if array.dtype.kind == "f"]
    loss, gradients = case.by_hand([a.copy() for a in case.parameters], *case.data, case.rate)
    assert {array.dtype for array in (*floats, loss, *gradients)} == {case.dtype}


def test_a_gradient_that_is_slightly_wrong_stops_the_benchmark() -> None:
    case = all_cases(np.float64)[0]
    right = by_hand.runner(case)
    wrong = replace(right, gradients=lambda: [1.001 * g for g in right.gradients()])
    with pytest.raises(SystemExit, match=r"planted is .* off, so its times say nothing"):
        compare.agree(case, {"planted": wrong}, lambda: by_hand.runner(case))


def steps_of(network: Network, dtype: str) -> dict[str, layers_time.Runner]:
    return {name: make(network, dtype, "Adam") for name, make in layers_time.OURS.items()}


@pytest.mark.parametrize("dtype", layers_time.TOLERANCE)
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_both_of_our_ways_to_train_a_network_agree(network: Network, dtype: str) -> None:
    runners = steps_of(network, dtype)
    assert layers_time.agree("", runners, layers_time.TOLERANCE[dtype]) > 0
    assert {g.dtype for one in runners.values() for g in one.gradients().values()} == {
        np.dtype(dtype)
    }


def test_a_layer_whose_gradient_is_slightly_wrong_stops_the_benchmark() -> None:
    right = steps_of(NETWORKS[0], "float32")
    gradients = right["compiled"].gradients
    wrong = replace(
        right["compiled"], gradients=lambda: {name: 1.001 * g for name, g in gradients().items()}
    )
    with pytest.raises(SystemExit, match=r"MLP: planted is 1\.0e-03 off in step 1, .*weight"):
        layers_time.agree("MLP", {"eager": right["eager"], "planted": wrong}, 1e-4)


def test_an_unknown_network_is_named() -> None:
    command = [sys.executable, layers_time.__file__, "--only", "GAN"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == "no network ['GAN']. There are: MLP, CNN, LSTM, transformer\n"


@pytest.mark.parametrize(("case", "count"), [*zip(scalars.cases(), (9_999, 10_047), strict=True)])
def test_graphs_of_scalars_have_their_nodes_and_live(case: Any, count: int) -> None:
    leaves = [Value(number) for number in case.numbers]
    out = case.build(leaves)
    nodes, stack = set(), [out]
    while stack:
        node = stack.pop()
        if node not in nodes and node.op is not None:
            nodes.add(node)
            stack += node.parents
    out.backward()
    assert len(nodes) == count
    assert all(1e-6 < abs(leaf.grad) < 1e6 for leaf in leaves)


def test_the_ratio_is_the_median_of_neighbours() -> None:
    times = Times({"a": [2.0, 9.0, 60.0], "b": [1.0, 3.0, 15.0]})
    assert times.ratio("a", "b") == (3.0, 0.5)


def made(step: Any) -> Any:
    return lambda case: Runner(step(), list, list)


def test_peak_memory_is_what_is_held_and_what_a_step_adds() -> None:
    def step() -> Any:
        buffer = np.zeros(100_000)
        return lambda: (buffer + 1.0).sum()

    case = replace(all_cases(np.float64)[0], parameters=[np.zeros(1000)])
    peak = memory.peak(made(step), case)
    assert peak.held == 800_000 - 8000
    assert 800_000 <= peak.fresh < 810_000
    assert peak.total == peak.held + peak.fresh


@pytest.mark.parametrize("case", [c for c in all_cases(np.float64) if c.group != "other"], ids=told)
def test_no_step_takes_more_memory_than_its_bound(case: Case) -> None:
    """Bytes are the same in every run, so they need no benchmark to be judged."""
    by_hand_takes = memory.peak(by_hand.runner, case).total
    for make, most in (
        (ours.compiled, 1.1),
        (ours.compiled_flat, 1.1),
        (ours.eager, 2.0),
        (ours.nn, 2.0),
    ):
        peak = memory.peak(make, case)
        assert peak.total <= most * by_hand_takes
        assert most > 1.1 or peak.fresh < 128 * 1024


def test_growth_sees_what_each_step_leaves_behind() -> None:
    def leaking() -> Any:
        kept: list[object] = []
        return lambda: kept.append(bytearray(10))

    case = all_cases(np.float64)[0]
    assert memory.growth(made(leaking), case) > 10_000
    assert memory.growth(made(lambda: lambda: bytearray(10)), case) < 4000


def results(ratio: float) -> Results:
    """Six cases in which the compiled step takes ``ratio`` of the one by hand."""
    timed = Timed({HAND: 1.0, COMPILED: ratio}, {COMPILED: {HAND: (ratio, 0.0)}}, {})
    case = CaseResult("any", "", "mlp", 0.0, timed)
    return Results({}, [case] * 6)


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(0.84, "bound 0.87: 0.84 met"), (0.9, "bound 0.87: 0.90 MISSED")]
)
def test_a_bound_is_met_or_missed(ratio: float, verdict: str) -> None:
    found = {v.what: v for v in judge(results(ratio))}
    assert str(found["compiled / by hand"]) == verdict
    assert found["compiled / by hand, worst case"].where == "any"


def test_what_was_not_measured_is_neither() -> None:
    found = {v.what: v for v in judge(Results({}, results(0.5).cases[:5]))}
    assert found["compiled / by hand"].met is None
    assert str(found["compiled / by hand"]) == "bound 0.87: not measured"
    assert Verdict("any", 1.0, None).met is None


def test_a_page_gets_its_tables_and_keeps_its_text(tmp_path: Path) -> None:
    found = results(0.84)
    for case in found.cases:
        case.peaks[HAND] = case.peaks[COMPILED] = memory.Peak(1024, 1024)
    path = tmp_path / "page.md"
    names = ("machine", "times", "memory", "scalars", "bounds")
    path.write_text(
        "# Title\n" + "".join(f"<!-- measured: {n} -->\n<!-- end -->\nx\n" for n in names)
    )
    for _ in range(2):  # the second time over what the first wrote
        page.renew(found, judge(found), path)
    text = path.read_text()
    assert text.count("| **geometric mean of the first six** |  | **0.84** |") == 1
    assert text.count("| any | 2 | 1.00 |") == 6
    assert text.count("| compiled / by hand | six MLP steps | 0.87 | 0.84 | yes |") == 1
    assert text.startswith("# Title\n")
    assert text.count("<!-- end -->\nx\n") == 5


def test_a_page_without_a_place_for_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("nothing")
    with pytest.raises(ValueError, match="has no place for 'machine'"):
        page.renew(Results({}), [], path)
    assert path.read_text() == "nothing"


def test_the_page_of_the_docs_has_a_place_for_each_table() -> None:
    text = (Path(__file__).parent.parent / "docs" / "benchmarks.md").read_text("utf-8")
    for name in page.tables(Results({}), []):
        assert f"<!-- measured: {name} -->" in text


def test_no_library_is_held_to_an_older_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in threads.PINS:
        monkeypatch.setenv(name, "Haswell")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    threads.unpin()
    assert not set(threads.PINS) & os.environ.keys()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


# -- many processes -------------------------------------------------------------------------------


def ring_of_messages(n: float, p: int, costs: mpi_time.Costs) -> float:
    """Message by message; each of the first p − 1 is added to what is there."""
    seconds = 0.0
    for message in range(2 * (p - 1)):
        seconds += costs.alpha + n / p * costs.beta
        seconds += n / p * costs.gamma if message < p - 1 else 0.0
    return seconds


@pytest.mark.parametrize("p", [2, 3, 8, 32])
def test_the_cost_of_an_all_reduce_is_that_of_its_messages(p: int) -> None:
    costs, n = mpi_time.Costs(3e-5, 8e-10, 2e-11), 2.7e6
    assert costs.ring(n, p) == pytest.approx(ring_of_messages(n, p, costs))
    levels = sum(2**level < p for level in range(p))
    up, down = n * costs.gamma + costs.alpha + n * costs.beta, costs.alpha + n * costs.beta
    assert costs.tree(n, p) == pytest.approx(levels * (up + down))


def test_long_messages_want_a_ring_and_short_ones_a_tree() -> None:
    costs = mpi_time.Costs(3e-5, 8e-10, 2e-11)
    assert costs.ring(1e8, 16) < costs.tree(1e8, 16)
    assert costs.ring(1e3, 16) > costs.tree(1e3, 16)


def test_without_any_cost_of_messages_p_ranks_are_p_times_as_fast() -> None:
    case = mpi_time.CASES[-1]
    step = {p: 1.0 / p for p in (1, *mpi_time.BEYOND)}
    lines = mpi_time.scaling(case, step, 10**6, [mpi_time.Costs(0.0, 0.0, 0.0)])
    assert [line.split()[-1] for line in lines] == [f"{p}.00×" for p in mpi_time.BEYOND]
