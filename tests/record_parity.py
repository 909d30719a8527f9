"""Record what PyTorch computes: writes reference.json and transforms.json in tests/parity.

    hatch run parity:record

The files are what `tests/test_parity.py` and `tests/test_parity_transforms.py` compare with, so
that nobody has to install PyTorch to run the tests.
"""

from __future__ import annotations

from parity import reference, transforms
from parity.live import transforms as live_transforms
from parity.live.recording import record


def main() -> None:
    version, cases, runs = record()
    reference.write(version, cases, runs)
    size = reference.FILE.stat().st_size
    print(
        f"{reference.FILE.name}: {len(cases)} cases and {len(runs)} training runs of PyTorch "
        f"{version}, {size / 1000:.0f} kB"
    )
    derivatives = live_transforms.record()
    transforms.write(version, derivatives)
    size = transforms.FILE.stat().st_size
    print(f"{transforms.FILE.name}: {len(derivatives)} cases, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
