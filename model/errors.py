"""What can go wrong with a reader's job.

JobError
├── EncoderUnavailableError     an encoder could not be had from the Hub; it may be there the next time
├── ReaderUnusableError         a folder does not hold what a reader or an encoder needs
├── OutOfMemoryError            the batch does not fit
├── DivergedError               the loss is no longer a number
└── UnexpectedError             a fault of the program; the log holds its traceback
"""

from typing import ClassVar

from storage.errors import JobError, SilverspanError


class EncoderUnavailableError(JobError):
    """The named encoder is neither in the local cache nor to be had from the Hub just now."""

    retryable: ClassVar[bool] = True


class ReaderUnusableError(JobError):
    """A folder given as a reader or an encoder lacks something that is needed."""


class OutOfMemoryError(JobError):
    """The device's memory does not hold a batch."""


class DivergedError(JobError):
    """Training left the numbers: the loss is infinite or not a number."""


class UnexpectedError(JobError):
    """A fault of the program itself."""


def as_job_error(error: Exception) -> SilverspanError:
    """One of ours for any exception: itself, `OutOfMemoryError`, or `UnexpectedError` with its first line."""
    if isinstance(error, SilverspanError):
        return error
    # By name, since torch is not imported where a job fails before it is needed.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return OutOfMemoryError("The batch does not fit into memory; use a smaller batch_size or max_length.")
    return UnexpectedError(
        f"The job met a {type(error).__name__} ({first_line(error)}); its log tells where."
    )


def first_line(error: Exception) -> str:
    """What a foreign exception says, short enough to stand within one sentence."""
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
