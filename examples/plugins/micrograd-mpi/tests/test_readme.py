"""Do the programs of the README run on several ranks?"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

README = Path(__file__).parents[1] / "README.md"


def program(name: str) -> str:
    found = re.search(rf'```python title="{name}"\n(.*?)```', README.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_the_one_call_prints_the_same_curve_on_one_and_on_four_ranks(
    mpiexec: Any, tmp_path: Path
) -> None:
    curves = []
    for ranks in (1, 4):
        code, out, err = mpiexec(ranks, "-c", program("train.py"))
        assert code == 0, err
        curves.append([line.split()[:2] for line in out.splitlines()])
        assert len(curves[-1]) == 4
        (tmp_path / "run.npz").unlink()
    assert curves[0] == curves[1]


def test_the_loop_of_ones_own(mpiexec: Any) -> None:
    told = (
        "from mpi4py import MPI\nweights = model.layers[0].weight.data.tobytes()\n"
        "print(len(set(MPI.COMM_WORLD.allgather(weights))))"
    )
    assert mpiexec(3, "-c", program("loop.py") + told) == (0, "1\n1\n1\n", "")


def test_without_an_mpi_library_it_says_how_to_get_one(mpiexec: Any) -> None:
    code, out, _ = mpiexec(
        1, "-c", "import sys\nclass No:\n    def find_spec(self, name, *_):\n"
        "        if name == 'mpi4py.MPI':\n            raise RuntimeError('cannot load MPI')\n"
        "sys.meta_path.insert(0, No())\n"
        "try:\n    import micrograd_mpi.workers\nexcept RuntimeError as error:\n    print(error)",
    )  # fmt: skip
    assert code == 0
    assert out == (
        "micrograd-mpi: mpi4py finds no MPI library here (cannot load MPI). On a cluster, load its "
        'MPI; elsewhere, pip install "micrograd-mpi[mpich]>=1,<2".\n'
    )


def test_every_name_is_there() -> None:
    import micrograd_mpi

    for name in micrograd_mpi.__all__:
        assert getattr(micrograd_mpi, name).__module__.startswith("micrograd_mpi.")
    assert "mpi4py.MPI" in sys.modules
