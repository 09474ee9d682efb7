"""`silverspan evaluate`: what readers can do, and which of them can do more."""

from typing import Any

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import SAMPLE, Benchmark, check_least, parse_choice, resolve_data

LATEST = "latest"
"""The reader where none is named."""


def evaluate(
    *,
    benchmark: str,
    model: list[str] | None = None,
    data: str = SAMPLE,
    split: str = "test",
    languages: str = "",
    limit: int = 0,
    mirror: str = "",
    common: Common = COMMON,
) -> None:
    """Put one or several readers to a benchmark and publish a report.

    `silverspan evaluate --model latest --benchmark mlqa --data official`

    `silverspan evaluate --model ./my-reader --benchmark xquad --data ./xquad`

    `silverspan evaluate --model zs-id --model tq-id --benchmark mlqa --data MLQA_V1.zip`

    Several readers are compared in one report: readers that differ in their seed alone are runs of one system, and
    other systems are tested against each other, with p-values corrected for the number of comparisons.

    Parameters
    ----------
    benchmark:
        squad, mlqa, xquad or tydiqa.
    model:
        An id, a ref (`latest`, the default, or `champion`) or a folder that transformers loads; once for each reader.
    data:
        The folder, zip archive or file of the benchmark, `official` to download it, or `sample`.
    split:
        MLQA's `test` or `dev`.
    languages:
        Only pairs of these languages, separated by commas; by default all pairs.
    limit:
        So many questions of each pair at most, drawn by lot (the same in every language); 0 for all.
    mirror:
        Another host for official downloads.
    """
    chosen = parse_choice(Benchmark, benchmark)
    from flows.evaluate import check_evaluation, evaluate_reader
    from tasks.answering import Trial

    check_least("limit", limit, 0)
    asked, models = names(languages), model or [LATEST]
    trial = Trial(models[0], chosen, resolve_data(data, chosen), split, tuple(asked), limit)
    check_evaluation(common.store, models, trial)
    with bars():
        result = evaluate_reader(
            models[0],
            chosen,
            data,
            split,
            asked,
            store=common.store,
            mirror=mirror,
            others=models[1:],
            limit=limit,
        )
    finish(common, result, *_lines(result))


def _lines(result: dict[str, Any]) -> list[str]:
    systems = result["systems"]
    over = f"over {result['total']:,} questions"
    lines = [
        f"{f'{name}: ' if len(systems) > 1 else ''}F1 {one['f1']:.1f}, exact match {one['exact_match']:.1f} {over}"
        for name, one in systems.items()
    ]
    return [*lines, result["path"]]
