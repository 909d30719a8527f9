"""micrograd.engine: an array with a gradient, and the rules that compute it.

To read how it works, open in this order, each once: ``broadcasting``, ``backward``, ``value``,
``op``; then any file of ``ops``.

>>> from micrograd.engine import Value
>>> x = Value(3.0)
>>> y = x**2 + 2 * x
>>> y.backward()
>>> x.grad
array(8.)
"""

import numpy  # here, not from deep within: an import costs more, the deeper it is
import pluggy

from . import core_plugin, numpy_protocol, ops, plugins, python_protocol
from ._version import __version__
from .anomaly import detect_anomaly
from .compiler import CannotCompile, assign, compile, consult
from .derivatives import hessian, hvp, jacobian, jvp
from .hookspecs import hookimpl
from .modes import no_grad, scope
from .op import Op, derived, op
from .transforms import grad, gradients, value_and_grad, vjp
from .value import Value

__all__ = [
    "CannotCompile",
    "Op",
    "Value",
    "__version__",
    "assign",
    "compile",
    "consult",
    "derived",
    "detect_anomaly",
    "grad",
    "gradients",
    "hessian",
    "hookimpl",
    "hvp",
    "jacobian",
    "jvp",
    "no_grad",
    "op",
    "ops",
    "plugins",
    "scope",
    "value_and_grad",
    "vjp",
]

plugins.enter_family("micrograd-core", core_plugin)
del numpy, pluggy, core_plugin, numpy_protocol, python_protocol
