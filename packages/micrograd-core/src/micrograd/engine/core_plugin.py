"""Core's own plugin: its ops come in through the door that strangers use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import ops
from .hookspecs import hookimpl


@hookimpl
def micrograd_ops() -> Mapping[str, Callable[..., Any]]:
    """Every op of ``micrograd.engine.ops``."""
    return {name: getattr(ops, name) for name in ops.__all__}
