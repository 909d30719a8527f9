"""Do the nodes of a forward pass remember the path of the module that made them?"""

from __future__ import annotations

import copy
import pickle
import threading
import weakref

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import MLP, Module, Sequential

from .small_modules import Leaf


def scopes(value: Value) -> list[str]:
    """The scopes of a chain of nodes, from the output back along the first operands."""
    found = []
    while value.op is not None:
        found.append(value.scope)
        value = next(p for p in value.parents if p is not None)
    return found


def test_nodes_remember_the_path_of_the_module_that_made_them(rng):
    model = MLP(3, [4, 2], rng=rng)
    out = model(Value(np.ones((1, 3))))
    assert scopes(out) == ["layers.1", "", "layers.0"]


def test_scopes_nest_along_the_modules_that_run(rng):
    class Outer(Module):
        def __init__(self) -> None:
            self.blocks = {"main": MLP(3, [4, 2], "tanh", rng=rng)}

        def forward(self, x: Value) -> Value:
            return self.blocks["main"](x) * 2.0

    assert scopes(Outer()(Value(np.ones((1, 3))))) == [
        "",
        "blocks.main.layers.1",
        "blocks.main",
        "blocks.main.layers.0",
    ]


def test_a_module_has_the_name_that_the_running_module_gives_it():
    shared = Leaf()
    first, second = Sequential(shared), Module()
    second.inner = shared
    second.forward = lambda x: second.inner(x)
    assert first(Value(1.0)).scope == "0"
    assert second(Value(1.0)).scope == "inner"
    assert shared(Value(1.0)).scope == ""


def test_a_part_of_a_part_is_named_by_its_whole_path():
    class Reaching(Module):
        def __init__(self) -> None:
            self.holder = Sequential(Leaf())

        def forward(self, x: Value) -> Value:
            return self.holder[0](x)

    assert Reaching()(Value(1.0)).scope == "holder.0"


def test_a_list_that_grew_gives_its_new_modules_names():
    class Growing(Module):
        def __init__(self) -> None:
            self.layers: list[Leaf] = []

        def forward(self, x: Value) -> Value:
            for layer in self.layers:
                x = layer(x)
            return x

    model = Growing()
    model.layers.append(Leaf())
    assert scopes(model(Value(1.0))) == ["layers.0"]
    model.layers.insert(0, Leaf())
    assert scopes(model(Value(1.0))) == ["layers.1", "layers.0"]


class Holding(Module):
    """Calls ``part``, wherever in ``held`` it is."""

    def __init__(self, held: object, part: Module) -> None:
        self.held, self.call = held, part.__call__

    def forward(self, x: Value) -> Value:
        return self.call(x)


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (lambda part: [part], lambda part: [Leaf(), part], "held.1"),
        (lambda part: [Leaf(), part], lambda part: [part], "held.0"),
        (lambda part: {"a": part}, lambda part: [part], "held.0"),
        (lambda part: [part], lambda part: {"a": (part,)}, "held.a.0"),
        (lambda part: part, lambda part: Sequential(part), "held.0"),
        (lambda part: Sequential(part), lambda part: part, "held"),
        (lambda part: {"a": {"b": part}}, lambda part: {"a": 1.0, "b": part}, "held.b"),
        (lambda part: [part], lambda part: None, ""),
    ],
)
def test_a_part_that_moved_has_its_new_name(before, after, name):
    part = Leaf()
    model = Holding(before(part), part)
    first = model(Value(1.0)).scope
    assert first.startswith("held")
    assert model(Value(1.0)).scope == first
    model.held = after(part)
    assert model(Value(1.0)).scope == name
    assert model(Value(1.0)).scope == name


@pytest.mark.parametrize("key", ["a.b", 3])
def test_a_name_that_does_not_read_as_a_path_is_found_again(key):
    part = Leaf()
    model = Holding({key: part}, part)
    assert [model(Value(1.0)).scope for _ in range(2)] == [f"held.{key}"] * 2


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_the_copy_of_a_module_that_ran_names_its_own_parts(copied):
    model = Sequential(Leaf(), Leaf())
    model(Value(1.0))
    other = copied(model)
    assert scopes(other(Value(1.0))) == ["1", "0"]
    assert scopes(model(Value(1.0))) == ["1", "0"]


def test_looking_names_up_keeps_nothing_alive():
    model = Sequential(Leaf(), Leaf())
    model(Value(1.0))
    gone = weakref.ref(model), weakref.ref(model[0])
    del model
    assert [one() for one in gone] == [None, None]


def test_a_module_that_nobody_holds_adds_no_scope():
    class Maker(Module):
        def forward(self, x: Value) -> Value:
            return Leaf()(x)

    assert Maker()(Value(1.0)).scope == ""


def test_an_error_in_forward_leaves_no_scope_behind():
    class Failing(Module):
        def forward(self, x: Value) -> Value:
            raise RuntimeError("on purpose")

    model = Sequential(Failing())
    with pytest.raises(RuntimeError, match="on purpose"):
        model(Value(1.0))
    leaf = Leaf()
    assert leaf(Value(1.0)).scope == ""
    assert (Value(1.0) * 2.0).scope == ""


def test_threads_do_not_see_each_others_scopes():
    results: dict[str, list[str]] = {}
    barrier = threading.Barrier(2)

    class Slow(Module):
        def __init__(self, name: str) -> None:
            setattr(self, name, Leaf())
            self.part = name

        def forward(self, x: Value) -> Value:
            barrier.wait()
            out = getattr(self, self.part)(x)
            barrier.wait()
            return out

    def run(name: str) -> None:
        results[name] = scopes(Slow(name)(Value(1.0)))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {"left": ["left"], "right": ["right"]}
