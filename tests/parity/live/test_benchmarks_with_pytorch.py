"""Do the benchmarks that hold our layers against PyTorch's compare the same things?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import conv_time
import layers_time
from networks import NETWORKS, Network


@pytest.mark.parametrize("optimizer", ["Adam", "SGD"])
@pytest.mark.parametrize("dtype", layers_time.TOLERANCE)
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_the_training_steps_are_the_same(network: Network, dtype: str, optimizer: str) -> None:
    runners = {name: make(network, dtype, optimizer) for name, make in layers_time.RUNNERS.items()}
    assert layers_time.agree("", runners, layers_time.TOLERANCE[dtype]) > 0


@pytest.mark.parametrize("dtype", conv_time.TOLERANCE)
@pytest.mark.parametrize("chain", conv_time.CHAINS)
def test_the_convolutions_are_the_same(chain: str, dtype: str) -> None:
    conv_time.check(conv_time.runs(conv_time.CHAINS[chain], dtype), conv_time.TOLERANCE[dtype])


def test_the_table_is_printed() -> None:
    run = subprocess.run(
        [sys.executable, layers_time.__file__, "--turns", "1", "--only", "LSTM"],
        cwd=Path(layers_time.__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    head, _, *rows, bounds = run.stdout.splitlines()
    assert "Adam" in head
    assert [row.split()[0] for row in rows] == ["LSTM", "LSTM"]
    assert bounds.startswith("Bounds: eager 2.2, compiled 1.3.")
