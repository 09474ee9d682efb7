"""`silverspan score` and `silverspan compare`: figures from files."""

from pathlib import Path

from flows.commands.common import COMMON, Common, finish
from flows.parameters import check_least, parse_choice
from storage.squad import SquadFile, read_squad
from tasks.scoring.metrics import Metric
from tasks.scoring.predictions import Predictions, read_predictions


def score(*, metric: str, language: str, gold: str, predictions: str, common: Common = COMMON) -> None:
    """Score predictions by an official metric.

    `silverspan score --metric mlqa --language es --gold gold.json --predictions predictions.json`

    Parameters
    ----------
    metric:
        `mlqa` (normalised in the language of the contexts) or `squad`.
    language:
        The language of the contexts.
    gold:
        A SQuAD-format file.
    predictions:
        A JSON object: question id to answer text.
    """
    from tasks.scoring.score import score_examples

    chosen = parse_choice(Metric, metric)
    asked = read_squad(Path(gold))
    given = _predictions(predictions, asked)
    found = score_examples(asked.examples, given.texts, metric=chosen, language=language)
    headline = f"F1 {found.f1:.2f}, exact match {found.exact_match:.2f} over {found.total:,} questions"
    result = {**found.to_json(), "faults": given.faults.to_json()}
    finish(common, result, headline, *given.faults.sentences(), found.signature)


def compare(
    *,
    a: str,
    b: str,
    gold: str,
    metric: str,
    language: str,
    permutations: int = 10_000,
    samples: int = 2_000,
    seed: int = 0,
    common: Common = COMMON,
) -> None:
    """Compare two systems' predictions: is one better, by how much, and could it be chance?

    `silverspan compare --a tq.json --b zs.json --gold gold.json --metric mlqa --language es`

    The p-value is that of Fisher's randomisation test (paired, two-sided), the interval a bootstrap over questions.

    Parameters
    ----------
    a:
        One system's predictions, a JSON object: question id to answer text.
    b:
        The other's.
    gold:
        A SQuAD-format file.
    metric:
        `mlqa` (normalised in the language of the contexts) or `squad`.
    language:
        The language of the contexts.
    permutations:
        How many permutations to draw where there are too many to count.
    samples:
        How many samples the interval is made of.
    seed:
        The same seed gives the same figures.
    """
    from tasks.scoring import comparison
    from tasks.scoring.score import example_statistics

    chosen = parse_choice(Metric, metric)
    for name, number, least in (
        ("permutations", permutations, 1),
        ("samples", samples, 1),
        ("seed", seed, 0),
    ):
        check_least(name, number, least)
    asked = read_squad(Path(gold))
    sides = {name: _predictions(path, asked) for name, path in (("a", a), ("b", b))}
    found = comparison.compare(
        *(
            example_statistics(asked.examples, side.texts, metric=chosen, language=language)
            for side in sides.values()
        ),
        metric=chosen,
        language=language,
        permutations=permutations,
        samples=samples,
        seed=seed,
    )
    faults = {name: side.faults for name, side in sides.items()}
    result = {**found.to_json(), "faults": {name: fault.to_json() for name, fault in faults.items()}}
    finish(
        common,
        result,
        found.f1.sentence("F1"),
        found.exact_match.sentence("exact match"),
        *(f"{name}: {sentence}" for name, fault in faults.items() for sentence in fault.sentences()),
        found.signature,
    )


def _predictions(path: str, asked: SquadFile) -> Predictions:
    ids = [example.id for example in asked.examples]
    return read_predictions(Path(path), ids, set_aside=[key for key, _ in asked.set_aside])
