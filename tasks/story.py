"""What a run tells of itself in its log: a sentence for each thing that was done, which read together are its story."""

from contextlib import suppress

from prefect import get_run_logger
from prefect.exceptions import MissingContextError


def say(sentence: str) -> None:
    """Write a sentence to the run's log; outside of a run there is nobody to tell."""
    with suppress(MissingContextError):
        get_run_logger().info(sentence)
