"""Does `hatch test` find every suite, and does its closing table tell the truth?"""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path

import pytest

from run_suites import Outcome, closing_line, main, report, suites


def test_every_package_and_plugin_has_a_suite_and_so_have_the_family_and_the_pages(
    root: Path,
) -> None:
    folders = [*root.glob("packages/micrograd-*"), *root.glob("examples/plugins/micrograd-*")]
    packages = {path.name.removeprefix("micrograd-") for path in folders}
    assert set(suites()) == {*packages, "family", "docs"}


def test_every_suite_turns_warnings_into_errors(root: Path) -> None:
    environments = tomllib.loads((root / "hatch.toml").read_text("utf-8"))["envs"]
    for suite in suites():
        script = environments[f"suite-{suite}"]["scripts"]["run"]
        call = script if isinstance(script, str) else script[-1]
        words = call.split()
        assert words[0] == "pytest"
        # pytest takes the file that -c names, else that in the folder of the tests or above it.
        named = words[words.index("-c") + 1] if "-c" in words else words[1]
        folder = root / (Path(named).parent if "-c" in words else named)
        if (folder / "pytest.ini").exists():
            parser = configparser.ConfigParser()
            parser.read(folder / "pytest.ini", encoding="utf-8")
            filters = parser["pytest"]["filterwarnings"].split("\n")
        else:
            project = tomllib.loads((folder.parent / "pyproject.toml").read_text("utf-8"))
            filters = project["tool"]["pytest"]["ini_options"]["filterwarnings"]
        assert next(one for one in filters if one) == "error", suite


@pytest.mark.parametrize(
    ("output", "closing"),
    [
        ("...\n===== 12 passed in 0.34s =====\n", "12 passed in 0.34s"),
        (
            "\x1b[32m== \x1b[1m3 passed\x1b[0m, 1 warning in 61.20s (0:01:01) ==\x1b[0m\n",
            "3 passed, 1 warning in 61.20s (0:01:01)",
        ),
        (
            "== 1 failed, 2 passed in 0.10s ==\nhatch said something\n",
            "1 failed, 2 passed in 0.10s",
        ),
        ("== 1 error in 0.10s ==\n", "1 error in 0.10s"),
        ("Syncing dependencies\nERROR: no such distribution\n", ""),
        ("== no tests ran in 0.01s ==\n", ""),
        ("test_sums.py::test_a_line_that_looks_so[1 passed in 0.1s]\n", ""),
    ],
)
def test_the_closing_line_of_pytest_is_found(output: str, closing: str) -> None:
    assert closing_line(output) == closing


def test_a_suite_passes_only_with_exit_code_0_and_a_closing_line() -> None:
    assert Outcome("core", 0, 1.0, "3 passed in 0.10s").passed
    assert not Outcome("core", 1, 1.0, "1 failed in 0.10s").passed
    assert not Outcome("core", 0, 1.0, "").passed


def test_the_table_names_what_failed_and_how_to_run_it_again() -> None:
    outcomes = [
        Outcome("core", 0, 61.0, "3 passed in 60.10s"),
        Outcome("nn", 1, 2.0, "1 failed, 2 passed in 0.10s"),
        Outcome("viz", 1, 2.0, ""),
    ]
    table = report(outcomes)
    assert "passed  core           61 s   3 passed in 60.10s" in table
    assert "FAILED  nn              2 s   1 failed, 2 passed in 0.10s" in table
    assert "FAILED  viz             2 s   pytest did not finish (exit code 1)" in table
    assert "2 of 3 suites failed. To run again: hatch test nn viz" in table
    assert "All 1 suites passed." in report(outcomes[:1])


def test_all_suites_run_although_one_fails_and_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[tuple[str, list[str]]] = []

    def run(suite: str, arguments: list[str]) -> Outcome:
        ran.append((suite, arguments))
        return Outcome(suite, int(suite == "core"), 0.0, "1 passed in 0.01s")

    monkeypatch.setattr("run_suites.run", run)
    assert main([]) == 1
    assert [suite for suite, _ in ran] == suites()
    ran.clear()
    assert main(["nn", "-k", "adam"]) == 0
    assert ran == [("nn", ["-k", "adam"])]
