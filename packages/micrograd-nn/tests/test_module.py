"""How a module finds its parts, names them, and gives their numbers away."""

from __future__ import annotations

import copy
import pickle
import threading
import weakref

import numpy as np
import pytest

from micrograd.engine import Value, ops
from micrograd.nn import MLP, Linear, Module, Sequential


class Everything(Module):
    """Parameters and modules in every place where they are looked for."""

    def __init__(self) -> None:
        self.z = Value(1.0)
        self.a = Value([1.0, 2.0])
        self.pair = (Value([1.0]), Linear(2, 3))
        self.table = {
            "left": Linear(3, 1, bias=False),
            "right": [Value([5.0]), {"deep": Value(6.0)}],
        }
        self.size = 3
        self.array = np.ones(4)
        self.nothing = None


PATHS = [
    "z",
    "a",
    "pair.0",
    "pair.1.weight",
    "pair.1.bias",
    "table.left.weight",
    "table.right.0",
    "table.right.1.deep",
]


class Leaf(Module):
    def __init__(self) -> None:
        self.w = Value(3.0)

    def forward(self, x: Value) -> Value:
        return x * self.w


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


# -- scopes ---------------------------------------------------------------------------------


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


# -- state ----------------------------------------------------------------------------------


def test_state_dict_round_trip(rng):
    model, other = (MLP(3, [4, 2], rng=rng) for _ in range(2))
    x = np.ones((2, 3))
    assert not np.array_equal(model(x).data, other(x).data)
    differences = other.load_state_dict(model.state_dict())
    assert differences == ([], [])
    assert list(model.state_dict()) == [
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
    ]
    np.testing.assert_array_equal(model(x).data, other(x).data)


def test_state_dict_is_a_copy():
    module = Leaf()
    state = module.state_dict()
    state["w"][...] = 7.0
    assert module.w.item() == 3.0
    array = np.array(9.0)
    module.load_state_dict({"w": array})
    array[...] = 7.0
    assert module.w.item() == 9.0


def test_loading_keeps_the_parameter_its_dtype_and_its_array():
    layer = Linear(2, 1, dtype=np.float32)
    weight, array = layer.weight, layer.weight.data
    layer.load_state_dict({"weight": [[1], [2]], "bias": np.zeros(1)})
    assert layer.weight is weight
    assert layer.weight.data is array
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, [[1.0], [2.0]])


def test_a_graph_from_before_loading_is_refused():
    module = Leaf()
    out = module(Value(2.0)) ** 2
    module.load_state_dict({"w": 5.0})
    with pytest.raises(RuntimeError, match="changed"):
        out.backward()


def test_load_state_dict_lists_every_difference_at_once_and_loads_nothing():
    module = Everything()
    before = module.state_dict()
    state = {name: array + 1.0 for name, array in before.items()}
    del state["z"], state["table.right.0"]
    state |= {"y": np.ones(2), "a": np.ones(3), "pair.0": np.array(["text"])}
    with pytest.raises(ValueError, match="these entries do not fit") as caught:
        module.load_state_dict(state)
    lines = str(caught.value).splitlines()
    assert lines[1:-1] == [
        "  missing: z of shape ()",
        "  missing: table.right.0 of shape (1,)",
        "  unexpected: y",
        "  wrong shape: a has shape (2,) but the entry has (3,)",
        "  wrong dtype: pair.0 has dtype float64 but the entry has <U4",
    ]
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_load_state_dict_that_is_not_strict_returns_what_it_left_alone():
    module = Everything()
    left = module.load_state_dict({"z": 4.0, "y": 5.0}, strict=False)
    assert left.missing == PATHS[1:]
    assert left.unexpected == ["y"]
    assert module.z.item() == 4.0
    with pytest.raises(ValueError, match=r"wrong shape: z has shape \(\) but the entry has \(2,\)"):
        module.load_state_dict({"z": [1.0, 2.0]}, strict=False)


def test_copies_and_pickles_are_independent(rng):
    model = MLP(3, [4, 2], "tanh", rng=rng)
    x = np.ones((1, 3))
    model(x)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(twin(x).data, model(x).data)
        twin.layers[0].weight.data += 1.0
        assert not np.array_equal(twin(x).data, model(x).data)


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
