"""What the UI shows of long work: nothing of short work, and nothing that could end the work."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tasks import progress
from tasks.progress import SHOWN_AFTER_S, UPDATE_S, Progress


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """(per cent, description) of each request to the server."""
    requests: list[tuple[float, str]] = []

    def create(percent: float, key: str | None, description: str) -> UUID:
        requests.append((percent, description))
        return uuid4()

    def update(artifact: UUID, percent: float, description: str) -> None:
        requests.append((percent, description))

    monkeypatch.setattr(progress, "create_progress_artifact", create)
    monkeypatch.setattr(progress, "update_progress_artifact", update)
    return requests


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds, which pass when they are added to."""
    seconds = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: seconds[0])
    return seconds


def test_work_that_is_done_at_once_is_not_shown(told: list[Any], clock: list[float]) -> None:
    with Progress("contexts es 1-8") as shown:
        shown.advance(1, 2)
        shown.advance(2, 2)
    assert told == []


def test_work_that_takes_long_is_shown_from_then_on(told: list[Any], clock: list[float]) -> None:
    with Progress("contexts es 1-8") as shown:
        clock[0] += 0.9 * SHOWN_AFTER_S
        shown.advance(1, 8)
        clock[0] += 0.2 * SHOWN_AFTER_S
        shown.advance(2, 8)
        for done in range(3, 5):
            clock[0] += 0.6 * UPDATE_S
            shown.advance(done, 8)
    assert told == [
        (25.0, "contexts es 1-8: 2 of 8"),
        (50.0, "contexts es 1-8: 4 of 8"),
        (100.0, "contexts es 1-8: 4 of 8"),
    ]


def test_what_has_a_key_is_shown_from_the_beginning(told: list[Any], clock: list[float]) -> None:
    with pytest.raises(ZeroDivisionError), Progress("train tq", key="training"):
        raise ZeroDivisionError
    assert told == [(0.0, "train tq")]


def test_a_server_that_is_away_ends_no_work(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    def away(*_: Any, **__: Any) -> UUID:
        raise httpx.ConnectError("away")

    monkeypatch.setattr(progress, "create_progress_artifact", away)
    with Progress("contexts es 1-8") as shown:
        clock[0] += 2 * SHOWN_AFTER_S
        shown.advance(1, 2)
