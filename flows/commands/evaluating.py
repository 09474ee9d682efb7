"""`silverspan evaluate`: what a reader can do."""

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import SAMPLE, Benchmark, parse_choice, resolve_data


def evaluate(
    *,
    benchmark: str,
    model: str = "latest",
    data: str = SAMPLE,
    split: str = "test",
    languages: str = "",
    mirror: str = "",
    common: Common = COMMON,
) -> None:
    """Put a reader to a benchmark and publish a report.

    `silverspan evaluate --model latest --benchmark mlqa --data official`

    `silverspan evaluate --model ./my-reader --benchmark xquad --data ./xquad`

    Parameters
    ----------
    benchmark:
        squad, mlqa, xquad or tydiqa.
    model:
        An id, a ref (`latest`, `champion`) or a folder that transformers loads.
    data:
        The folder (or file) of the benchmark, `official` to download it, or `sample`.
    split:
        MLQA's `test` or `dev`.
    languages:
        Only pairs of these languages, separated by commas; by default all pairs.
    mirror:
        Another host for official downloads.
    """
    chosen = parse_choice(Benchmark, benchmark)
    from flows.evaluate import check_evaluation, evaluate_reader
    from tasks.evaluation import Trial

    asked = names(languages)
    check_evaluation(common.store, Trial(model, chosen, resolve_data(data), split, tuple(asked)))
    with bars():
        result = evaluate_reader(model, chosen, data, split, asked, store=common.store, mirror=mirror)
    finish(
        common,
        result,
        f"F1 {result['f1']:.1f}, exact match {result['exact_match']:.1f} over {result['total']:,} questions",
        result["path"],
    )
