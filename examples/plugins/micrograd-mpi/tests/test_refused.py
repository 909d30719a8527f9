"""Are ranks that are not alike refused, with the rank and what differs?"""

from __future__ import annotations

import re
from typing import Any

import pytest

SEED = r"is checksum \w+ on rank 2, but checksum \w+ on rank 0. Begin from the same seed"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"seeds": [0, 0, 1]}, rf"the content of layers.0.weight {SEED}"),
        ({"sizes": [8, 9, 8]}, r"layers.0.weight is \(3, 9\) float64 on rank 1, but \(3, 8\) "),
        ({"older": 1}, r"the version of micrograd-core is 0.9.0 on rank 1, but \d+\.\d+"),
        ({"data_seeds": [0, 1, 0]}, r"the data is checksum \w+ on rank 1, .* the same data"),
        ({"orders": [1, 1, 2]}, r"the order of the rows is checksum \w+ on rank 2, .* own with"),
    ],
    ids=["weights", "shapes", "versions", "data", "order"],
)
def test_what_differs_is_named_before_the_first_step(
    train: Any, asked: dict[str, Any], message: str
) -> None:
    ended = train(3, progress=True, **asked)
    assert ended.code != 0
    assert re.search(f"ValueError: micrograd-mpi: {message}", ended.err), ended.err
    assert re.search(r"micrograd-mpi: rank \d of 3 ended the job", ended.err)
    assert not ended.out
    assert not ended.ranks


def test_broadcast_gives_all_ranks_the_weights_of_rank_0(train: Any) -> None:
    right = train(0)
    ended = train(2, seeds=[0, 7], broadcast=True)
    assert ended.code == 0, ended.err
    for rank in ended.ranks:
        assert abs(rank["steps"] - right.ranks[0]["steps"]).max() < 1e-10


HEAD = """
import numpy as np
from mpi4py import MPI
import micrograd_mpi
from micrograd import nn
from micrograd.engine import Value, compile, plugins

rank = MPI.COMM_WORLD.rank
model = nn.MLP(2, [1], rng=np.random.default_rng(0))
optimizer = nn.SGD(model.parameters(), lr=0.1)
X, y = np.arange(6.0).reshape(3, 2), np.ones((3, 1))

def loss(x, y):
    return model(x).mse(y)

def step(x, y):
    optimizer.zero_grad()
    loss(x, y).backward()
    optimizer.step()

def same(name="weights"):
    every = MPI.COMM_WORLD.gather([p.data.tolist() for p in model.parameters()])
    if rank == 0:
        print(name, all(one == every[0] for one in every))
"""


def test_a_rank_that_drifts_away_is_found_when_the_next_pass_begins(mpiexec: Any) -> None:
    code, _, err = mpiexec(
        2, "-c", f"{HEAD}workers = micrograd_mpi.DataParallel(model)\n"
        "data = micrograd_mpi.batches(X, y, 3, workers=workers)\n"
        "with plugins.registered(workers):\n    for epoch in range(2):\n"
        "        for x, t in data:\n            step(x, t)\n"
        "        if rank == 1:\n            model.layers[0].bias.data += 1e-12",
    )  # fmt: skip
    assert code != 0
    assert re.search(r"the content of layers.0.bias is .* on rank 1, .* They were the same", err)


def test_one_line_registers_the_module_itself(mpiexec: Any) -> None:
    program = (
        f"{HEAD}plugins.register(micrograd_mpi)\n"
        "for x, t in micrograd_mpi.batches(X, y, 3):\n    step(x, t)\n"
        "same()\nalone = nn.MLP(2, [1], rng=np.random.default_rng(0))\n"
        "plugins.unregister(micrograd_mpi)\n"
        "used, model, = model, alone\noptimizer = nn.SGD(model.parameters(), lr=0.1)\nstep(X, y)\n"
        "if rank == 0:\n    for p, q in zip(used.parameters(), model.parameters()):\n"
        "        np.testing.assert_allclose(p.data, q.data, atol=1e-12)\n"
    )
    assert mpiexec(2, "-c", program) == (0, "weights True\n", "")


def test_the_module_itself_compares_parameters_at_the_first_step(mpiexec: Any) -> None:
    code, _, err = mpiexec(
        2, "-c", f"{HEAD}plugins.register(micrograd_mpi)\n"
        "model.layers[0].weight.data += float(rank)\nstep(X, y)",
    )  # fmt: skip
    assert code != 0
    assert re.search(r"the content of layers.0.weight is .* on rank 1, but", err), err


def test_a_second_optimizer_is_compared_at_its_first_step(mpiexec: Any) -> None:
    code, _, err = mpiexec(
        2, "-c", f"{HEAD}plugins.register(micrograd_mpi)\nstep(X, y)\n"
        "p, q = Value(1.0, 'twice'), Value(float(rank), 'twice')\n"
        "(p * q).backward()\nnn.SGD([p, q], lr=0.1).step()",
    )  # fmt: skip
    assert code != 0
    assert re.search(r"the content of twice, number 3 is checksum .* on rank 1, but", err), err


def test_a_program_that_takes_the_step_itself_is_refused_with_a_way_out(mpiexec: Any) -> None:
    code, _, err = mpiexec(
        2, "-c", f"{HEAD}plugins.register(micrograd_mpi.DataParallel(model))\n"
        "compile(loss, optimizer=optimizer)(X, y)",
    )  # fmt: skip
    assert code != 0
    assert "reducers of gradients are registered, but a program that takes the step" in err
    assert "Leave optimizer= out and call step()." in err


def test_that_way_out_keeps_the_ranks_alike(mpiexec: Any) -> None:
    program = (
        f"{HEAD}plugins.register(micrograd_mpi.DataParallel(model))\n"
        "program = compile(loss, model.parameters())\n"
        "for _ in range(3):\n    program(X[rank:rank + 2], y[rank:rank + 2])\n"
        "    optimizer.step()\nsame()"
    )
    assert mpiexec(2, "-c", program) == (0, "weights True\n", "")


def test_a_gradient_that_only_one_rank_has_reaches_all(mpiexec: Any) -> None:
    program = (
        f"{HEAD}p, q, r = Value([1.0, 2.0]), Value(1.0), Value(1.0)\n"
        "optimizer = nn.SGD([p, q, r], lr=1.0)\nplugins.register(micrograd_mpi)\n"
        "((p * 2.0).sum() + (q * 4.0 if rank else 0.0)).backward()\noptimizer.step()\n"
        "print(p.data, q.data, r.has_grad)"
    )
    assert mpiexec(2, "-c", program) == (0, "[-1.  0.] -1.0 False\n" * 2, "")


def test_installed_but_not_registered_is_told_once_a_rank(mpiexec: Any) -> None:
    program = f"{HEAD}import warnings\nwarnings.simplefilter('always')\nstep(X, y)\nstep(X, y)"
    code, _, err = mpiexec(2, "-c", program)
    assert code == 0
    assert err.count("PluginWarning: This process is one of 2, and micrograd-mpi is installed") == 2


def test_nothing_is_told_where_it_is_registered_or_alone(mpiexec: Any) -> None:
    assert mpiexec(1, "-c", f"{HEAD}step(X, y)") == (0, "", "")
    registered = f"{HEAD}plugins.register(micrograd_mpi)\nstep(X, y)"
    assert mpiexec(2, "-c", registered) == (0, "", "")


def test_a_generator_of_model_and_data_is_refused(mpiexec: Any) -> None:
    code, _, err = mpiexec(
        2, "-c", f"{HEAD}rng = np.random.default_rng(0)\n"
        "model = nn.Sequential(nn.Dropout(0.5, rng=rng), nn.Linear(2, 1))\n"
        "micrograd_mpi.fit(model, X, y, 'mse', nn.SGD(model.parameters()), 1, rng=rng,"
        " broadcast=True)",
    )  # fmt: skip
    assert code != 0
    assert "fit: the model and the data draw from one generator" in err


def test_targets_beside_batches_are_refused(mpiexec: Any) -> None:
    code, _, err = mpiexec(
        1, "-c", f"{HEAD}micrograd_mpi.fit(model, nn.batches(X, y), y, 'mse', optimizer, 1)"
    )
    assert code != 0
    assert "fit: X is batches already, so y must be None." in err


def test_the_package_is_loaded_without_starting_mpi(mpiexec: Any) -> None:
    program = (
        "import sys\nfrom micrograd.engine import plugins\nplugins.load(strict=True)\n"
        "[one] = [one for one in plugins.report() if one.distribution == 'micrograd-mpi']\n"
        "print(one.status, one.hooks, 'mpi4py' in sys.modules)\nimport micrograd_mpi\n"
        "try:\n    micrograd_mpi.fot\nexcept AttributeError as error:\n    print(error)"
    )
    assert mpiexec(1, "-c", program)[:2] == (
        0,
        "loaded ['micrograd_reduce_gradients'] False\n"
        "micrograd_mpi has no 'fot'; it has DataParallel, ShardedBatches, batches, fit.\n",
    )
