"""Where does MPI itself come from? mpi4py brings none: this says so where there is none."""

from __future__ import annotations

try:
    from mpi4py import MPI
except RuntimeError as error:
    raise RuntimeError(
        f"micrograd-mpi: mpi4py finds no MPI library here ({str(error).splitlines()[0]}). On a "
        'cluster, load its MPI; elsewhere, pip install "micrograd-mpi[mpich]>=1,<2".'
    ) from error

__all__ = ["MPI"]
