"""`silverspan watch` and `silverspan rebuild`: what the deployments run by schedule and on events, by hand."""

from dataclasses import dataclass
from typing import Any

from cyclopts import Parameter

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import (
    ALL_SETS,
    SAMPLE,
    Benchmark,
    check_least,
    check_source,
    check_workers,
    engine_by_language,
    parse_choice,
    parse_sets,
)
from model.spec import Preset
from storage.errors import UsageError
from tasks.mt.canary import THRESHOLD
from tasks.projection.rules import Rule
from tasks.scoring.promotion import Promotion


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Challenger:
    """Options of `rebuild --challenge`."""

    system: str = "tall"
    "The challenger's system: zs, tq, tc, tqc, tall, at-en-all, ..."

    encoder: str = ""
    "The challenger's encoder: a name on the Hub or a folder; by default the preset's."

    preset: str = "base"
    "`base` fine-tunes the encoder; `tiny` makes a toy from nothing."

    seed: int = 1
    "Everything random follows from it."

    epochs: int = 1
    "Passes over the data."

    benchmark: str = "mlqa"
    "What both readers are put to: squad, mlqa, xquad or tydiqa."

    data: str = SAMPLE
    "The folder of the benchmark, `official` to download it, or `sample`."

    split: str = "test"
    "MLQA's `test` or `dev`."

    promote: str = "if-not-worse"
    "Who becomes champion: `if-not-worse` by Fisher's test, `never`, `always`, or `ask` a person in Prefect's UI."

    def challenge(self) -> Any:
        """As the flow takes it.

        Raises:
            UsageError: an unknown system, preset, benchmark or way to promote.
        """
        from flows.orders import Challenge

        check_least("epochs", self.epochs, 1)
        return Challenge(
            system_name=self.system,
            preset=parse_choice(Preset, self.preset),
            encoder=self.encoder,
            seed=self.seed,
            epochs=self.epochs,
            benchmark=parse_choice(Benchmark, self.benchmark),
            data=self.data,
            split=self.split,
            promote=parse_choice(Promotion, self.promote),
        )


CHALLENGER = Challenger()
"""The options of a challenge where none is given."""

DEFAULT_SETS = ",".join(ALL_SETS)


def watch(
    *,
    languages: str,
    engine: str = "apertium",
    canary: str = "",
    threshold: float = THRESHOLD,
    workers: int | None = None,
    budget: str = "",
    common: Common = COMMON,
) -> None:
    """Ask engines for their canary sets once more, and tell whether they have changed.

    `silverspan watch --engine es=deepl,zh=google --languages es,zh`

    `silverspan watch --engine deepl --languages es --canary news.tsv --threshold 0.5`

    A change is another reported version, other options (or another table), or answers that moved by more than the
    threshold; only then a new generation is opened, and the next build translates the language anew.

    Parameters
    ----------
    languages:
        Languages that are translated into, separated by commas.
    engine:
        One engine for all languages, or one for each: `es=apertium,zh=table:zh.tsv`.
    canary:
        A file of your own to watch by: tab-separated with the columns `text` (or `segment`, with tags), `reference`
        and `language`, or JSON with the same names; by default 200 segments of the embedded sample.
    threshold:
        Points of chrF by which answers may move unnoticed. An engine's own noise is allowed for besides.
    workers:
        Requests at once; by default what the engine bears.
    budget:
        Stop before more is spent than this: characters (`2500000`), money (`20USD`), or both with a `+`.
    """
    check_workers(workers)
    engine_by_language(engine, names(languages))
    if not 0 <= threshold <= 100:
        raise UsageError(f"--threshold {threshold} is no number of points; give 0 to 100.")
    from flows.watch import watch_engine

    settings: dict[str, Any] = {"workers": workers, "budget": budget}
    with bars():
        result = watch_engine(
            names(languages), engine, canary, threshold, store=common.store, memory=common.memory, **settings
        )
    sent = f"{result['requests']:,} requests, {result['characters_sent']:,} characters sent"
    finish(common, result, *(finding["said"] for finding in result["findings"]), sent)


def rebuild(
    *,
    languages: str,
    changed: str = "",
    source: str = SAMPLE,
    sets: str = DEFAULT_SETS,
    engine: str = "apertium",
    projection: str = "best",
    filters: str = "",
    retry_markup: bool = False,
    sentencewise: bool = False,
    answers_alone: bool = False,
    workers: int | None = None,
    budget: str = "",
    max_loss: float = 0.1,
    notify: str = "",
    challenge: bool = False,
    challenger: Challenger = CHALLENGER,
    common: Common = COMMON,
) -> None:
    """Build silver data anew where an engine has changed, and put it in place unless too many rows were lost.

    `silverspan rebuild --source squad-v1.1-train --languages es,de --engine deepl --changed es`

    `silverspan rebuild --languages es,de --engine deepl --challenge --benchmark xquad --data ./xquad`

    Languages that did not change come from the memory. What changed against the last snapshots is written to the
    store under `diffs/`. Where a set lost more than `--max-loss` of its yield, the refs stay where they are.

    Parameters
    ----------
    languages:
        All languages of the silver data, separated by commas.
    changed:
        Those to translate anew; the others stay as they are, unless their engine is another one by now (another table,
        other options). By default whichever have changed.
    source:
        A SQuAD-format file, a URL, the name of an official data set, or `sample`.
    sets:
        Which sets to publish: tq, tc, tqc, tall.
    engine:
        One engine for all languages, or one for each: `es=apertium,zh=table:zh.tsv`.
    projection:
        How answers are found again: `best`, or the rule of the `paper`.
    filters:
        Which projected rows to drop or to trust less: `language=on,digits=0.5`, `copied=off`; `none` for no filter.
    retry_markup:
        Send segments without a usable translation in other ways, too.
    sentencewise:
        Send contexts sentence by sentence.
    answers_alone:
        Translate each answer by itself, too.
    workers:
        Requests at once; by default what the engine bears.
    budget:
        Stop before more is spent than this: characters (`2500000`), money (`20USD`), or both with a `+`.
    max_loss:
        The share of its yield that a set and language may lose: 0.1 is a tenth.
    notify:
        A Prefect notification block that alarms are sent to besides, such as `slack-webhook/ops`.
    challenge:
        Then train a reader on the new data and let it challenge `models/champion`.
    """
    check_workers(workers)
    check_source(source)
    engine_by_language(engine, names(languages))
    if not 0 <= max_loss <= 1:
        raise UsageError(f"--max-loss {max_loss} is no share; give 0 to 1, such as 0.1.")
    from flows.orders import SilverOrder, check_order
    from flows.rebuild import rebuild_silver

    order = SilverOrder(
        languages=names(languages),
        source=source,
        sets=parse_sets(names(sets)),
        engine=engine,
        projection=parse_choice(Rule, projection),
        filters=filters,
        retry_markup=retry_markup,
        sentencewise=sentencewise,
        answers_alone=answers_alone,
        workers=workers,
        budget=budget,
    )
    wanted = challenger.challenge() if challenge else None
    check_order(order, wanted)
    check_promotion(wanted)
    with bars():
        result = rebuild_silver(
            order,
            names(changed),
            max_loss,
            wanted,
            notify,
            store=common.store,
            memory=common.memory,
        )
    finish(common, result, *_lines(result))


def check_promotion(challenge: Any) -> None:
    """Refuse to ask where no one can answer: a paused run waits for someone who sees it.

    Raises:
        UsageError: a person is to be asked, and Prefect has no server.
    """
    from prefect.settings import get_current_settings

    if challenge and challenge.promote is Promotion.ASK and not get_current_settings().api.url:
        raise UsageError(
            "--promote ask pauses the run in Prefect's UI, and no server is set; start one (make ui) and set"
            " PREFECT_API_URL, or choose never, if-not-worse or always."
        )


def _lines(result: dict[str, Any]) -> list[str]:
    build, diff, outcome = result["build"], result["diff"], result["challenge"]
    rows = [
        f"{name:5} {build['rows'][name]:>10,} rows   snapshot {i}" for name, i in build["snapshots"].items()
    ]
    moved = [
        f"{language}: {sum(part['gained'].values()):,} gained, {sum(part['lost'].values()):,} lost,"
        f" {sum(part['changed'].values()):,} changed, {part['same']:,} the same"
        for language, part in diff["languages"].items()
    ]
    sent = f"{build['requests']:,} requests, {build['characters_sent']:,} characters sent"
    champion = [f"{outcome['why']} Champion: {outcome['champion'] or 'none'}"] if outcome else []
    return [*rows, *moved, sent, f"diff {diff['path']}", *champion]
