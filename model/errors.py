"""What can go wrong with a reader's job.

JobError
├── EncoderUnavailableError     an encoder could not be had from the Hub; it may be there the next time
├── ReaderUnusableError         a folder does not hold what a reader or an encoder needs
├── OutOfMemoryError            the batch does not fit
├── DivergedError               the loss is no longer a number
├── CheckpointError             a folder holds the checkpoints of another training
├── ProcessLostError            one of several processes is gone; a retry goes on from the last checkpoint
└── UnexpectedError             a fault of the program; the log holds its traceback
"""

from typing import ClassVar

from storage.errors import JobError, SilverspanError


class EncoderUnavailableError(JobError):
    """The named encoder is neither in the local cache nor to be had from the Hub.

    The Hub's own client has tried for a while by then, and a name that is misspelt stays so.
    """


class ReaderUnusableError(JobError):
    """A folder given as a reader or an encoder lacks something that is needed."""


class OutOfMemoryError(JobError):
    """The device's memory does not hold a batch."""


class DivergedError(JobError):
    """Training left the numbers: the loss is infinite or not a number."""


class CheckpointError(JobError):
    """The checkpoints that were found cannot be gone on from."""


class ProcessLostError(JobError):
    """A process of a training with several is gone, or can no longer be reached."""

    retryable: ClassVar[bool] = True


class UnexpectedError(JobError):
    """A fault of the program itself."""


LOST = "A process of the training was lost; run again to go on from the last checkpoint."


def as_job_error(error: Exception) -> SilverspanError:
    """One of ours for any exception: itself, `OutOfMemoryError`, or `UnexpectedError` with its first line."""
    if isinstance(error, SilverspanError):
        return error
    if _is_full(error):
        return OutOfMemoryError(
            "A batch does not fit into memory; use a smaller max_batch_tokens (train --max-batch-tokens), which"
            " changes nothing that is learnt, or a smaller max_length."
        )
    if _is_lost(error):
        return ProcessLostError(LOST)
    return UnexpectedError(
        f"The job met a {type(error).__name__} ({first_line(error)}); its log tells where."
    )


def _is_full(error: Exception) -> bool:
    # By name, since torch is not imported where a job fails before it is needed.
    named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return named or "DefaultCPUAllocator: can't allocate memory" in str(error)


def _is_lost(error: Exception) -> bool:
    """Whether the other side of a connection between processes is gone: gloo tells by words, NCCL by type."""
    named = type(error).__name__ in {"DistBackendError", "DistNetworkError", "DistStoreError"}
    return named or (isinstance(error, RuntimeError) and "/gloo/transport/" in str(error))


def first_line(error: Exception) -> str:
    """What a foreign exception says, short enough to stand within one sentence."""
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
