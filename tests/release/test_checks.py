"""Does each check before a release refuse what it is there for?"""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

import local_index
from archives import (
    INFO,
    PAGES,
    check_metadata,
    check_same,
    check_sdist,
    check_wheel,
    expect,
    run,
)
from local_index import Clean, make_index, suite
from planted import Checkout
from sources import (
    Package,
    Refused,
    check_changelog,
    check_family,
    check_tags,
    check_tree,
    described,
    parsed,
)

VERSION = "micrograd-core/src/micrograd/engine/_version.py"
CHANGELOG = "micrograd-core/CHANGELOG.md"

# --- the tree, the changelog, the tags, the family -----------------------------------------------


def test_a_clean_checkout_passes_all_that_needs_no_build(checkout: Checkout) -> None:
    for name in ("micrograd-core", "micrograd-nn", "micrograd-viz"):
        package = checkout.package(name)
        assert "nothing else in the checkout" in check_tree(package)
        assert check_changelog(package).startswith(f"{package.version}, with ")
        assert f"no tag {name}-{package.version} yet" in check_tags(package)
        assert check_family(package)


def test_what_is_not_committed_is_named(checkout: Checkout) -> None:
    (checkout.folder / "left.txt").write_text("here")
    checkout.edit(CHANGELOG, "## 1.0.0", "## 1.0.0 ")
    with pytest.raises(
        Refused, match=r"(?s)not committed:\n M packages.+CHANGELOG.+\?\? left\.txt"
    ):
        check_tree(checkout.package())


def test_a_folder_without_git_is_refused(checkout: Checkout) -> None:
    shutil.rmtree(checkout.folder / ".git")
    with pytest.raises(Refused, match=r"git status --porcelain failed: .*not a git repository"):
        check_tree(checkout.package())


@pytest.mark.parametrize("text", ["1.0", "1.0.0rc1", "v1.0.0", ""])
def test_a_version_has_three_numbers(text: str) -> None:
    with pytest.raises(Refused, match=r"is not major\.minor\.patch"):
        parsed(text)


def test_a_version_must_be_set(checkout: Checkout) -> None:
    checkout.edit(VERSION, "__version__ =", "version =")
    with pytest.raises(Refused, match=r"_version\.py sets no __version__"):
        check_changelog(checkout.package())


def test_version_and_changelog_must_agree(checkout: Checkout) -> None:
    checkout.edit(VERSION, "1.0.0", "1.0.1")
    with pytest.raises(Refused, match=r"begins with '1\.0\.0', but _version\.py says '1\.0\.1'"):
        check_changelog(checkout.package())


@pytest.mark.parametrize("older", ["1.0.0", "1.2.0"])
def test_a_changelog_goes_from_new_to_old(checkout: Checkout, older: str) -> None:
    path = checkout.folder / "packages" / CHANGELOG
    path.write_text(f"{path.read_text('utf-8')}\n## {older}\n\n- Old.\n", "utf-8")
    with pytest.raises(Refused, match="are not from new to old"):
        check_changelog(checkout.package())


def test_a_changelog_says_something(checkout: Checkout) -> None:
    path = checkout.folder / "packages" / CHANGELOG
    path.write_text("# Changelog\n\n## 1.0.0\n\nNothing.\n", "utf-8")
    with pytest.raises(Refused, match=r"says nothing about 1\.0\.0"):
        check_changelog(checkout.package())


def test_a_released_version_is_not_released_again_with_other_files(checkout: Checkout) -> None:
    checkout.git("tag", "micrograd-core-1.0.0")
    assert "as it was released" in check_tags(checkout.package())
    # Another package may go on; this one may not.
    checkout.edit("micrograd-nn/README.md", "Networks", "Nets")
    checkout.commit()
    assert "as it was released" in check_tags(checkout.package())
    checkout.edit("micrograd-core/README.md", "NumPy", "numpy")
    checkout.commit()
    with pytest.raises(Refused, match=r"micrograd-core has changed since\. Raise _version\.py"):
        check_tags(checkout.package())


def test_a_tag_says_the_version_of_its_commit(checkout: Checkout) -> None:
    checkout.git("tag", "micrograd-core-0.9.0")
    with pytest.raises(Refused, match=r"has the tag micrograd-core-0\.9\.0, but _version\.py says"):
        check_tags(checkout.package())


def test_versions_only_rise(checkout: Checkout) -> None:
    checkout.git("tag", "micrograd-core-1.1.0")
    checkout.edit("micrograd-core/README.md", "NumPy", "numpy")
    checkout.commit()
    with pytest.raises(Refused, match=r"micrograd-core-1\.1\.0 is released, which is newer"):
        check_tags(checkout.package())


def test_a_range_must_admit_the_core_beside_it(checkout: Checkout) -> None:
    checkout.edit(VERSION, "1.0.0", "2.0.0")
    with pytest.raises(Refused, match=r"micrograd-nn asks for micrograd-core<2,>=1, but here is 2"):
        check_family(checkout.package("micrograd-nn"))


def test_what_cannot_be_imported_cannot_be_described() -> None:
    with pytest.raises(Refused, match=r"(?s)no_such_module cannot be described.+No module named"):
        described(sys.executable, ["no_such_module"])


# --- wheels and source distributions -------------------------------------------------------------


def wheel_names(package: Package) -> set[str]:
    info = f"micrograd_nn-{package.version}.dist-info"
    sources = {name.removeprefix("src/") for name in package.tracked if name.startswith("src/")}
    return sources | {f"{info}/{name}" for name in INFO | {"entry_points.txt"}}


def write_wheel(package: Package, folder: Path, names: Iterable[str], metadata: str = "") -> Path:
    path = folder / f"micrograd_nn-{package.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as opened:
        for name in names:
            opened.writestr(name, metadata if name.endswith("/METADATA") else "")
    return path


HOME = "micrograd/nn/"


@pytest.mark.parametrize(
    ("added", "removed", "reason"),
    [
        ("tests/test_linear.py", "", r"holds tests/test_linear\.py, outside of micrograd/nn/"),
        ("micrograd/__init__.py", "", r"holds micrograd/__init__\.py, outside of"),
        (HOME + "left_over.py", "", r"micrograd/nn/left_over\.py does not belong there"),
        ("", HOME + "py.typed", r"has no py\.typed in micrograd/nn/"),
        ("", HOME + "linear.py", r"micrograd/nn/linear\.py is missing"),
        ("", "licenses/LICENSE", r"licenses/LICENSE is missing"),
        ("", "entry_points.txt", r"entry_points\.txt is missing"),
    ],
)
def test_a_wheel_holds_what_it_should(
    checkout: Checkout, tmp_path: Path, added: str, removed: str, reason: str
) -> None:
    package = checkout.package("micrograd-nn")
    names = wheel_names(package)
    assert check_wheel(package, write_wheel(package, tmp_path, names))
    changed = {name for name in names if not (removed and name.endswith(removed))}
    changed |= {added} if added else set()
    with pytest.raises(Refused, match=reason):
        check_wheel(package, write_wheel(package, tmp_path, changed))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_wheel_holds_each_file_once(checkout: Checkout, tmp_path: Path) -> None:
    package = checkout.package("micrograd-nn")
    names = [*wheel_names(package), HOME + "linear.py"]
    with pytest.raises(Refused, match="holds a file twice"):
        check_wheel(package, write_wheel(package, tmp_path, names))


def test_a_source_distribution_holds_what_it_should(checkout: Checkout, tmp_path: Path) -> None:
    package = checkout.package("micrograd-nn")
    wanted = {name for name in package.tracked if name.startswith("src/")} | PAGES | {"PKG-INFO"}

    def write(names: set[str]) -> Path:
        path = tmp_path / f"micrograd_nn-{package.version}.tar.gz"
        with tarfile.open(path, "w:gz") as opened:
            for name in names:
                opened.addfile(tarfile.TarInfo(f"micrograd_nn-{package.version}/{name}"))
        return path

    assert check_sdist(package, write(wanted)).splitlines()[0].endswith(".tar.gz")
    with pytest.raises(Refused, match=r"CHANGELOG\.md is missing"):
        check_sdist(package, write(wanted - {"CHANGELOG.md"}))
    with pytest.raises(Refused, match=r"\.coverage does not belong there"):
        check_sdist(package, write(wanted | {".coverage"}))


def test_what_is_found_is_listed_by_folder() -> None:
    listing = expect("a.whl", {"m/a.py", "m/b.py", "m/n/c.py"}, {"m/a.py", "m/b.py", "m/n/c.py"})
    assert listing.splitlines() == ["a.whl", "    2  m/", "    1  m/n/"]


def test_metadata_say_what_the_project_declares(checkout: Checkout, tmp_path: Path) -> None:
    package = checkout.package("micrograd-nn")
    metadata = (
        "Name: micrograd-nn\nVersion: 1.0.1\nRequires-Python: >=3.11\nLicense-Expression: MIT\n"
    )
    wheel = write_wheel(package, tmp_path, wheel_names(package), metadata)
    with pytest.raises(Refused, match=r"whl: Version is '1\.0\.1', not '1\.0\.0'\."):
        check_metadata(package, wheel, wheel)


def test_two_builds_are_compared_byte_for_byte(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "a.whl").write_bytes(b"the same")
    assert check_same(one, other).endswith("  a.whl")
    (other / "a.whl").write_bytes(b"the sam3")
    with pytest.raises(Refused, match=r"Two builds of one commit differ in a\.whl\."):
        check_same(one, other)
    (other / "b.whl").write_bytes(b"")
    with pytest.raises(Refused, match=r"Two builds gave \['a\.whl'\] and \['a\.whl', 'b\.whl'\]"):
        check_same(one, other)


def test_a_command_that_fails_shows_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(
        Refused, match=r"(?s)-c print\('told'\); raise SystemExit\(3\)` failed:\ntold"
    ):
        run(sys.executable, "-c", "print('told'); raise SystemExit(3)", cwd=tmp_path)


# --- the local index -----------------------------------------------------------------------------


def small_wheel(folder: Path) -> Path:
    path = folder / "micrograd_nn-1.0.0-py3-none-any.whl"
    info = "micrograd_nn-1.0.0.dist-info"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: micrograd-nn\nVersion: 1.0.0\n"
        )
        opened.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        opened.writestr(f"{info}/RECORD", "")
    return path


def test_pip_finds_a_package_in_the_index_and_holds_it_against_its_checksum(tmp_path: Path) -> None:
    index = make_index(tmp_path / "index", [small_wheel(tmp_path)])
    command = (sys.executable, "-m", "pip", "--isolated", "download", "--no-deps", "--no-cache-dir")
    wanted = ("--index-url", index, "--dest", tmp_path / "got", "micrograd-nn>=1,<2")
    run(*command, *wanted, cwd=tmp_path)
    assert (tmp_path / "got" / "micrograd_nn-1.0.0-py3-none-any.whl").exists()
    shutil.rmtree(tmp_path / "got")
    with zipfile.ZipFile(next(tmp_path.glob("index/files/*.whl")), "a") as opened:
        opened.writestr("stranger.py", "")
    with pytest.raises(Refused, match="DO NOT MATCH THE HASHES"):
        run(*command, *wanted, cwd=tmp_path)


def test_a_suite_is_what_hatch_says(root: Path) -> None:
    found = suite(Package(root, "micrograd-nn"))
    assert found.extras == ["safetensors"]
    assert any(tool.startswith("pytest") for tool in found.tools)
    assert suite(Package(root, "micrograd-core")).extras == []


def test_the_family_comes_from_the_index_alone(checkout: Checkout, tmp_path: Path) -> None:
    clean, report = Clean(checkout.package("micrograd-nn"), tmp_path), tmp_path / "report.json"

    def installed(**urls: str) -> None:
        lines = [
            {
                "metadata": {"name": name.replace("_", "-"), "version": "1.0.0"},
                "download_info": {"url": url},
            }
            for name, url in urls.items()
        ]
        report.write_text(json.dumps({"install": lines}), "utf-8")

    ours, theirs = "file:///index/files/a.whl", "https://index.example/a.whl"
    installed(numpy=theirs, micrograd_core=ours, micrograd_nn=ours)
    told = clean.came_from(report, "file:///index/")
    assert told == "micrograd-core 1.0.0, micrograd-nn 1.0.0, numpy 1.0.0"
    installed(micrograd_core=theirs, micrograd_nn=ours)
    with pytest.raises(
        Refused, match=r"pip took micrograd-core 1\.0\.0 from https://index\.example"
    ):
        clean.came_from(report, "file:///index/")
    installed(micrograd_core=ours)
    with pytest.raises(Refused, match=r"pip did not install micrograd-nn 1\.0\.0"):
        clean.came_from(report, "file:///index/")


def test_what_is_installed_promises_what_its_source_does(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = Clean(checkout.package("micrograd-nn"), tmp_path)
    monkeypatch.setattr(local_index, "described", lambda python, modules: {"f": "def ()"})
    assert clean.check_api({"f": "def ()"}) == "1 promises, those of the source"
    with pytest.raises(Refused, match=r"promises something else: .+'def \(x\)'"):
        clean.check_api({"f": "def (x)"})
