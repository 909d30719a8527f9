"""Do the four samples of the document that the project grew from run as they stand?

They lie in `seed_samples/`, to the letter. Each runs in an empty folder, on a machine without a
`dot`, and must print what the document promises.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parent / "seed_samples"

AS_THEY_STOOD = {
    "1.py": "cfb29df729a807978654b1ab6065ea584b5e4e5b87326851b1fe66bb1c92d9cc",
    "2.py": "bbe42066473780ed4aa33bfdad266d14371c136a0152caf8fc4dfbde03864c59",
    "3.py": "58dbe38ca610c30d341092931481ae7e444f25dfb4404ea8447fdc253d36110b",
    "4.py": "8ee76b80e1b34a04d1fdd2b5ae91edae2c651da2a9a8daa2b973fb00b73f8cfd",
}


def output(name: str, folder: Path) -> str:
    """What a sample prints, run in this folder; it must be silent on standard error."""
    result = subprocess.run(
        [sys.executable, "-W", "error", str(SAMPLES / name)],
        cwd=folder,
        env={**os.environ, "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    # pygraphviz, where it is installed, lets a font library complain of the machine's own settings.
    complaints = [line for line in result.stderr.splitlines() if not line.startswith("Fontconfig")]
    assert complaints == []
    return result.stdout


@pytest.mark.parametrize("name", AS_THEY_STOOD)
def test_the_samples_are_unchanged(name: str) -> None:
    text = (SAMPLES / name).read_text("utf-8")
    assert hashlib.sha256(text.encode()).hexdigest() == AS_THEY_STOOD[name]


def test_basic_operations_print_the_promised_numbers(tmp_path: Path) -> None:
    assert output("1.py", tmp_path) == "24.7041\n138.8338\n645.5773\n"


def test_a_matrix_product_is_printed(tmp_path: Path) -> None:
    assert output("2.py", tmp_path) == "[[19. 22.]\n [43. 50.]]\n"


def test_a_network_learns_for_ten_printed_epochs(tmp_path: Path) -> None:
    lines = output("3.py", tmp_path).splitlines()
    matches = [re.fullmatch(r"Epoch (\d+), Loss: (\d+\.\d{4})", line) for line in lines]
    told = [(int(match[1]), float(match[2])) for match in matches if match]
    assert len(told) == len(lines) == 10
    assert [epoch for epoch, _ in told] == list(range(0, 100, 10))
    losses = [loss for _, loss in told]
    # The sample draws its weights without a seed. Of 12,000 runs all ended lower than they began;
    # 159 rose once on the way, so more must not be asked.
    assert losses[-1] < losses[0]


def test_the_graph_is_drawn_without_a_dot(tmp_path: Path) -> None:
    assert output("4.py", tmp_path) == ""
    picture = ElementTree.parse(tmp_path / "computation_graph.svg").getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    nodes = [texts(group) for group in picture.iter() if "node" in classes(group)]
    assert sorted(nodes) == [
        ["*"],
        ["+"],
        ["data -6.0", "gradient 1.0"],
        ["x", "data 2.0", "gradient -2.0"],
        ["y", "data -3.0", "gradient 2.0"],
        ["z", "data -4.0", "gradient 1.0"],
    ]


def classes(element: ElementTree.Element) -> list[str]:
    return element.get("class", "").split()


def texts(group: ElementTree.Element) -> list[str]:
    """The lines of text in a part of a picture, with simple spaces."""
    found = group.iter("{http://www.w3.org/2000/svg}text")
    return [" ".join("".join(one.itertext()).split()) for one in found]
