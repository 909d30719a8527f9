"""How fast are we, and how much memory do we take? All of it from one command.

    hatch run bench                           everything: about ten minutes
    hatch run bench --quick                   fewer turns, no torch.compile: one minute
    hatch run bench --only 64-128-64-10 --only "scalars, deep"
    hatch run bench --json FILE --plot FILE --dtype float32 --threads 2
    hatch run bench --page docs/benchmarks.md --plot docs/images/benchmarks.png

Read ``case`` first. Exit code 1 if a bound that was measured is missed and ``--strict`` is given.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import threads


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hatch run bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns, nothing slow")
    parser.add_argument("--only", action="append", default=[], metavar="CASE", help="repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the picture of the docs")
    parser.add_argument("--page", type=Path, metavar="FILE", help="renew the tables of a page")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument(
        "--pinned", action="store_true", help="keep OPENBLAS_CORETYPE, if it is set"
    )
    parser.add_argument("--turns", type=int, metavar="N", help="60, or 12 with --quick")
    parser.add_argument("--strict", action="store_true", help="fail if a bound is missed")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    asked = options(arguments)
    if not asked.pinned:
        threads.unpin()
    threads.limit(asked.threads)  # before any of these is imported:
    import numpy as np
    from rich.console import Console

    import report
    import suite
    from results import judge

    threads.check(asked.threads)
    unknown = set(asked.only) - set(suite.names())
    if unknown:
        raise SystemExit(f"no case {sorted(unknown)}. There are: {', '.join(suite.names())}")
    console = Console()
    if not console.is_terminal:
        console.width = 160
    plan = suite.Plan(
        dtype=np.dtype(asked.dtype).type,
        turns=asked.turns or (12 if asked.quick else 60),
        quick=asked.quick,
        only=tuple(asked.only),
        threads=asked.threads,
        say=lambda name: console.print(f"measuring {name}", style="dim", highlight=False),
    )
    results = suite.run(plan)
    verdicts = judge(results)
    report.show(results, verdicts, console)
    if asked.json:
        report.as_json(results, verdicts, asked.json)
    if asked.plot:
        import plot

        plot.draw(results, asked.plot)
    if asked.page:
        import page

        page.renew(results, verdicts, asked.page)
    missed = any(verdict.met is False for verdict in verdicts)
    return 1 if asked.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
