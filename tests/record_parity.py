"""Record what PyTorch computes: writes tests/parity/reference.json.

    hatch run parity:record

The file is what `tests/test_parity.py` compares with, so that nobody has to install PyTorch to run
the tests.
"""

from __future__ import annotations

from parity import reference
from parity.live.recording import record


def main() -> None:
    version, cases, runs = record()
    reference.write(version, cases, runs)
    size = reference.FILE.stat().st_size
    print(
        f"{reference.FILE.name}: {len(cases)} cases and {len(runs)} training runs of PyTorch "
        f"{version}, {size / 1000:.0f} kB"
    )


if __name__ == "__main__":
    main()
