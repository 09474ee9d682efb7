"""The machine under a job: threads, device, and a quiet transformers."""

import torch
from transformers.utils import logging as transformers_logging

from storage.errors import UsageError


def prepare(threads: int) -> None:
    """Settles what is global in a job's process: CPU threads (0: torch's choice), no bars, no advice."""
    if threads:
        torch.set_num_threads(threads)
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()


def open_device(name: str) -> torch.device:
    """The device of that name; `auto` is the first GPU, or the CPU where there is none.

    Raises `UsageError` for a name that torch does not know or a device that this machine lacks.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise UsageError(
            f"This machine has no device {name!r}; use auto, cpu or a GPU that it has."
        ) from error
    return device


def gpus() -> int:
    """How many GPUs torch may use."""
    return int(torch.cuda.device_count())
