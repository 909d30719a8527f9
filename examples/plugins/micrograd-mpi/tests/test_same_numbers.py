"""Do 1, 2 and 4 ranks learn what one process learns from the same batches?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RANKS = [1, 2, 4]  # the last batch has two rows: of four ranks, two have none


def alike(ended: Any, alone: Any, ranks: int, tolerance: float = 1e-10) -> None:
    """Every rank has the numbers of one process to rounding, and all ranks the same bits."""
    assert ended.code == alone.code == 0, ended.err + alone.err
    assert len(ended.ranks) == ranks
    for name, right in alone.ranks[0].items():
        for rank in ended.ranks:
            np.testing.assert_array_equal(rank[name], ended.ranks[0][name], name)
        if right.dtype.kind == "f":
            np.testing.assert_allclose(ended.ranks[0][name], right, 0.0, tolerance, err_msg=name)


@pytest.mark.parametrize("compile", [False, True], ids=["eager", "compiled"])
def test_the_loss_curve_and_the_weights_are_those_of_one_process(train: Any, compile: bool) -> None:
    alone = train(0, compile=compile)
    for ranks in RANKS:
        alike(train(ranks, compile=compile), alone, ranks)


def test_a_transform_and_a_limit_on_gradients_act_on_the_whole_batch(train: Any) -> None:
    asked = {"transform": True, "clip_norm": 0.1, "flat": True}
    alone = train(0, **asked)
    assert not np.allclose(alone.ranks[0]["steps"], train(0).ranks[0]["steps"])
    alike(train(4, **asked), alone, 4)


def test_callbacks_decide_the_same_on_every_rank(train: Any) -> None:
    asked = {"watched": True, "epochs": 60, "batch_size": 25}
    alone = train(0, **asked)
    assert "has not got better" in str(alone.ranks[0]["stopped"])
    alike(train(2, **asked), alone, 2, tolerance=1e-8)  # of many more steps


def test_running_statistics_are_averaged_with_the_gradients(train: Any) -> None:
    asked = {"model": "norm", "batch_size": 25, "epochs": 2}
    alone, two = train(0, **asked), train(2, **asked)
    assert two.code == 0, two.err
    for name, array in two.ranks[0].items():
        np.testing.assert_array_equal(two.ranks[1][name], array, name)
    name = "weights/1.running_mean"  # normalised by rank, so all but alike
    np.testing.assert_allclose(two.ranks[0][name], alone.ranks[0][name], atol=0.05)


def test_each_rank_drops_out_other_numbers(train: Any, mpiexec: Any) -> None:
    program = (
        "import numpy as np\nfrom mpi4py import MPI\nfrom micrograd import nn\n"
        "from micrograd_mpi.checkpoints import draw_apart\ncomm = MPI.COMM_WORLD\n"
        "model = nn.Dropout(0.5, rng=np.random.default_rng(3))\ndraw_apart(model, comm)\n"
        "masks = comm.gather(model(np.ones(64)).data.tolist())\n"
        "if comm.rank == 0:\n    assert len({tuple(mask) for mask in masks}) == 3\n"
        "    right = nn.Dropout(0.5, rng=np.random.default_rng(3))(np.ones(64)).data.tolist()\n"
        "    assert masks[0] == right\n    print('apart')"
    )
    assert mpiexec(3, "-c", program) == (0, "apart\n", "")
    one, again = (train(2, model="dropout") for _ in range(2))
    assert one.code == 0, one.err
    alike(again, one, 2, tolerance=0.0)


def test_only_rank_0_shows_the_progress_and_says_which_process_is_which_rank(train: Any) -> None:
    ended = train(2, progress=True)
    assert ended.code == 0
    assert [line.split()[0] for line in ended.out.splitlines()] == ["epoch", "1/3", "2/3", "3/3"]
    assert ended.err.count("micrograd-mpi: 2 ranks learn together: rank 0 is process ") == 1
