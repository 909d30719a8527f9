"""python -m micrograd.engine: what users and authors of plugins ask from a terminal.

    python -m micrograd.engine check my_package.my_module:swish --domain positive
    python -m micrograd.engine plugins --json

``check`` imports an op, draws samples for it, and tells which of the promises in ``conformance`` it
keeps. The exit code is 0 if it keeps all, 1 if not, 2 if there was nothing to check.

``plugins`` lists what is installed: what it adds, what waits for a package that is not there, and
what was refused and why. The exit code is 1 if something was refused, or if a setting such as
MICROGRAD_PLUGINS names nobody.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from . import listing
from .checking import DOMAINS, CannotCheck, check


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m micrograd.engine")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_check(commands)
    _add_plugins(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except CannotCheck as error:
        print(f"{parser.prog} {options.command}: {error}", file=sys.stderr)
        return 2


def _add_check(commands: Any) -> None:
    command = commands.add_parser(
        "check",
        help="hold an op against what users rely on",
        description="Draws samples for an op, and tells which promises of an op it keeps.",
    )
    command.add_argument("op", metavar="MODULE:OP", help="for instance my_package.my_module:swish")
    command.add_argument(
        "--domain",
        choices=DOMAINS,
        default="real",
        help="where its arguments come from: "
        + ", ".join(f"{name} [{low}, {high}]" for name, (low, high) in DOMAINS.items()),
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the op, for instance axis=0; may be repeated",
    )
    command.add_argument(
        "--shapes",
        metavar="SHAPES",
        help="shapes of the arguments, for instance '(2, 3), (3,)'; by default, what fits",
    )
    command.add_argument("--seed", type=int, default=0, help="of the samples; 0 by default")
    command.set_defaults(
        run=lambda o: check(o.op, o.domain, settings=o.set, shapes=o.shapes, seed=o.seed)
    )


def _add_plugins(commands: Any) -> None:
    command = commands.add_parser(
        "plugins",
        help="list what is installed, what it adds, and what was refused",
        description="Loads every installed plugin, and tells what became of it.",
    )
    command.add_argument("--json", action="store_true", help="print the reports as JSON")
    command.set_defaults(run=lambda o: listing.show(o.json))


if __name__ == "__main__":
    code = main()
    listing.leave_stdout()  # what plugins print while the program ends is not its answer
    sys.exit(code)
