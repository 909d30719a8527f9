"""Activations and losses by name: ours, ops, and what plugins add through the hooks."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings

import numpy as np
import pytest

from micrograd.engine import Value, hookimpl, op, ops, plugins
from micrograd.nn import MLP, Module, activations, losses


class Slope(Module):
    def __init__(self) -> None:
        self.slope = Value(0.1)

    def forward(self, x: Value) -> Value:
        return ops.maximum(x, self.slope * x)


def mean_quartic(prediction, target, *, scale=1.0):
    return ((prediction - target) ** 4).mean() * scale


class Plugin:
    """What a third party may bring."""

    @hookimpl
    def micrograd_activations(self):
        return {"cube": lambda x: x * x * x, "slope": Slope}

    @hookimpl
    def micrograd_losses(self):
        return {"mean_quartic": mean_quartic}

    @hookimpl
    def micrograd_ops(self):
        return {"halve": lambda x: x * 0.5, "mix": lambda x, y: x + y}


@pytest.fixture
def plugin():
    with plugins.registered(Plugin()):
        yield


def contributing(**hooks):
    """A plugin object whose hooks return these dicts."""
    plugin = type("Contributor", (), {})()
    for name, returned in hooks.items():
        hook = hookimpl(lambda returned=returned: returned, specname=name)
        setattr(plugin, name, hook)
    return plugin


# -- activations ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "exp", "softmax"])
def test_an_op_of_one_array_is_an_activation(name):
    x = Value([[-1.0, 0.5]])
    np.testing.assert_array_equal(activations.get(name)(x).data, getattr(x, name)().data)
    assert name in activations.names()


def test_trying_which_ops_are_activations_warns_of_nothing():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert {"arccosh", "arctanh"} <= set(activations.names())  # 0.5 is not in arccosh's domain
    assert caught == []


def test_identity_keeps_a_network_linear(rng):
    model = MLP(2, [3, 1], "identity", rng=rng)
    one, two = rng.normal(size=(2, 5, 2))
    np.testing.assert_allclose(model(one + two).data, model(one).data + model(two).data)


def test_an_activation_of_a_plugin_works_by_name(plugin, rng):
    x = rng.normal(size=(4, 2))
    model = MLP(2, [3, 1], "cube", rng=rng)
    w = [layer.weight.data for layer in model.layers]
    np.testing.assert_allclose(model(x).data, (x @ w[0]) ** 3 @ w[1])
    assert MLP(2, [3, 1], "halve").activations[0](Value(3.0)).item() == 1.5
    assert {"cube", "halve", "slope"} <= set(activations.names())


def test_a_module_class_of_a_plugin_is_made_once_a_layer(plugin, rng):
    model = MLP(2, [3, 3, 1], "slope", rng=rng)
    first, second = model.activations
    assert first is not second
    assert len(model.parameters()) == 8
    assert "activation: Slope(" in repr(model)


@pytest.mark.parametrize("name", ["rellu", "no_such_name"])
def test_an_unknown_activation_has_near_misses(name):
    with pytest.raises(KeyError, match=f"There is no activation '{name}'") as caught:
        MLP(2, [3, 1], name)
    assert ("Did you mean relu" in str(caught.value)) == (name == "rellu")
    with pytest.raises(KeyError, match=f"There is no activation '{name}'"):
        MLP(4, [2], name)  # even where nothing would be bent


def test_an_op_of_two_values_or_of_another_shape_is_no_activation(plugin):
    for name in ("maximum", "mix", "mse", "sum", "transpose", "concatenate"):
        with pytest.raises(
            KeyError, match=f"no activation '{name}': the op .*Wrap it in a function"
        ):
            activations.get(name)
        assert name not in activations.names()


@pytest.fixture
def offered_twice(request):
    """A name that two strangers offer in one registry."""
    registry, name = request.param, "offered_twice"
    for distribution in ("stranger-one", "stranger-two"):
        registry.add(name, lambda x, *_: x, distribution)
    yield name
    for distribution in ("stranger-one", "stranger-two"):
        registry.remove(name, distribution)


BOTH = r"offered by stranger-one and by stranger-two"


@pytest.mark.parametrize(
    "offered_twice", [activations.registry, plugins.ops_registry], indirect=True
)
def test_an_activation_that_two_plugins_offer_names_both(offered_twice):
    with pytest.raises(KeyError, match=BOTH):
        activations.get(offered_twice)
    assert isinstance(activations.names(), list)


@pytest.mark.parametrize("offered_twice", [activations.registry], indirect=True)
def test_a_qualified_name_says_whose_activation_is_meant(offered_twice):
    assert activations.get(f"stranger-one:{offered_twice}")(3.0) == 3.0


def test_an_op_and_an_activation_of_two_plugins_with_one_name_are_contested():
    halve, double = lambda x: x * 0.5, lambda x: x * 2.0
    plugins.ops_registry.add("shrunk", halve, "stranger-one")
    activations.registry.add("shrunk", double, "stranger-two")
    try:
        with pytest.raises(KeyError, match=f"activation 'shrunk' is {BOTH}, so neither"):
            activations.get("shrunk")
        assert activations.get("stranger-one:shrunk") is halve
        assert activations.get("stranger-two:shrunk") is double
        assert Value(1.0).shrunk().item() == 0.5  # as an op the name is not contested
        activations.registry.add("shrunk", double, "stranger-one")
        assert activations.get("stranger-one:shrunk") is double  # its activation, not its op
    finally:
        plugins.ops_registry.remove("shrunk", "stranger-one")
        for distribution in ("stranger-one", "stranger-two"):
            activations.registry.remove("shrunk", distribution)


def test_an_op_that_is_no_activation_contests_nothing():
    plugins.ops_registry.add("blended", lambda x, y: x + y, "stranger-one")
    activations.registry.add("blended", abs, "stranger-two")
    try:
        assert activations.get("blended") is abs
    finally:
        plugins.ops_registry.remove("blended", "stranger-one")
        activations.registry.remove("blended", "stranger-two")


@pytest.mark.parametrize("offered_twice", [losses.registry], indirect=True)
def test_a_loss_that_two_plugins_offer_names_both(offered_twice):
    with pytest.raises(KeyError, match=BOTH):
        losses.get(offered_twice)
    with pytest.raises(AttributeError, match=BOTH):
        getattr(Value(1.0), offered_twice)


@pytest.mark.parametrize(
    ("activation", "got"),
    [
        (3, "int 3"),
        (dict, "the class dict, which is not a Module"),
        (lambda x, y: x, "a function that cannot be called with one Value alone"),
        (lambda: 1, "a function that cannot be called with one Value alone"),
        (ops.maximum, "a function that cannot be called with one Value alone"),
    ],
)
def test_what_is_no_activation_is_refused(activation, got):
    with pytest.raises(TypeError, match=f"activation 'odd' is {got}.*Give a function of one Value"):
        activations.check("odd", activation)


@pytest.mark.parametrize(
    "activation", [ops.relu, np.tanh, abs, Slope, lambda x, slope=0.1: x, lambda *xs: xs[0]]
)
def test_what_is_an_activation_is_admitted(activation):
    activations.check("fine", activation)


# -- losses ---------------------------------------------------------------------------------


def test_losses_are_functions_names_and_methods():
    p = Value([[0.2, 0.8]])
    targets = {"nll": np.array([1]), "hinge": np.array([[-1.0, 1.0]])}
    for name in losses.names():
        loss, t = losses.get(name), targets.get(name, np.array([[0.0, 1.0]]))
        assert loss is getattr(losses, name)
        assert getattr(p, name)(t).item() == loss(p, t).item() == getattr(ops, name)(p, t).item()


def test_a_loss_of_a_plugin_is_a_name_and_a_method(plugin):
    p = Value([1.0, 3.0])
    assert losses.get("mean_quartic")(p, np.ones(2)).item() == 8.0
    out = p.mean_quartic(np.ones(2), scale=2.0)
    assert out.item() == 16.0
    out.backward()
    np.testing.assert_allclose(p.grad, [0.0, 32.0])


def test_a_loss_goes_when_its_plugin_goes(plugin):
    assert "mean_quartic" in losses.names()
    other = contributing(micrograd_losses={"for_a_while": mean_quartic})
    with plugins.registered(other):
        assert hasattr(Value(1.0), "for_a_while")
    assert "for_a_while" not in losses.names()
    assert not hasattr(Value(1.0), "for_a_while")


def test_an_unknown_loss_has_near_misses():
    with pytest.raises(KeyError, match=r"no loss 'cross_entrpy'.*Did you mean .*cross_entropy"):
        losses.get("cross_entrpy")


@pytest.mark.parametrize(
    ("loss", "got"),
    [
        (3, "it is int, not a function"),
        (Slope, "it is the class Slope, not a function"),
        (lambda prediction: prediction, "too many positional arguments"),
        (lambda p, t, weight: p, "missing a required argument: 'weight'"),
    ],
)
def test_what_is_no_loss_is_refused(loss, got):
    with pytest.raises(
        TypeError,
        match=rf"loss 'odd' cannot be called as loss\(prediction, target\): {got}\. Give a",
    ):
        losses.check("odd", loss)


def test_a_function_in_c_that_does_not_say_what_it_takes_is_believed():
    with pytest.raises(ValueError, match="no signature"):
        inspect.signature(max)
    losses.check("max", max)
    activations.check("max", max)


def test_an_op_without_a_rule_is_no_activation():
    @op
    def bent(x):
        return x

    with pytest.raises(TypeError, match=r"bent has no rule for x\. Write one with @bent.gradient"):
        activations.check("bent", bent)


def test_an_op_with_settings_is_a_loss():
    @op(constant="target")
    def distance(prediction, target, *, power=2.0):
        return abs(prediction - target) ** power

    with pytest.raises(TypeError, match=r"distance has no rule for prediction\. Write one with"):
        losses.check("distance", distance)
    distance.gradient("prediction")(lambda g, out, prediction, target, *, power: g)
    losses.check("distance", distance)


def test_a_plugin_whose_loss_is_refused_leaves_nothing_behind():
    odd = contributing(micrograd_losses={"odd": 3, "fine": mean_quartic})
    with pytest.raises(plugins.PluginError, match="loss 'odd'"):
        plugins.register(odd)
    assert "fine" not in losses.names()
    assert not hasattr(Value(1.0), "fine")


def test_the_names_of_nn_cannot_be_taken():
    with pytest.raises(plugins.PluginError, match=r"mse.*belongs to micrograd-nn|mse.*already"):
        plugins.register(contributing(micrograd_losses={"mse": mean_quartic}))
    assert losses.get("mse") is losses.mse


# -- the package ----------------------------------------------------------------------------


def run(program: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return finished.stdout


def test_importing_nn_brings_in_nothing_but_numpy_and_the_engine():
    heavy = {"matplotlib", "rich", "scipy", "sklearn", "torch", "tqdm", "graphviz", "micrograd.viz"}
    modules = run("import sys, micrograd.nn; print(*sys.modules)").split()
    assert "micrograd.engine" in modules
    assert not heavy & set(modules)


def test_importing_nn_enters_it_once():
    program = (
        "import micrograd.nn\n"
        "from micrograd.engine import plugins\n"
        "micrograd.nn.family.enter()\n"
        "print(sum(p.distribution == 'micrograd-nn' for p in plugins.report()))"
    )
    assert run(program).split() == ["1"]


def test_the_name_of_an_op_that_is_here_loads_no_plugin() -> None:
    program = (
        "from micrograd.nn import MLP\n"
        "from micrograd.engine.hosting.host import host\n"
        "MLP(2, [3, 1], activation='relu')\n"
        "print(host.loaded)"
    )
    run = [sys.executable, "-c", program]
    assert subprocess.run(run, check=True, capture_output=True, text=True).stdout == "False\n"
