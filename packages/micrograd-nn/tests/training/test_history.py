"""What a run remembers."""

from __future__ import annotations

import pytest

from micrograd.nn.training import History
from micrograd.nn.training.progress import curve


@pytest.fixture
def history() -> History:
    made = History()
    made.add_epoch({"loss": 1.0, "val_loss": 2.0})
    made.add_step(1.5, 0.1)
    made.add_epoch({"loss": 0.5, "val_loss": 1.0})
    return made


def test_it_is_a_mapping_from_names_to_lists(history: History) -> None:
    assert dict(history) == {"loss": [1.0, 0.5], "val_loss": [2.0, 1.0]}
    assert (len(history), list(history), history.epochs) == (2, ["loss", "val_loss"], 2)
    assert "accuracy" not in history
    assert history.get("accuracy") is None
    assert history.steps == {"loss": [1.5], "lr": [0.1]}


def test_it_tells_what_it_has(history: History) -> None:
    with pytest.raises(KeyError, match=r"The history has no 'acc'; it has loss, val_loss\."):
        history["acc"]
    with pytest.raises(KeyError, match="it has no epochs yet"):
        History()["loss"]
    assert repr(History()) == "History of 0 epochs"
    history.stopped = "enough"
    assert repr(history) == "History of 2 epochs: loss 0.5, val_loss 1 (enough)"


def test_its_state_is_all_of_it(history: History) -> None:
    other = History()
    other.load_state_dict(history.state_dict())
    assert (dict(other), other.steps) == (dict(history), history.steps)
    other.add_epoch({"loss": 0.1, "val_loss": 0.2})
    assert history.epochs == 2


def test_a_curve_of_letters() -> None:
    assert curve([1.0, 1.0]) == "▁▁"
    assert curve([0.0, 7.0, float("nan"), 3.0]) == "▁█·▄"
    assert curve([float(i) for i in range(100)], 4) == "▁▃▆█"
    assert curve([]) == ""
