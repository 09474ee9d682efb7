"""The watch: engines are asked for their canary sets once more, and whoever must know of a change is told."""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow, get_run_logger, runtime
from pydantic import Field

from flows.parameters import engine_by_language, sample_examples
from flows.runners import local_runner
from flows.titles import engine_names, joined, title
from storage.store import DEFAULT_STORE
from tasks.bulletins import show_watch
from tasks.mt.budget import UNBOUNDED, Allowance
from tasks.mt.canary import THRESHOLD
from tasks.mt.canary_file import read_canary
from tasks.place import Place
from tasks.translation import Terms
from tasks.watching import sentence, tell_changes, watched


def run_name() -> str:
    """Such as `watch es,ca apertium 2026-11-22`."""
    given = runtime.flow_run.parameters
    return title("watch", joined(given["languages"]), engine_names(given["engine"]))


@flow(
    name="watch-engine",
    flow_run_name=run_name,
    task_runner=local_runner(),
    persist_result=True,
    result_serializer="json",
)
def watch_engine(
    languages: list[str],
    engine: str = "apertium",
    canary: str = "",
    threshold: Annotated[float, Field(ge=0, le=100)] = THRESHOLD,
    workers: int | None = None,
    budget: str = "",
    store: str = DEFAULT_STORE,
    memory: str = "",
) -> dict[str, Any]:
    """Ask engines for their canary sets once more; open a generation, and say so, where one has changed.

    Args:
        languages: Languages that are translated into, such as `["es", "ca"]`.
        engine: The engine's name, or one per language: `es=apertium,zh=table:zh.tsv`.
        canary: A file with texts (and references) to watch by; empty for 200 segments of the embedded sample.
        threshold: Points of chrF by which answers may move unnoticed; an engine's own noise is allowed for besides.
        workers: Requests at once; by default what the engine bears.
        budget: The most that this run may spend: characters (`2500000`) or money (`20USD`); empty for no bound.
        store: Where everything is kept (a folder or an fsspec URL).
        memory: The translation memory, where it is not the store's own.
    """
    place, engines = Place(store, memory), engine_by_language(engine, languages)
    rows = read_canary(Path(canary).expanduser()) if canary else []
    terms = Terms(workers, Allowance.parse(budget) if budget else UNBOUNDED)
    findings, errors = watched(place, engines, rows, sample_examples, threshold, terms)
    show_watch(findings, errors)
    for finding in findings:
        get_run_logger().info(sentence(finding))
    # Changes are told before the failure of another language ends the run: their generations are open already.
    tell_changes(place.store, findings)
    if errors:
        raise errors[0]
    return watch_result(findings)


def watch_result(findings: list[dict[str, Any]]) -> dict[str, Any]:
    """What a finished watch says of itself: small JSON that scripts can read."""
    return {
        "changed": [finding["language"] for finding in findings if finding["cause"]],
        "findings": [{**finding, "said": sentence(finding)} for finding in findings],
        "requests": sum(finding["sent"]["requests"] for finding in findings),
        "characters_sent": sum(finding["sent"]["characters"] for finding in findings),
    }
