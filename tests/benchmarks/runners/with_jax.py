"""JAX: the whole step under ``jax.jit``, the old parameters' memory given to the new ones.

JAX computes in a thread of its own. On a machine with several processors the system may wake that
thread on another one each time, and this handing over can cost more than a small step does. So it
is measured twice: as it comes, and with all threads of this process on one processor meanwhile,
which is the best that can be done for it, and what nobody does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from case import Absent, Case, Runner

jax.config.update("jax_enable_x64", True)


class Words:
    relu = staticmethod(jax.nn.relu)
    tanh = staticmethod(jnp.tanh)
    softmax = staticmethod(jax.nn.softmax)
    swapaxes = staticmethod(jnp.swapaxes)

    def linear(self, x: Any, weight: Any, bias: Any) -> Any:
        return x @ weight + bias

    def mse(self, prediction: Any, target: Any) -> Any:
        difference = prediction - target
        return (difference * difference).mean()

    def cross_entropy(self, logits: Any, labels: Any) -> Any:
        chosen = jax.nn.one_hot(labels, logits.shape[1], dtype=logits.dtype)
        return -(jax.nn.log_softmax(logits) * chosen).sum() / logits.shape[0]


def runner(case: Case) -> Runner:
    loss_of = partial(case.loss, Words())
    rate = case.rate

    @partial(jax.jit, donate_argnums=0)
    def train(parameters: Any, *data: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(parameters, *data)
        return loss, [p - rate * g for p, g in zip(parameters, gradients, strict=True)]

    data = [jnp.asarray(array) for array in case.data]
    now = [[jnp.array(array) for array in case.parameters]]

    def step() -> Any:
        loss, now[0] = train(now[0], *data)
        jax.block_until_ready(now[0])
        return loss

    def gradients() -> list[np.ndarray]:
        first = [jnp.asarray(array) for array in case.parameters]
        return [np.asarray(g) for g in jax.grad(loss_of)(first, *data)]

    return Runner(step, lambda: [np.asarray(p) for p in now[0]], gradients)


def pinned(case: Case) -> Runner:
    """The same, with all threads on one processor while it runs."""
    if not hasattr(os, "sched_setaffinity"):
        raise Absent("this system cannot bind threads to a processor")
    return replace(runner(case), around=_on_one_processor)


@contextmanager
def _on_one_processor() -> Iterator[None]:
    threads = [int(name) for name in os.listdir("/proc/self/task")]
    before = {thread: os.sched_getaffinity(thread) for thread in threads}
    one = {max(os.sched_getaffinity(0))}
    for thread in threads:
        os.sched_setaffinity(thread, one)
    try:
        yield
    finally:
        for thread, processors in before.items():
            os.sched_setaffinity(thread, processors)
