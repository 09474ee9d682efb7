"""A training in several processes on this machine: torchrun's own launcher, called from within the job.

The processes are sessions of their own, so whoever ends the job's process group does not reach them: the launcher
ends them when it is asked to end, and the kernel does when the launcher itself is killed.
"""

import sys
import uuid
from collections.abc import Sequence

import torch
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from model.errors import LOST, ProcessLostError
from model.spec import TrainSpec


def processes_of(spec: TrainSpec) -> int:
    """How many processes the training wants: 0 in the spec stands for one on each GPU."""
    return spec.processes or max(1, torch.cuda.device_count())


def is_worker() -> bool:
    """Whether this process is one of those that `launch` started."""
    return bool(torch.distributed.is_torchelastic_launched())


def is_first() -> bool:
    """Whether this process is the first of those that `launch` started, or the only one."""
    return not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0


def launch(processes: int, arguments: Sequence[str]) -> int:
    """Runs `python -m model.job` with these arguments in so many processes; 1 where one of them said why it failed.

    Raises:
        ProcessLostError: one of them was ended by a signal.
    """
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
    )
    # -P: a folder called `model` in the user's working folder must not be taken for ours.
    command = ("-P", "-u", "-m", "model.job", *arguments)
    try:
        elastic_launch(config, sys.executable)(*command)
    except ChildFailedError as error:
        if any(failure.exitcode < 0 for failure in error.failures.values()):
            raise ProcessLostError(LOST) from None
        return 1
    return 0


def leave() -> None:
    """Parts from the other processes, if there are any: all are done."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
