"""How does a training step scale over processes, and what may be expected of more of them?

Measured on the cores that there are, one thread each: one rank takes a whole batch as one compiled
program, with the optimizer's step in it; then all ranks at once compute and step on their parts of
it, and reduce (micrograd-mpi). The ranks wait for each other when they reduce, and only then, so
their step is the sum of both. The fastest turn counts, for a busy machine only adds; computing is
measured in time of the processor, which leaves out what other programs took of it.

Modelled beyond: a step of p ranks is the step of batch/p rows, which one rank measures (with the
optimizer's step outside of the program, as a reducer wants it), an all-reduce of the n bytes of
the gradients, and 2nγ to copy them there and back. A message of m bytes takes α + mβ, the sum of
two arrays of m bytes mγ:

    ring    2(p − 1)α + 2 (p − 1)/p nβ + (p − 1)/p nγ
    tree    2⌈log₂ p⌉(α + nβ) + ⌈log₂ p⌉ nγ       (to the first rank, and back)

α, β and γ are measured here, and α and β taken as given for a network between machines.

Source: Thakur, Rabenseifner, Gropp: Optimization of Collective Communication Operations in MPICH,
2005; for the ring, Patarasuk, Yuan: Bandwidth Optimal All-reduce Algorithms, 2009.

    hatch run mpi:bench                            a minute
    hatch run mpi:bench --seconds 5 --ranks 8 --latency 2e-6 --bandwidth 12.5e9
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log2
from pathlib import Path
from typing import Any

import threads

BEYOND = (2, 4, 8, 16, 32)


@dataclass(frozen=True)
class Costs:
    """Seconds: ``alpha`` a message, ``beta`` a byte on the way, ``gamma`` a byte that is added."""

    alpha: float
    beta: float
    gamma: float

    def ring(self, n: float, p: int) -> float:
        """Every rank sends a p-th to its neighbour, 2(p − 1) times."""
        share = (p - 1) / p * n
        return 2 * (p - 1) * self.alpha + 2 * share * self.beta + share * self.gamma

    def tree(self, n: float, p: int) -> float:
        """All of it goes up to the first rank, level by level, and down again."""
        levels = ceil(log2(p))
        return levels * (2 * (self.alpha + n * self.beta) + n * self.gamma)


@dataclass(frozen=True)
class Case:
    """A network, and the rows of a whole batch."""

    title: str
    sizes: tuple[int, ...]
    rows: int

    def made(self) -> tuple[Any, Any, Any]:
        """The model and its data, the same on every rank."""
        import numpy as np

        from micrograd import nn

        rng = np.random.default_rng(0)
        first, *others = self.sizes
        model = nn.MLP(first, others, dtype=np.float32, rng=rng)
        x = rng.normal(size=(self.rows, first)).astype(np.float32)
        return model, x, rng.integers(others[-1], size=self.rows)


CASES = (
    Case("64-128-64-10 (digits)", (64, 128, 64, 10), 32),
    Case("64-128-64-10", (64, 128, 64, 10), 2048),
    Case("784-512-512-10", (784, 512, 512, 10), 256),
    Case("784-512-512-10", (784, 512, 512, 10), 2048),
)


def fastest(
    step: Callable[[], Any],
    seconds: float,
    comm: Any,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Seconds of the fastest of as many turns as there is time for, on the slowest rank.

    All ranks of ``comm`` begin each turn together.
    """
    found, turns = list[float](), 10
    while len(found) < turns:
        comm.Barrier()
        began = clock()
        step()
        found.append(clock() - began)
        if len(found) == 5:
            turns = comm.bcast(min(max(int(seconds / min(found)), 10), 5000))
    return float(max(comm.allgather(min(found))))


def rest(comm: Any) -> None:
    """Wait for the others without using the processor that they measure on."""
    request = comm.Ibarrier()
    while not request.Test():
        time.sleep(0.005)


# -- one rank -------------------------------------------------------------------------------------


def alone(case: Case, rows: int, seconds: float, apart: bool = False) -> float:
    """Seconds of a step of so many rows; the optimizer's is in the program, or ``apart``."""
    from mpi4py import MPI

    from micrograd import nn
    from micrograd.engine import compile

    model, x, y = case.made()
    optimizer = nn.Adam(model.parameters())
    how = {"parameters": model.parameters()} if apart else {"optimizer": optimizer}
    program = compile(lambda x, y: nn.cross_entropy(model(x), y), **how)
    x, y = x[:rows], y[:rows]

    def step() -> None:
        program(x, y)
        if apart:
            optimizer.step()

    for _ in range(3):  # two of them check the program
        step()
    return fastest(step, seconds, MPI.COMM_SELF, time.process_time)


# -- all ranks ------------------------------------------------------------------------------------


def together(case: Case, comm: Any, seconds: float) -> tuple[float, float, float, int]:
    """Seconds of what each rank does alone, of reducing, of the all-reduce in it, and its bytes."""
    import numpy as np
    from micrograd_mpi import DataParallel
    from mpi4py import MPI

    from micrograd import nn
    from micrograd.engine import compile

    model, x, y = case.made()
    parameters = model.parameters()
    optimizer = nn.Adam(parameters)
    workers = DataParallel(model, comm)
    program = compile(lambda x, y: nn.cross_entropy(model(x), y), parameters)
    mine = slice(*(case.rows * rank // comm.size for rank in (comm.rank, comm.rank + 1)))
    x, y = x[mine], y[mine]

    def compute() -> None:
        program(x, y)
        optimizer.step()

    for _ in range(3):
        compute()
    flat = np.zeros(sum(p.size for p in parameters), np.float32)
    return (
        fastest(compute, seconds, comm, time.process_time),
        fastest(lambda: workers.micrograd_reduce_gradients(parameters), seconds, comm),
        fastest(lambda: comm.Allreduce(MPI.IN_PLACE, flat), seconds, comm),
        flat.nbytes,
    )


def costs_here(comm: Any, seconds: float) -> Costs:
    """From messages to and fro between the first two ranks, and a sum of arrays."""
    import numpy as np

    def to_and_fro(size: int) -> float:
        data = np.zeros(size, np.uint8)

        def step() -> None:
            if comm.rank == 0:
                comm.Send(data, 1)
                comm.Recv(data, 1)
            elif comm.rank == 1:
                comm.Recv(data, 0)
                comm.Send(data, 0)

        return fastest(step, seconds, comm) / 2

    small, large = 8, 1 << 22
    alpha, slow = to_and_fro(small), to_and_fro(large)
    one, other = (np.ones(large // 4, np.float32) for _ in range(2))
    gamma = fastest(lambda: np.add(one, other, out=one), seconds, comm) / large
    return Costs(alpha, (slow - alpha) / (large - small), gamma)


# -- what is printed ------------------------------------------------------------------------------


def scaling(case: Case, step: dict[int, float], n: int, costs: list[Costs]) -> list[str]:
    """A line for each number of ranks; ``step`` has the seconds of a step of batch/p rows.

    That of one rank is the one without a reducer, in one program.
    """
    lines = []
    for p in BEYOND:
        cells = [f"{p:>6}{case.rows // p:>8}{1e3 * step[p]:>10.3f}"]
        for one in costs:
            ring, tree = one.ring(n, p), one.tree(n, p)
            gain = step[1] / (step[p] + 2 * n * one.gamma + min(ring, tree))
            cells.append(f"{1e3 * ring:>10.3f}{1e3 * tree:>10.3f}{gain:>7.2f}×")
        lines.append("".join(cells))
    return lines


def job(asked: argparse.Namespace) -> None:
    """What every rank does; the first one prints."""
    import numpy as np
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    library = MPI.Get_library_version().split("\n")[0].replace("Version:", "").split()

    def tell(line: str = "") -> None:
        if comm.rank == 0:
            print(line, flush=True)

    tell(
        f"A step with Adam in float32: NumPy {np.__version__}, {' '.join(library[:2])}, "
        f"{comm.size} ranks, one thread each; ms, the fastest in {asked.seconds:g} s\n"
    )
    heads = ["gradient", "1 rank", "compute", "reduce", f"{comm.size} ranks", "faster", "share"]
    tell(f"{'network':22}{'batch':>6}" + "".join(f"{one:>10}" for one in heads))
    measured = []
    for case in CASES:
        one = alone(case, case.rows, asked.seconds) if comm.rank == 0 else 0.0
        rest(comm)
        compute, reduce, sent, n = together(case, comm, asked.seconds)
        measured.append((case, n))
        whole = compute + reduce
        cells = "".join(f"{1e3 * seconds:>10.3f}" for seconds in (one, compute, reduce, whole))
        tell(
            f"{case.title:22}{case.rows:>6}{n / 1e6:>7.2f} MB{cells}{one / whole:>9.2f}×"
            f"{sent / whole:>10.1%}"
        )
    tell("\nshare: of the all-reduce in the step, so all that overlapping it could save")
    here = costs_here(comm, asked.seconds)
    there = Costs(asked.latency, 1 / asked.bandwidth, here.gamma)
    tell("\nModelled: a step of p ranks is that of batch/p rows, measured, an all-reduce, and 2nγ")
    for name, costs in (("memory", here), ("network", there)):
        tell(
            f"{name:8} α {1e6 * costs.alpha:.1f} µs a message, β {1e9 * costs.beta:.3f} ns a byte, "
            f"γ {1e9 * costs.gamma:.3f} ns a byte"
        )
    for case, n in measured if comm.rank == 0 else ():
        step = {p: alone(case, case.rows // p, asked.seconds, p > 1) for p in (1, *BEYOND)}
        tell(f"\n{case.title}, batch {case.rows}: {1e3 * step[1]:.3f} ms on one rank")
        tell(f"{'':24}{'in memory':>28}{'over a network':>28}")
        columns = "".join(f"{'ring':>10}{'tree':>10}{'faster':>8}" for _ in range(2))
        tell(f"{'ranks':>6}{'rows':>8}{'step':>10}{columns}")
        for line in scaling(case, step, n, [here, there]):
            tell(line)
    rest(comm)


def main(arguments: list[str]) -> int:
    asked = options(arguments)
    threads.unpin()
    threads.limit(1)  # before NumPy is imported
    if "PMI_SIZE" in os.environ or "OMPI_COMM_WORLD_SIZE" in os.environ:
        job(asked)
        return 0
    beside = Path(sys.executable).with_name("mpiexec")
    mpiexec = str(beside) if beside.exists() else "mpiexec"
    command = [mpiexec, "-n", str(asked.ranks), sys.executable, __file__, *arguments]
    # One rank alone is meant here, so that its reducer is not registered is no mistake.
    return subprocess.run(command, env={**os.environ, "MICROGRAD_PLUGINS": ""}).returncode


def options(arguments: list[str]) -> argparse.Namespace:
    about = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="hatch run mpi:bench", description=about)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--ranks", type=int, default=2, metavar="N", help="no more than cores")
    parser.add_argument("--latency", type=float, default=30e-6, metavar="SECONDS")
    parser.add_argument(
        "--bandwidth", type=float, default=1.25e9, metavar="BYTES", help="a second, of a link"
    )
    asked = parser.parse_args(arguments)
    if asked.ranks < 2:
        parser.error(f"--ranks {asked.ranks}: at least two are needed")
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
