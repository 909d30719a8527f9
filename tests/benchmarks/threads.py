"""How much of the processor may everybody use? Most libraries read it when they are imported."""

from __future__ import annotations

import os


def limit(count: int) -> None:
    """Tell the linear algebra libraries, OpenMP, XLA and torch.compile, through the environment."""
    for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR"):
        os.environ[f"{library}_NUM_THREADS"] = str(count)
    os.environ["NPROC"] = os.environ["PJRT_NPROC"] = str(count)  # the size of XLA's thread pools
    if count == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"


PINS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_ENABLE_INSTRUCTIONS")


def unpin() -> None:
    """Let every library look for itself which instructions the processor has.

    A variable of the environment may hold NumPy's BLAS to those of an older processor, for instance
    so that all machines of a pool round alike. It holds neither PyTorch nor JAX.
    """
    for name in PINS:
        os.environ.pop(name, None)


def blas() -> str:
    """Which kernels NumPy's BLAS takes."""
    from threadpoolctl import threadpool_info

    names = {one["architecture"] for one in threadpool_info() if one["user_api"] == "blas"}
    return ", ".join(sorted(map(str, names))) or "unknown"


def check(count: int) -> None:
    """Limit what has a call of its own, then hold what the libraries say against ``count``."""
    import torch
    from threadpoolctl import threadpool_info

    torch.set_num_threads(count)
    for pool in threadpool_info():
        if pool["num_threads"] > count:
            raise SystemExit(f"{pool['filepath']} uses {pool['num_threads']} threads, not {count}")
