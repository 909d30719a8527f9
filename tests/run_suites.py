"""Which suites are there, and how did each end?

`hatch test` starts this program. A suite is an environment of `hatch.toml` whose name begins with
`suite-`; its script `run` is its pytest call. Each runs through hatch, so in an environment that
holds what that suite declares and nothing else. One that fails does not keep the others from
running; the closing table tells them apart, and the exit code is 0 only if all passed.

    hatch test                    every suite
    hatch test core nn            these two
    hatch test nn -k adam         what is no suite's name goes to pytest
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "suite-"
CLOSING = re.compile(r"(?:\d+ [a-z ]+(?:, )?)+ in [\d.]+s(?: \(.+\))?")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Outcome:
    """How one suite ended: its exit code, seconds with the making of its environment, last line."""

    suite: str
    code: int
    seconds: float
    closing: str

    @property
    def passed(self) -> bool:
        return self.code == 0 and bool(self.closing)


def suites() -> list[str]:
    """The names of all suites, in the order of `hatch.toml`."""
    environments = tomllib.loads((ROOT / "hatch.toml").read_text("utf-8"))["envs"]
    return [name.removeprefix(PREFIX) for name in environments if name.startswith(PREFIX)]


def closing_line(output: str) -> str:
    """What pytest said last, without colour and frame; empty when pytest never got that far."""
    for line in reversed(COLOUR.sub("", output).splitlines()):
        if CLOSING.fullmatch(line.strip("= ")):
            return line.strip("= ")
    return ""


def run(suite: str, arguments: list[str]) -> Outcome:
    """Run one suite in its own environment, showing its output as it comes."""
    print(f"\n━━━ {suite} ".ljust(100, "━"), flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "hatch", "env", "run", "--env", PREFIX + suite, "--", "run"]
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    # The suites run on the Python that runs this program, unless the caller chose another.
    environment = {"HATCH_PYTHON": "self", "PYTHONUNBUFFERED": "1", **os.environ}
    output = bytearray()
    with subprocess.Popen(
        [*command, *colour, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        while chunk := os.read(process.stdout.fileno(), 65536):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            output += chunk
    closing = closing_line(output.decode("utf-8", "replace"))
    return Outcome(suite, process.returncode, time.monotonic() - started, closing)


def report(outcomes: list[Outcome]) -> str:
    """The closing table."""
    lines = ["\n━━━ suites ".ljust(100, "━")]
    for outcome in outcomes:
        verdict = "passed" if outcome.passed else "FAILED"
        closing = outcome.closing or f"pytest did not finish (exit code {outcome.code})"
        lines.append(f"{verdict}  {outcome.suite:10} {outcome.seconds:6.0f} s   {closing}")
    failed = [outcome.suite for outcome in outcomes if not outcome.passed]
    if failed:
        again = f"hatch test {' '.join(failed)}"
        lines.append(f"\n{len(failed)} of {len(outcomes)} suites failed. To run again: {again}")
    else:
        lines.append(f"\nAll {len(outcomes)} suites passed.")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    known = suites()
    chosen = [suite for suite in known if suite in arguments] or known
    rest = [argument for argument in arguments if argument not in known]
    outcomes = [run(suite, rest) for suite in chosen]
    print(report(outcomes), flush=True)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
