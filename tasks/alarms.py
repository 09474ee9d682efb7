"""Alarms: a rebuild that failed, or that should not be trusted, is told to people; nothing has moved by then."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from prefect import get_run_logger
from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.events import emit_event

from storage.downloads.urls import shown
from storage.errors import SilverspanError, UsageError
from storage.store import Store
from tasks.bulletins import show_alarm
from tasks.rebuilding import SuspiciousRebuild
from tasks.watching import STORE_LABEL

SUSPICIOUS = "silverspan.rebuild.suspicious"
"""The event that says that a rebuild lost more rows than it may."""

FAILED = "silverspan.rebuild.failed"
"""The event that says that a rebuild ended with an error."""

RESOURCE = "silverspan.silver"
"""The id of the resource that rebuilds concern; whose it is stands in a label."""

TITLES = {SUSPICIOUS: "Suspicious rebuild", FAILED: "Failed rebuild"}


@contextmanager
def alarm(
    store: Store, languages: list[str], notify: str, left: str = "The refs were left where they were."
) -> Iterator[None]:
    """Tell of whatever goes wrong inside: an event, an artifact and, where a block is named, a notification.

    Cancelling is nobody's fault and raises no alarm. `left` says how things stand when it is raised.

    Raises:
        UsageError: there is no such block, or it cannot notify; found out before anything else is done.
    """
    notifier = load_notifier(notify) if notify else None
    try:
        yield
    except Exception as error:
        kind = SUSPICIOUS if isinstance(error, SuspiciousRebuild) else FAILED
        facts = {"languages": languages, "store": shown(store.url)}
        _raise_alarm(kind, error, left, facts, notifier)
        raise


def load_notifier(name: str) -> NotificationBlock:
    """The notification block of that name, such as `slack-webhook/ops`.

    Raises:
        UsageError: there is none, or it is of a kind that does not notify.
    """
    import prefect.blocks.notifications  # noqa: F401 - makes the kinds of blocks known

    try:
        block = cast(Any, Block).load(name)
    except (ValueError, KeyError) as error:
        raise UsageError(
            f"There is no notification block {name!r}; write KIND/NAME as `prefect block ls` lists it."
        ) from error
    if not isinstance(block, NotificationBlock):
        raise UsageError(f"The block {name!r} cannot notify anyone; name one such as slack-webhook/ops.")
    return block


def _raise_alarm(
    kind: str, error: Exception, left: str, facts: Mapping[str, Any], notifier: NotificationBlock | None
) -> None:
    sentence = f"{_sentence(error)} {left}"
    emit_event(
        event=kind,
        resource={
            "prefect.resource.id": RESOURCE,
            "prefect.resource.name": "silver data",
            STORE_LABEL: facts["store"],
        },
        payload={**facts, "reason": sentence},
    )
    details = [f"languages: {', '.join(facts['languages'])}", f"store: {facts['store']}"]
    if isinstance(error, SuspiciousRebuild):
        commands = [f"{command} --store {shlex.quote(facts['store'])}" for command in error.commands]
        told = [*error.losses, *details]
        show_alarm(TITLES[kind], f"{error.what} {left}", told, commands, compared=True)
    else:
        show_alarm(TITLES[kind], sentence, details)
    if notifier is not None:
        try:
            cast(Any, notifier).notify(f"{sentence}\n{'; '.join(details)}", f"silverspan: {TITLES[kind]}")
        except Exception as error:
            # The alarm is in the UI all the same, and what went wrong must not be hidden by who cannot be told of it.
            get_run_logger().warning("The notification could not be sent (%s).", type(error).__name__)


def _sentence(error: Exception) -> str:
    """Errors of ours say what to do; what others say may hold anything, so only their kind is told."""
    return str(error) if isinstance(error, SilverspanError) else f"{type(error).__name__}; see the run's log."
