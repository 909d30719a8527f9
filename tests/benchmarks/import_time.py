"""How long does `import micrograd.engine` take, next to what it cannot do without?

The measure is `import numpy, pluggy`: both must be imported in any case. Programs run in turn, so
that a busy machine slows all of them alike; what is printed are medians and their ratio. All run
from bytecode, as pip leaves it behind when it installs.

    python tests/benchmarks/import_time.py [ROUNDS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

STATEMENTS = {
    "an empty program": "pass",
    "import numpy, pluggy": "import numpy, pluggy",
    "import micrograd.engine": "import micrograd.engine",
}
GOAL = 1.3


def seconds(statement: str, bytecode: str) -> float:
    """How long a fresh Python takes for a statement, from its start to its end."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment)
    return time.perf_counter() - started


def measure(rounds: int) -> dict[str, float]:
    """The median seconds of each statement, over interleaved rounds; a first round warms up."""
    times: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    with tempfile.TemporaryDirectory() as bytecode:
        for round_number in range(rounds + 1):
            for name, statement in STATEMENTS.items():
                taken = seconds(statement, bytecode)
                if round_number:
                    times[name].append(taken)
    return {name: statistics.median(taken) for name, taken in times.items()}


def main(rounds: int) -> None:
    medians = measure(rounds)
    for name, median in medians.items():
        print(f"{name:26} {1000 * median:7.1f} ms")
    start, needed, ours = medians.values()
    print(
        f"\nwhole programs, ours to numpy and pluggy:  {ours / needed:.3f}   (goal: below {GOAL})"
    )
    print(f"without the start of Python itself:        {(ours - start) / (needed - start):.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
