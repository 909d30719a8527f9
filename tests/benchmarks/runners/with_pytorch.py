"""PyTorch: plain tensors, its own layers and optimizer, and torch.compile.

Plain tensors are its fastest eager way: ``addmm``, ``functional``, and an update of one call for
each parameter. ``torch.nn`` is what its tutorials write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from case import Absent, Case, Runner


class Words:
    relu = staticmethod(torch.relu)
    tanh = staticmethod(torch.tanh)
    swapaxes = staticmethod(torch.swapaxes)
    mse = staticmethod(functional.mse_loss)
    cross_entropy = staticmethod(functional.cross_entropy)

    def linear(self, x: Any, weight: Any, bias: Any) -> Any:
        return torch.addmm(bias, x, weight)

    def softmax(self, x: Any) -> Any:
        return torch.softmax(x, -1)


def _runner(step: Any, parameters: Sequence[torch.Tensor]) -> Runner:
    transposed = isinstance(parameters[0], torch.nn.Parameter)  # torch.nn keeps weights so

    def arrays(tensors: Sequence[Any]) -> list[np.ndarray]:
        made = [tensor.detach().numpy() for tensor in tensors]
        return [array.T for array in made] if transposed else made

    return Runner(step, lambda: arrays(parameters), lambda: arrays([p.grad for p in parameters]))


def _steps(case: Case, loss_of: Any, parameters: Sequence[torch.Tensor]) -> Runner:
    data = [torch.tensor(array) for array in case.data]
    rate = case.rate

    def step() -> torch.Tensor:
        loss: torch.Tensor = loss_of(*data)
        for p in parameters:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=rate)
        return loss

    return _runner(step, parameters)


def tensors(case: Case) -> Runner:
    words = Words()
    parameters = [torch.tensor(array, requires_grad=True) for array in case.parameters]
    return _steps(case, lambda *data: case.loss(words, parameters, *data), parameters)


def compiled(case: Case) -> Runner:
    words = Words()
    parameters = [torch.tensor(array, requires_grad=True) for array in case.parameters]
    torch._dynamo.reset()
    loss_of = torch.compile(lambda *data: case.loss(words, parameters, *data))
    try:
        loss_of(*[torch.tensor(array) for array in case.data]).backward()
    except Exception as error:
        reason = str(error).strip().splitlines()[0][:80]
        raise Absent(f"torch.compile does not work here ({reason})") from error
    return _steps(case, loss_of, parameters)


def nn(case: Case) -> Runner:
    if "torch" not in case.networks:
        raise Absent(f"{case.name}: not written with torch.nn")
    parameters, loss_of = case.networks["torch"](case.parameters)
    data = [torch.tensor(array) for array in case.data]
    optimizer = torch.optim.SGD(parameters, lr=case.rate)

    def step() -> torch.Tensor:
        loss: torch.Tensor = loss_of(*data)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return _runner(step, parameters)
