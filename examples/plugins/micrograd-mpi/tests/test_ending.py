"""How does a job end when a rank dies, and does it go on from its checkpoint?"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize("model", ["plain", "dropout"])
@pytest.mark.parametrize("how", ["raises", "killed", "exit"])
def test_a_rank_that_dies_ends_the_job_and_the_run_goes_on_bit_for_bit(
    train: Any, how: str, model: str
) -> None:
    asked = {"model": model, "epochs": 4}
    whole = train(2, **asked)
    assert whole.code == 0, whole.err
    began = time.monotonic()
    broken = train(2, **asked, checkpoint="run.npz", dies=1, how=how, progress=True)
    assert time.monotonic() - began < 60
    assert broken.code != 0
    assert not broken.ranks
    words = {
        "raises": r"rank 1 of 2 ended the job. RuntimeError: the cat is on the keyboard",
        "exit": r"rank 1 of 2 ended the job. SystemExit: enough",
        "killed": r"rank 1 is process (\d+)",
    }
    found = re.search(words[how], broken.err)
    assert found, broken.err
    if how == "killed":  # mpiexec names the process, our line its rank
        assert f"PID {found[1]} " in broken.out + broken.err
    again = train(2, **asked, checkpoint="run.npz")
    assert again.code == 0, again.err
    for mine, right in zip(again.ranks, whole.ranks, strict=True):
        for name, numbers in right.items():
            np.testing.assert_array_equal(mine[name], numbers, name)


def test_another_number_of_ranks_goes_on_only_without_numbers_drawn_apart(train: Any) -> None:
    for model in ("plain", "dropout"):
        begun = train(2, model=model, epochs=2, checkpoint=f"{model}.npz")
        assert begun.code == 0, begun.err
    gone_on = train(1, epochs=4, checkpoint="plain.npz")
    assert gone_on.code == 0, gone_on.err
    right = train(0, epochs=4).ranks[0]
    np.testing.assert_allclose(gone_on.ranks[0]["steps"], right["steps"], atol=1e-10)
    refused = train(1, model="dropout", epochs=4, checkpoint="dropout.npz")
    assert refused.code != 0
    assert "it was written by 2 ranks, but here are 1, and the model draws" in refused.err


def test_a_checkpoint_that_only_rank_0_sees_is_refused(mpiexec: Any, tmp_path: Path) -> None:
    for name in ("0", "1"):
        (tmp_path / name).mkdir()
    (tmp_path / "0" / "run.npz").touch()
    program = (
        "import os\nfrom mpi4py import MPI\nfrom micrograd.nn.training import Checkpoint\n"
        "from micrograd_mpi.checkpoints import RankZero\nfrom micrograd_mpi import DataParallel\n"
        "comm = DataParallel().comm\nos.chdir(str(comm.rank))\n"
        "RankZero(Checkpoint('run.npz'), comm)"
    )
    code, _, err = mpiexec(2, "-c", program)
    assert code != 0
    assert (
        "the checkpoint run.npz is not there on rank 1, but there on rank 0. The ranks must" in err
    )


def test_a_loss_that_is_not_finite_on_one_rank_is_told_on_all(mpiexec: Any) -> None:
    program = (
        "import warnings\nimport numpy as np\nimport micrograd_mpi\nfrom micrograd import nn\n"
        "from micrograd.nn.training import Diverged\nwarnings.simplefilter('ignore')\n"
        "X = np.ones((4, 1)); X[3] = 1e200\n"
        "model = nn.Linear(1, 1, rng=np.random.default_rng(0))\n"
        "try:\n    micrograd_mpi.fit(model, X, X * 0.0, 'mse', nn.SGD(model.parameters()), 1,"
        " shuffle=False, batch_size=4, progress=False)\n"
        "except Diverged as error:\n    print(str(error)[:20], model.weight.grad.item())"
    )
    code, out, err = mpiexec(2, "-c", program)
    assert (code, out.splitlines()) == (0, ["fit: the loss is inf 0.0"] * 2), err


def test_ctrl_c_ends_all_ranks_at_once(mpiexec: Any) -> None:
    program = (
        "import os, signal, numpy as np\nfrom mpi4py import MPI\nimport micrograd_mpi\n"
        "from micrograd import nn\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "model = nn.Linear(1, 1, rng=np.random.default_rng(0))\nX = np.ones((8, 1))\n"
        "def interrupt(run):\n    if MPI.COMM_WORLD.rank == 1 and run.epoch == 2:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "micrograd_mpi.fit(model, X, X, 'mse', nn.SGD(model.parameters()), 10**6,"
        " callbacks=interrupt, progress=False)"
    )
    code, _, err = mpiexec(2, "-c", program)
    assert code != 0
    assert "rank 1 of 2 ended the job. KeyboardInterrupt" in err
