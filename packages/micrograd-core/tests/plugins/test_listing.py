"""python -m micrograd.engine plugins: what it shows, and how it ends."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

from micrograd.engine import listing
from micrograd.engine.plugins import PluginReport

if TYPE_CHECKING:
    import subprocess

    from .conftest import Machine

HEAD = "from micrograd.engine import hookimpl\ndef fine(x): return x * 2\n"

LOUD = """
import atexit, os, subprocess, sys
print("by print")
sys.__stdout__.write("past redirection\\n")
os.write(1, b"past Python\\n")
subprocess.run([sys.executable, "-c", "print('by a child')"])
atexit.register(print, "on the way out")
atexit.register(os.write, 1, b"past Python, on the way out\\n")
from micrograd.engine import hookimpl
@hookimpl
def micrograd_ops():
    print("by a hook")
    return {"loud": abs}
"""

WAITING = (
    HEAD
    + """
@hookimpl
def micrograd_ops(): return {"fine": fine}
@hookimpl
def micrograd_activations(): return {"fine": fine}
@hookimpl
def micrograd_losses(): return {}
@hookimpl
def micrograd_renderers(): return {}
@hookimpl
def micrograd_rule_ran(): raise AssertionError("nobody registered it")
"""
)


def command(machine: Machine, *flags: str, **env: str) -> subprocess.CompletedProcess[str]:
    ended = machine.start("-m", "micrograd.engine", "plugins", *flags, **env)
    assert "Traceback" not in ended.stderr
    return ended


@pytest.fixture
def several(machine: Machine) -> Machine:
    machine.install_op("micrograd-a", "swish", 2.0, "own_a")
    machine.install_op("micrograd-b", "swish", 3.0, "own_b")
    machine.install("micrograd-broken", "import nothing_like_this")
    machine.install("micrograd-off", "raise SystemExit")
    machine.install("micrograd-waits", WAITING)
    return machine


SHOWN = """\
micrograd-a       1.2.3    micrograd-a       T          loaded
  hooks       micrograd_ops
  adds        own_a, swish
  contested   swish (also in micrograd-b)

micrograd-b       1.2.3    micrograd-b       T          loaded
  hooks       micrograd_ops
  adds        own_b, swish
  contested   swish (also in micrograd-a)

micrograd-broken  1.2.3    micrograd-broken  T          refused
  reason      Importing it raised ModuleNotFoundError: No module named
              'nothing_like_this'.
  fix         Until it is repaired, uninstall it or switch it off with
              MICROGRAD_PLUGINS=-micrograd-broken.

micrograd-off     1.2.3    micrograd-off                blocked
  reason      MICROGRAD_PLUGINS='-micrograd-off' leaves it out.

micrograd-waits   1.2.3    micrograd-waits   T          loaded
  hooks       micrograd_ops, micrograd_rule_ran
  adds        fine
  on request  micrograd_rule_ran (once the program calls plugins.register)
  waiting     micrograd_activations, micrograd_losses
    install   pip install "micrograd-nn>=1,<2"
  waiting     micrograd_renderers
    install   pip install "micrograd-viz>=1,<2"

A contested name means nothing until the program decides, for instance with
plugins.prefer('swish', 'micrograd-a'). The qualified name, 'micrograd-a:swish',
always works.
6 plugins: 4 loaded, 1 blocked, 1 refused (micrograd-broken).
"""


def without_times(out: str) -> str:
    """The table with T for each load time."""
    return re.sub(r"\d+(\.\d)? ms *", "T          ", out)


def test_the_table(several: Machine) -> None:
    ended = command(several, MICROGRAD_PLUGINS="-micrograd-off", COLUMNS="80")
    heading, _, core, hooks, adds, *_ = ended.stdout.splitlines()
    assert heading == "DISTRIBUTION      VERSION  ENTRY POINT       LOADED IN  STATUS"
    assert core.startswith("micrograd-core ")
    assert hooks == "  hooks       micrograd_ops"
    assert adds.startswith("  adds        abs, absolute, add, ")
    strangers = ended.stdout[ended.stdout.index("micrograd-a ") :]
    assert without_times(strangers) == SHOWN
    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal_and_no_name_is_lost(
    machine: Machine, width: int
) -> None:
    long = "micrograd-special-functions-of-mathematical-physics"
    machine.install(
        long,
        HEAD + "@hookimpl\ndef micrograd_ops(): return {f'bessel_{i}': fine for i in range(60)}",
        entry_points={long + "-entry": long.replace("-", "_")},
    )
    ended = command(machine, COLUMNS=str(width))
    lines = ended.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert any(line.endswith(" loaded") and line.startswith("micrograd-special-") for line in lines)
    cut = next(line for line in lines if line.endswith(" more") and "bessel" in line)
    shown = ended.stdout.count("bessel_")
    assert cut.endswith(f"and {60 - shown} more")
    version, entry, time = map(lines[0].index, ("VERSION", "ENTRY", "LOADED"))
    table = [line for line in lines if line[:1].isalpha() or line[:version].isspace()]
    assert long in "".join(line[:version].strip() for line in table)
    assert f"{long}-entry" in "".join(line[entry:time].strip() for line in table)
    assert ended.returncode == 0


def test_with_nothing_refused_the_exit_code_is_0(machine: Machine) -> None:
    ended = command(machine)
    assert ended.returncode == 0
    assert ended.stdout.endswith("\n1 plugin: 1 loaded.\n")
    machine.install_op("micrograd-a", "swish")
    ended = command(machine, MICROGRAD_PLUGINS="")
    assert ended.returncode == 0
    assert "MICROGRAD_PLUGINS='' leaves it out." in ended.stdout


def test_a_choice_that_nobody_answers_to_is_told_and_ends_with_1(machine: Machine) -> None:
    machine.install_op("micrograd-a", "swish")
    told = "No installed plugin answers to 'micrograd-q'"
    ended = command(machine, MICROGRAD_PLUGINS="micrograd-q")
    assert (ended.returncode, ended.stdout.count(told), ended.stderr) == (1, 1, "")
    ended = command(machine, "--json", MICROGRAD_PLUGINS="micrograd-q")
    assert (ended.returncode, ended.stderr.count(told)) == (1, 1)
    assert [row["status"] for row in json.loads(ended.stdout)] == ["loaded", "blocked"]


def test_json_is_the_reports_as_plain_data(several: Machine) -> None:
    ended = command(several, "--json", MICROGRAD_PLUGINS="-micrograd-off")
    rows = {row["distribution"]: row for row in json.loads(ended.stdout)}
    assert next(iter(rows)) == "micrograd-core"
    assert all(tuple(row) == PluginReport._fields for row in rows.values())
    assert rows["micrograd-a"]["contested"] == ["swish"]
    assert rows["micrograd-off"]["status"] == "blocked"
    assert rows["micrograd-broken"]["fix"].endswith("MICROGRAD_PLUGINS=-micrograd-broken.")
    assert rows["micrograd-waits"]["waiting"]["micrograd_losses"] == (
        'pip install "micrograd-nn>=1,<2"'
    )
    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_standard_output_belongs_to_the_answer(machine: Machine, flags: tuple[str, ...]) -> None:
    machine.install("micrograd-loud", LOUD)
    ended = command(machine, *flags)
    said = [
        "by print",
        "past redirection",
        "past Python",
        "by a child",
        "by a hook",
        "on the way out",
        "past Python, on the way out",
    ]
    assert sorted(ended.stderr.splitlines()) == sorted(said)
    assert "past" not in ended.stdout
    if flags:
        assert json.loads(ended.stdout)[1]["names"] == ["loud"]


def test_what_a_reason_holds_cannot_move_the_cursor_or_break_the_output(machine: Machine) -> None:
    machine.install("micrograd-rude", "raise ValueError('one\\n\\x1b[2J\\ttwo \\u03c3\\ud800')")
    ended = command(machine, PYTHONIOENCODING="ascii")
    assert "Importing it raised ValueError: one [2J two \\u03c3" in ended.stdout
    ended = command(machine, "--json", PYTHONIOENCODING="ascii")
    assert "\x1b[2J\ttwo σ" in json.loads(ended.stdout)[1]["reason"]


REPORTS = [
    PluginReport("micrograd-a", "1", "a", [], [], [], {}, status, "", "", seconds)
    for status, seconds in (("loaded", 2.5), ("refused", 0.0254), ("blocked", 0.0))
]


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def painted() -> str:
        return "\n".join(listing.table(REPORTS, [], 80, listing.painter()))

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    without = painted()
    assert "\x1b" not in without
    assert [line.split()[2:] for line in without.splitlines() if "a  " in line] == [
        ["a", "2500", "ms", "loaded"],
        ["a", "25", "ms", "refused"],
        ["a", "blocked"],
    ]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for status, code in (("loaded", "32"), ("refused", "1;31"), ("blocked", "33")):
        assert f"\x1b[{code}m{status}\x1b[0m\n" in painted()
    monkeypatch.setenv("NO_COLOR", "1")
    assert painted() == without
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert painted() == without


def test_a_program_that_calls_it_keeps_its_standard_output(machine: Machine) -> None:
    ran = machine.run(
        "from micrograd.engine.__main__ import main\nimport os\n"
        "print('code', main(['plugins']), flush=True)\nos.write(1, b'past Python')"
    )
    assert ran.out.endswith("1 plugin: 1 loaded.\ncode 0\npast Python")


def test_importing_the_engine_brings_no_command_in(machine: Machine) -> None:
    ran = machine.run(
        "print([m for m in ('listing', 'checking', '__main__') "
        "if 'micrograd.engine.' + m in sys.modules], 'argparse' in sys.modules)"
    )
    assert ran.out == "[] False\n"
