"""`silverspan build` and `silverspan segments`: silver training sets from English questions."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import (
    ALL_SETS,
    SAMPLE,
    check_language,
    check_source,
    check_workers,
    engine_by_language,
    parse_choice,
    parse_sets,
    resolve_source,
)
from storage.squad import read_squad
from tasks.projection.rules import Rule

DEFAULT_SETS = ",".join(ALL_SETS)


def build(
    *,
    languages: str,
    source: str = SAMPLE,
    sets: str = DEFAULT_SETS,
    engine: str = "apertium",
    projection: str = "best",
    mirror: str = "",
    workers: Annotated[
        int | None, Parameter(help="Requests at once; by default what the engine bears.")
    ] = None,
    runner: str = "local",
    common: Common = COMMON,
) -> None:
    """Translate English questions and contexts, find the answers again, and publish training sets.

    `silverspan build --source squad-v1.1-train --languages es,ca --engine apertium`

    `silverspan build --source mine.json --languages es,zh --engine es=apertium,zh=table:zh.tsv --sets tq,tall`

    Parameters
    ----------
    languages:
        Languages to translate into, separated by commas.
    source:
        A SQuAD-format file, a URL, the name of an official data set, or `sample`.
    sets:
        Which sets to publish: tq, tc, tqc, tall.
    engine:
        One engine for all languages, or one for each: `es=apertium,zh=table:zh.tsv`.
    projection:
        How answers are found again: `best`, or the rule of the `paper`.
    mirror:
        Another host for official downloads.
    runner:
        Where shards run: `local`, or `dask[:ADDRESS]`.
    """
    wanted, rule = parse_sets(names(sets)), parse_choice(Rule, projection)
    check_workers(workers)
    engine_by_language(engine, names(languages))
    check_source(source)
    from flows.build import build_silver
    from flows.runners import task_runner

    chosen = build_silver.with_options(task_runner=task_runner(runner))
    places: dict[str, Any] = {"store": common.store, "memory": common.memory, "mirror": mirror}
    with bars():
        result = chosen(names(languages), source, wanted, engine, rule, workers=workers, **places)
    finish(common, result, *_lines(result))


def segments(*, languages: str, output: str, source: str = SAMPLE, common: Common = COMMON) -> None:
    """Write every segment that a build would have translated as a table to be filled in, for `--engine table:FILE`.

    `silverspan segments --source mine.json --languages zh --output zh.tsv`

    Contexts carry numbered tags around their answers; keep them around the same words in the translation.

    Parameters
    ----------
    languages:
        Languages to translate into, separated by commas.
    output:
        The table to write: `.parquet`, or anything else for tab-separated text.
    source:
        A SQuAD-format file, or `sample`.
    """
    from tasks.mt.markup import Markup
    from tasks.mt.table import TableRow, write_table
    from tasks.translation import Kind
    from tasks.translation import segments as distinct_segments

    wanted = names(languages)
    for language in wanted:
        check_language(language)
    examples = read_squad(Path(resolve_source(source))).examples
    texts = [text for kind in Kind for text in distinct_segments(examples, kind, Markup.HTML)]
    rows = [TableRow("en", language, text, "") for language in wanted for text in texts]
    write_table(Path(output), rows)
    finish(common, {"path": output, "segments": len(rows)}, f"{len(rows):,} segments in {output}")


def _lines(result: dict[str, Any]) -> list[str]:
    rows = [
        f"{name:5} {result['rows'][name]:>10,} rows   snapshot {i}" for name, i in result["snapshots"].items()
    ]
    lost = [
        f"{language}: {count} questions rejected, {reason}"
        for language, reasons in result["rejected"].items()
        for reason, count in reasons.items()
    ]
    sent = f"{result['requests']:,} requests, {result['characters_sent']:,} characters sent, {result['seconds']} s"
    return [*rows, *lost, sent]
