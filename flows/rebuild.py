"""The rebuild: silver data made anew where an engine has changed, compared with what there was, and put in place."""

from typing import Annotated, Any

from prefect import flow, runtime
from pydantic import Field

from flows.build import build_silver
from flows.challenge import challenged
from flows.orders import Challenge, SilverOrder, check_order
from flows.parameters import engine_by_language
from flows.results import diff_result
from flows.runners import local_runner
from flows.titles import engine_names, joined, title
from storage.store import DEFAULT_STORE
from tasks.alarms import alarm
from tasks.bulletins import show_diff
from tasks.place import Place
from tasks.publication import point_latest
from tasks.rebuilding import (
    LOCK,
    MAX_LOSS,
    check_yield,
    compared,
    languages_kept,
    latest_snapshots,
    snapshots_of,
)
from tasks.story import say


def run_name() -> str:
    """Such as `rebuild es of es,de deepl 2026-11-22`."""
    given = runtime.flow_run.parameters
    order = given["order"]
    changed = joined(given["changed"]) or "what changed"
    return title("rebuild", changed, "of", joined(order.languages), engine_names(order.engine))


@flow(
    name="rebuild-silver",
    flow_run_name=run_name,
    task_runner=local_runner(),
    persist_result=True,
    result_serializer="json",
)
def rebuild_silver(
    order: SilverOrder,
    changed: list[str] = [],  # noqa: B006 - Prefect copies it into each run
    max_loss: Annotated[float, Field(ge=0, le=1)] = MAX_LOSS,
    challenge: Challenge | None = None,
    notify: str = "",
    store: str = DEFAULT_STORE,
    memory: str = "",
) -> dict[str, Any]:
    """Build silver data anew for the languages whose engine has changed, and put it in place unless it is suspicious.

    Args:
        order: What the silver data is made of.
        changed: The languages to translate anew; the others stay as they are, unless their engine is another one by
            now (another table, other options). Empty for whichever have changed.
        max_loss: The share of its yield that a set and language may lose; beyond it the refs stay, and an alarm is
            raised.
        challenge: Then train a reader on it, and let it challenge the champion.
        notify: The Prefect block that alarms are sent to besides, such as `slack-webhook/ops`.
        store: Where everything is kept (a folder or an fsspec URL).
        memory: The translation memory, where it is not the store's own.
    """
    place = Place(store, memory)
    with alarm(place.store, order.languages, notify), place.store.locked(LOCK):
        check_order(order, challenge)
        before = latest_snapshots(place.store, order.sets)
        engines = engine_by_language(order.engine, order.languages)
        kept = languages_kept(place.store, before, changed, engines)
        build = build_silver(**dict(order), kept=kept, latest=False, store=store, memory=memory)
        after = snapshots_of(place.store, build["snapshots"].values())
        diff, path = compared(place.store, before, after)
        show_diff(diff, path)
        for sentence in diff.sentences():
            say(sentence)
        check_yield(before, after, order.languages, max_loss)
        point_latest(place.store, after)
        say("The data is in place: latest of each set points at it.")
    left = "The data is in place; the champion stayed."
    with alarm(place.store, order.languages, notify, left):
        outcome = challenged(challenge, build["snapshots"][challenge.trains_on], store) if challenge else None
    return {"build": build, "diff": diff_result(diff, path), "challenge": outcome}
