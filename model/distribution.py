"""The processes of one training: which of them this is, how their gradients become one, what they tell each other.

`accelerate` brings the processes together, from whatever torchrun put into their environment. It does not wrap the
network: a step of Algorithm 2 takes two gradients of one forward pass, which DistributedDataParallel cannot, so
gradients are averaged when an update is about to apply them.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import gather_object, reduce

from model.runtime import open_device
from model.schedules.schedule import Average, alone
from storage.errors import UsageError


def open_processes(device: str) -> tuple[PartialState, torch.device]:
    """This process's place among those of the training, and the device that it trains on.

    Raises:
        UsageError: the device does not exist, or a single one is named for several processes.
    """
    place = open_device(device)
    state = PartialState(cpu=place.type == "cpu")
    if state.num_processes == 1:
        return state, place
    if place.index is not None and device != "auto":
        raise UsageError(f"Several processes cannot share the device {device!r}; name its kind alone: cuda.")
    if not state.is_main_process:
        # All would say the same.
        logging.getLogger("model").setLevel(logging.WARNING)
    return state, state.device


def averaging(state: PartialState) -> Average:
    """How the gradients of all processes become those of the mean over all of their windows."""
    return alone if state.num_processes == 1 else _average


def total(values: torch.Tensor) -> torch.Tensor:
    """The sum of a tensor over all processes."""
    return reduce(values, "sum")


def gathered(value: Any) -> list[Any]:
    """Each process's value, in the order of the processes."""
    return list(gather_object([value]))


def in_turn(state: PartialState, make: Callable[[], Any]) -> Any:
    """What `make` returns in each process, called in the first one before it is in the others."""
    with state.main_process_first():
        return make()


def _average(gradients: Sequence[torch.Tensor], windows: int) -> None:
    if not gradients:
        return
    own = torch.tensor(float(windows), device=gradients[0].device)
    share = own / total(own.clone())
    waiting = []
    for gradient in gradients:
        gradient.mul_(share)
        waiting.append(torch.distributed.all_reduce(gradient, async_op=True))
    for work in waiting:
        work.wait()
