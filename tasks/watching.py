"""Watching: the canary set of an engine is translated afresh, language by language, and what was found is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.events import Event, Resource
from prefect.events.clients import get_events_client
from prefect.futures import PrefectFuture, wait
from prefect.runtime import task_run
from prefect.settings import PREFECT_API_URL
from prefect.utilities.asyncutils import run_coro_as_sync

from storage.downloads.urls import shown
from storage.examples import Example
from storage.generations import Generations
from storage.store import Store
from storage.watches import Watches
from tasks.keys import keys_of_this_step
from tasks.mt.bill import Sent
from tasks.mt.budget import Allowance
from tasks.mt.canary import UNASKED, canary_set
from tasks.mt.canary_file import CanaryRow, plain, rows_for
from tasks.mt.catalogue import open_engine, split
from tasks.mt.client import Usage, translate
from tasks.mt.engine import Engine
from tasks.mt.fresh import FreshMemory
from tasks.mt.markup import Markup
from tasks.mt.watch import Answers, Finding, Watch
from tasks.place import Place
from tasks.projection.segments import Kind, segments
from tasks.scoring.translation_quality import Quality, compare_engines, quality
from tasks.shards.translating import gates
from tasks.steps import STEP, Json
from tasks.translation import Terms, this_run

CHANGED = "silverspan.engine.changed"
"""The event that says that an engine writes otherwise than before."""

RESOURCE = "silverspan.engine"
"""What the id of an engine's resource begins with; its name follows."""

STORE_LABEL = "silverspan.store"
"""The label of a resource that says in whose store it changed."""


def watched(
    place: Place,
    engines: Mapping[str, str],
    rows: Sequence[CanaryRow],
    canary: Callable[[], Sequence[Example]],
    threshold: float,
    terms: Terms,
) -> tuple[list[Json], list[BaseException]]:
    """What was found of each language that could be watched, and what went wrong with the others.

    Args:
        place: where generations are recorded and budgets shared.
        engines: what opens the engine, by target language.
        rows: people's own canary set; none for the one that builds open generations with.
        canary: gives the examples of which that one is made.
        threshold: points of chrF by which answers may move unnoticed.
        terms: on which terms engines may be asked.

    Raises:
        InputError: the rows hold none for a language.
    """
    run = this_run()
    calls: list[Json] = [
        {
            "store": place.store_url,
            "memory": place.memory_url,
            "engine": engine,
            "language": language,
            "references": _references(open_engine(engine), language, rows, canary),
            "threshold": threshold,
            "workers": terms.workers,
            "allowance": asdict(terms.allowance),
            "run": run,
        }
        for language, engine in engines.items()
    ]
    futures: list[PrefectFuture[Any]] = [watch_language.submit(**call) for call in calls]
    wait(futures)
    outcomes = [future.result(raise_on_failure=False) for future in futures]
    found = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    return found, [outcome for outcome in outcomes if isinstance(outcome, BaseException)]


def _references(
    engine: Engine, language: str, rows: Sequence[CanaryRow], canary: Callable[[], Sequence[Example]]
) -> dict[str, str]:
    """The canary set in the engine's style, each text with what a person made of it (empty: not known)."""
    if rows:
        return {row.written(engine.markup): row.reference for row in rows_for(rows, language)}
    if engine.name in UNASKED:
        return {}
    texts = canary_set(segments(canary(), Kind.CONTEXTS, engine.markup), engine.markup)
    return dict.fromkeys(texts, "")


def run_name() -> str:
    """Such as `watch es deepl`: the engine by its name, without files, addresses and settings."""
    given = task_run.parameters
    return f"watch {given['language']} {split(given['engine'])[0]}"


@task(
    name="watch",
    description="Ask an engine for its canary set once more, and judge whether it has changed.",
    task_run_name=run_name,
    **{**STEP, "persist_result": False, "cache_policy": NO_CACHE},
)
def watch_language(
    store: str,
    memory: str,
    engine: str,
    language: str,
    references: dict[str, str],
    threshold: float,
    workers: int | None,
    allowance: Json,
    run: str,
) -> Json:
    """One language of one engine: never remembered, as the question is what the engine says now."""
    place, asked = Place(store, memory), open_engine(engine, keys_of_this_step())
    with place.memory() as known:
        pace, budget = gates(known, engine, asked, run, Allowance(**allowance))

        def ask(engine: Engine, texts: Sequence[str], into: FreshMemory) -> Usage:
            return translate(
                engine, texts, "en", language, memory=into, workers=workers, pace=pace, budget=budget
            )

        finding = Watch(Generations(place.store), asked, engine, language, ask, threshold).look(
            list(references)
        )
    return _told(engine, finding, _quality(finding, references, asked.markup, language))


def _quality(
    finding: Finding, references: Mapping[str, str], markup: Markup, language: str
) -> dict[str, Quality]:
    """BLEU and chrF++ against people's translations, now and, where the answers moved, before with a paired test."""
    texts = [text for text, reference in references.items() if reference]
    if not texts:
        return {}
    known = [references[text] for text in texts]
    now = _plain(finding.answers, texts, markup)
    before = _plain(finding.earlier, texts, markup)
    if now == before or not finding.earlier.keys() >= set(texts):
        return {"after": quality(now, known, language)}
    return compare_engines({"before": before, "after": now}, known, language)


def _plain(answers: Answers, texts: Sequence[str], markup: Markup) -> list[str]:
    return [plain(answers.get(text) or "", markup) for text in texts]


def _told(spec: str, finding: Finding, figures: Mapping[str, Quality]) -> Json:
    return {
        "spec": spec,
        "engine": finding.after.engine,
        "language": finding.after.language,
        "cause": finding.cause and str(finding.cause),
        "before": finding.before and finding.before.id,
        "after": finding.after.id,
        "versions": [finding.before and finding.before.version, finding.after.version],
        "segments": len(finding.answers),
        "drift": finding.drift and finding.drift.to_json(),
        "noise": finding.noise,
        "threshold": finding.threshold,
        "quality": {side: asdict(figure) for side, figure in figures.items()},
        "sent": asdict(Sent.of(*finding.usages)),
    }


def tell_changes(store: Store, findings: Sequence[Json]) -> None:
    """One event for each engine that has changed, with its languages; what was heard counts as told.

    Where no server listens nobody hears of a change, and the next watch tells of it.
    """
    heard = bool(PREFECT_API_URL.value())
    changed = [finding for finding in findings if finding["cause"]]
    for engine in dict.fromkeys(finding["engine"] for finding in changed) if heard else ():
        own = [finding for finding in changed if finding["engine"] == engine]
        run_coro_as_sync(_sent(_news(store, engine, own)))
    generations, watches = Generations(store), Watches(store)
    for finding in findings:
        if heard or not finding["cause"]:
            watches.tell(finding["spec"], generations.find(finding["after"]))


def _news(store: Store, engine: str, changed: Sequence[Json]) -> Event:
    resource = {
        "prefect.resource.id": f"{RESOURCE}.{engine}",
        "prefect.resource.name": engine,
        STORE_LABEL: shown(store.url),
    }
    payload = {
        "engine": engine,
        "languages": [finding["language"] for finding in changed],
        "generations": {f["language"]: {"before": f["before"], "after": f["after"]} for f in changed},
        "causes": {finding["language"]: finding["cause"] for finding in changed},
    }
    return Event(event=CHANGED, resource=Resource(resource), payload=payload)


async def _sent(event: Event) -> None:
    """Sends an event and waits for the server to have it; `emit_event` would drop in silence what does not arrive."""
    async with get_events_client(checkpoint_every=1) as client:
        await client.emit(event)


def sentence(finding: Json) -> str:
    """What was found of one language, for people."""
    name = f"{finding['language']} by {finding['engine']}"
    drift = finding["drift"]
    moved = (
        "nothing to compare its answers with"
        if drift is None
        else f"{drift['changed']} of {drift['compared']} answers differ,"
        f" moved by {drift['moved']:.2f} of {finding['threshold']:.2f} points"
    )
    if finding["before"] is None:
        return f"{name}: used for the first time, as generation {finding['after']}"
    if finding["cause"] is None:
        found = "unchanged" if drift else "looked at for the first time"
        return f"{name}: {found} ({moved}); nothing was opened"
    return f"{name}: changed ({finding['cause']}; {moved}), now generation {finding['after']}"
