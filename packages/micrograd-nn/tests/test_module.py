"""How a module finds its parts, calls them, and prints itself.

``test_module_scopes`` and ``test_module_state`` go on with names and numbers.
"""

from __future__ import annotations

import numpy as np
import pytest

from micrograd.engine import Value, ops
from micrograd.nn import Linear, Module, Sequential

from .small_modules import PATHS, Everything, Leaf


def test_parameters_are_found_in_attributes_lists_tuples_and_dicts_in_order_of_assignment():
    module = Everything()
    assert [name for name, _ in module.named_parameters()] == PATHS
    assert module.parameters()[0] is module.z
    assert module.parameters()[-1] is module.table["right"][1]["deep"]


def test_a_shared_parameter_counts_once_under_its_first_name():
    module = Module()
    module.first = Linear(2, 2)
    module.again = module.first
    module.tied = [module.first.weight]
    assert [name for name, _ in module.named_parameters()] == ["first.weight", "first.bias"]
    assert [name for name, _ in module.named_modules()] == ["", "first"]


def test_a_module_that_holds_its_parent_or_itself_is_walked_once():
    parent, child = Module(), Leaf()
    parent.child, child.parent, child.me = child, parent, [child]
    assert [name for name, _ in parent.named_parameters()] == ["child.w"]
    assert [name for name, _ in parent.named_modules()] == ["", "child"]


def test_a_result_that_a_module_remembers_is_no_parameter():
    module = Leaf()
    module.last = module(Value(2.0))
    assert [name for name, _ in module.named_parameters()] == ["w"]


def test_a_frozen_parameter_stays_a_parameter():
    module = Leaf()
    module.w.requires_grad = False
    assert module.parameters() == [module.w] or module.parameters()[0] is module.w
    assert "w" in module.state_dict()


def test_a_parameter_that_is_assigned_later_is_found():
    module = Leaf()
    module.more = []
    module.more.append(Value(1.0))
    assert [name for name, _ in module.named_parameters()] == ["w", "more.0"]


def test_init_of_the_base_need_not_be_called():
    assert Everything().training is True


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r"Everything was called.*no forward.*Define"):
        Everything()(np.ones(2))


def test_forward_gets_all_arguments():
    class Scaled(Module):
        def forward(self, x: Value, *, by: float = 1.0) -> Value:
            return x * by

    assert Scaled()(Value(2.0), by=3.0).item() == 6.0


def test_zero_grad_clears_every_parameter():
    module = Leaf()
    module(Value(2.0)).backward()
    assert module.w.grad == 2.0
    module.zero_grad()
    assert not module.w.has_grad
    assert module.w.grad == 0.0


def test_train_and_eval_reach_every_module():
    module = Everything()
    assert module.eval() is module
    assert [one.training for one in module.modules()] == [False] * 3
    module.train()
    assert [one.training for one in module.modules()] == [True] * 3


# -- repr -----------------------------------------------------------------------------------


def test_repr_is_the_tree():
    assert repr(Everything()).splitlines() == [
        "Everything(",
        "  z: ()",
        "  a: (2,)",
        "  pair.0: (1,)",
        "  pair.1: Linear(2, 3)",
        "  table.left: Linear(3, 1, bias=False)",
        "  table.right.0: (1,)",
        "  table.right.1.deep: ()",
        ")",
    ]
    assert repr(Module()) == "Module()"


def test_repr_indents_modules_in_modules():
    model = Sequential(Sequential(Linear(1, 2), ops.relu), Leaf())
    assert repr(model).splitlines() == [
        "Sequential(",
        "  0: Sequential(",
        "    0: Linear(1, 2)",
        "    1: relu",
        "  )",
        "  1: Leaf(",
        "    w: ()",
        "  )",
        ")",
    ]


def test_repr_of_a_module_in_a_circle_ends():
    parent, child = Module(), Leaf()
    parent.child, child.parent = child, parent
    assert "child" in repr(parent)
