"""Does every package keep what it promised, and is a broken promise seen?

A change is planted in a copy of a package's source, as a contributor would make it, and the copy
is described and compared with what was recorded before.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api_changes import Changes, compare, refusal
from planted import Checkout
from sources import Package

CORE, NN, VIZ = (
    "micrograd-core/src/micrograd/engine/",
    "micrograd-nn/src/micrograd/nn/",
    "micrograd-viz/src/micrograd/viz/",
)
PACKAGES = ("micrograd-core", "micrograd-nn", "micrograd-viz")


@pytest.mark.parametrize("name", PACKAGES)
def test_nothing_is_taken_back_before_a_new_major_version(root: Path, name: str) -> None:
    package = Package(root, name)
    recorded, _ = package.recorded()
    if int(package.version.split(".")[0]) == recorded[0]:
        hint = f"If it was never released: hatch run release:record {name} --unreleased"
        assert package.changes().breaking == [], hint


# What is planted: the file, the words that go, those that come, and the sentence that tells.
PLANTED = {
    "a function that is gone": (
        CORE + "ops/activations.py",
        '    "softsign",\n',
        "",
        ["micrograd.engine.Value.softsign is gone", "micrograd.engine.ops.softsign is gone"],
    ),
    "a parameter that is gone": (
        CORE + "value.py",
        "gradient: Any = None, keep_inner: bool = True",
        "gradient: Any = None",
        ["micrograd.engine.Value.backward has no parameter keep_inner any more"],
    ),
    "another default": (
        CORE + "ops/activations.py",
        "*, alpha: float = 1.0",
        "*, alpha: float = 2.0",
        [
            "micrograd.engine.Value.elu has 2.0 as default of alpha instead of 1.0",
            "micrograd.engine.ops.elu has 2.0 as default of alpha instead of 1.0",
        ],
    ),
    "a method that is gone": (
        CORE + "value.py",
        "    def touch(self)",
        "    def _touch(self)",
        ["micrograd.engine.Value.touch is gone"],
    ),
    "a hook that lost an argument": (
        CORE + "hookspecs.py",
        "node: Value, argument: str, g: object, gradient: object",
        "node: Value, argument: str, gradient: object",
        ["hook micrograd_rule_ran has no argument g any more"],
    ),
    "a hook whose argument has another name": (
        NN + "hookspecs.py",
        "def micrograd_reduce_gradients(parameters: list[Value])",
        "def micrograd_reduce_gradients(params: list[Value])",
        ["hook micrograd_reduce_gradients has no argument parameters any more"],
    ),
    "a hook that asks only the first plugin": (
        VIZ + "hookspecs.py",
        "@hookspec\ndef micrograd_node_style",
        "@hookspec(firstresult=True)\ndef micrograd_node_style",
        ["hook micrograd_node_style was `hook (value)` and is `hook (value) firstresult`"],
    ),
    "a class that takes its arguments in another order": (
        NN + "linear.py",
        "nin: int,\n        nout: int,",
        "nout: int,\n        nin: int,",
        [
            "micrograd.nn.Linear takes nin at place 2 instead of 1",
            "micrograd.nn.Linear takes nout at place 1 instead of 2",
        ],
    ),
    "an argument that must be given now": (
        VIZ + "saving.py",
        "def save(root: Value, path: str | os.PathLike[str], **wishes: Any)",
        "def save(root: Value, path: str | os.PathLike[str], format: str, **wishes: Any)",
        ["micrograd.viz.save must be given the new parameter format"],
    ),
}


def owner(place: str) -> str:
    return place.partition("/")[0]


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_breaking_change_is_caught(checkout: Checkout, planted: str) -> None:
    place, old, new, sentences = PLANTED[planted]
    checkout.edit(place, old, new)
    package = checkout.package(owner(place))
    changes = package.changes()
    assert changes.breaking == sentences
    # Neither a patch nor a minor version may hold it; a major one may.
    before, _ = package.recorded()
    for version in (before, (1, 0, 1), (1, 1, 0)):
        reason = refusal(changes, before, version)
        assert sentences[0] in reason
        assert "only 2.0.0 may break" in reason
    assert refusal(changes, before, (2, 0, 0)) == ""


ADDED = {
    "a setting with a default": (
        CORE + "ops/activations.py",
        "def elu(x: Array, *, alpha: float = 1.0)",
        "def elu(x: Array, *, alpha: float = 1.0, beta: float = 1.0)",
        [
            "micrograd.engine.Value.elu takes beta too",
            "micrograd.engine.ops.elu takes beta too",
        ],
    ),
    "a hook with a further argument": (
        CORE + "hookspecs.py",
        "node: Value, argument: str, g: object, gradient: object",
        "when: int, node: Value, argument: str, g: object, gradient: object",
        ["hook micrograd_rule_ran takes when too"],
    ),
    "a public name": (
        CORE + "ops/activations.py",
        '    "softsign",\n',
        '    "softsign",\n    "clip",\n',
        [],  # the op was public already, from another file
    ),
}


@pytest.mark.parametrize("added", ADDED)
def test_what_only_adds_breaks_nothing(checkout: Checkout, added: str) -> None:
    place, old, new, sentences = ADDED[added]
    checkout.edit(place, old, new)
    package = checkout.package(owner(place))
    changes = package.changes()
    assert changes == Changes([], sentences)
    if sentences:
        assert "comes with 1.1.0" in refusal(changes, (1, 0, 0), (1, 0, 1))
    assert refusal(changes, (1, 0, 0), (1, 1, 0)) == ""


def test_a_version_before_the_recorded_one_is_refused() -> None:
    assert "newer than 1.0.0" in refusal(Changes(), (1, 1, 0), (1, 0, 0))


@pytest.mark.parametrize(
    ("old", "new", "breaking"),
    [
        ("def (x, /)", "def (y, /)", []),
        ("def (x, /)", "def (x)", []),
        ("def (x)", "def (x, /)", ["f takes x in another way (either, now positional)"]),
        (
            "def (x)",
            "def (y)",
            ["f has no parameter x any more", "f must be given the new parameter y"],
        ),
        ("def (x, y, /)", "def (x, /, y)", []),
        ("def (x)", "def (*, x)", ["f takes x in another way (either, now keyword)"]),
        ("def (*, x)", "def (x)", []),
        ("def (x=1)", "def (x)", ["f must be given x now"]),
        ("def (x=None)", "def (x=0)", ["f has 0 as default of x instead of None"]),
        ("def (*xs)", "def ()", ["f has no parameter *xs any more"]),
        ("def (**how)", "def (x=1)", ["f has no parameter **how any more"]),
        ("def (x)", "class (x)", ["f was `def (x)` and is `class (x)`"]),
        ("attribute", "def ()", ["f was `attribute` and is `def ()`"]),
        ("def (x, y=(1, 2))", "def (x, y=(1, 2), **how)", []),
    ],
)
def test_what_callers_lose_is_told(old: str, new: str, breaking: list[str]) -> None:
    assert compare({"f": old}, {"f": new}).breaking == breaking


def test_a_class_is_followed_through_its_other_names_and_its_bases() -> None:
    base = {"m.Base": "class ()", "m.Base.run": "def ()", "m.Base.stop": "def ()"}
    old = base | {"m.C": "class ()", "m.C < m.Base": "base", "m.C.run": "def ()"}
    moved = base | {"m.C": "same as m.n.C", "m.n.C": "class ()", "m.n.C < m.Base": "base"}
    assert compare(old, {name: old[name] for name in old if name != "m.C.run"}) == Changes()
    assert compare(old, moved).breaking == ["m.C is no m.Base any more"]
    assert compare(old, base).breaking == ["m.C is gone"]
    assert compare(old, base | {"m.C": "class ()"}).breaking == [
        "m.C is no m.Base any more",
        "m.C.run is gone",
    ]


def release(checkout: Checkout, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout.folder / "tests" / "release"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_command_stops_at_a_planted_breaking_change(checkout: Checkout) -> None:
    place, old, new, sentences = PLANTED["a parameter that is gone"]
    checkout.edit(place, old, new)
    checkout.commit()
    result = release(checkout, "check", "micrograd-core")
    assert result.returncode == 1
    assert "ok  family" in result.stdout
    assert "ok  promises" not in result.stdout
    assert f"  - {sentences[0]}\n" in result.stderr
    assert "hatch run release:record micrograd-core --unreleased" in result.stderr


def test_a_record_is_made_anew_only_where_it_may(checkout: Checkout) -> None:
    place, old, new, sentences = PLANTED["a function that is gone"]
    checkout.edit(place, old, new)
    refused = release(checkout, "record", "micrograd-core")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert sentences[0] in refused.stderr
    assert "hatch run release:record micrograd-core --unreleased" in refused.stderr
    # Never released: a maintainer may decide so.
    checkout.git("tag", "micrograd-core-0.9.0")
    again = release(checkout, "record", "micrograd-core", "--unreleased")
    assert (again.returncode, again.stderr) == (0, "")
    assert f"Gone:\n  - {sentences[0]}\n  - {sentences[1]}\n" in again.stdout
    assert checkout.package().changes() == Changes()
    # Released: nobody may, before the next major version.
    checkout.git("checkout", "--", "packages/micrograd-core/api.json")
    checkout.git("tag", "micrograd-core-1.0.0")
    assert release(checkout, "record", "micrograd-core", "--unreleased").returncode == 1
    checkout.edit(CORE + "_version.py", "1.0.0", "2.0.0")
    assert release(checkout, "record", "micrograd-core").returncode == 0
    assert checkout.package().recorded()[0] == (2, 0, 0)


def test_a_new_version_wants_a_record_of_its_own(checkout: Checkout) -> None:
    checkout.edit(CORE + "_version.py", "1.0.0", "1.1.0")
    checkout.edit("micrograd-core/CHANGELOG.md", "## 1.0.0", "## 1.1.0\n\n- More.\n\n## 1.0.0")
    checkout.commit()
    result = release(checkout, "check", "micrograd-core")
    assert result.returncode == 1
    assert "it is not of 1.1.0 as it is now" in result.stderr
    assert release(checkout, "record", "micrograd-core").returncode == 0


def test_a_version_that_nobody_has_may_grow_and_its_record_follows(checkout: Checkout) -> None:
    place, old, new, sentences = ADDED["a setting with a default"]
    checkout.edit(place, old, new)
    checkout.commit()
    result = release(checkout, "check", "micrograd-core")
    assert result.returncode == 1
    assert f"  - {sentences[0]}\n" in result.stderr
    assert "Run and commit: hatch run release:record micrograd-core\n" in result.stderr
    checkout.git("tag", "micrograd-core-1.0.0")  # who has it has it without the setting
    refused = release(checkout, "record", "micrograd-core")
    assert refused.returncode == 1
    assert "What is new comes with 1.1.0" in refused.stderr
    checkout.git("tag", "--delete", "micrograd-core-1.0.0")
    again = release(checkout, "record", "micrograd-core")
    assert (again.returncode, again.stderr) == (0, "")
    assert "New:\n" in again.stdout


def test_what_was_released_is_kept_whatever_the_record_of_the_next_version_says(
    checkout: Checkout,
) -> None:
    checkout.git("tag", "micrograd-core-1.0.0")
    checkout.edit(CORE + "_version.py", "1.0.0", "1.1.0")
    assert release(checkout, "record", "micrograd-core").returncode == 0
    place, old, new, sentences = PLANTED["a function that is gone"]
    checkout.edit(place, old, new)
    refused = release(checkout, "record", "micrograd-core", "--unreleased")
    assert refused.returncode == 1
    assert "This breaks programs that were right with 1.0.0" in refused.stderr
    assert sentences[0] in refused.stderr
