"""Does the example write a page about the network that it says it is about?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import backprop_player


def test_the_page_steps_through_both_layers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backprop_player.main(["--out", str(tmp_path / "pages")])
    path = tmp_path / "pages" / "backprop.html"
    assert capsys.readouterr().out == f"page: {path.resolve()}\n"
    story = re.search(r'id="story">(.*?)</script>', path.read_text("utf-8"))
    assert story is not None
    steps = json.loads(story[1])["steps"]
    forward = [step["op"] for step in steps if step["kind"] == "forward"]
    assert forward == ["matmul", "add", "tanh", "matmul", "add", "subtract", "multiply", "mean"]
    met = [step["shares"] for step in steps if step["kind"] == "rule" and step["shares"] > 1]
    assert met == [2, 2]  # the error's


def test_the_network_has_learnt_nothing_yet() -> None:
    loss = backprop_player.network()
    assert loss.item() > np.var([0, 1, 1, 0])  # what the mean of the answers would get
    assert not loss.has_grad
