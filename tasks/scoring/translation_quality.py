"""Quality of machine translation where people's translations exist: BLEU and chrF++ by sacrebleu, with its signatures.

Post, "A Call for Clarity in Reporting BLEU Scores" (WMT 2018): a score without its signature cannot be compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

from tasks.scoring.metrics import primary_language

_BY_CHARACTER = frozenset({"ja", "km", "lo", "my", "th", "yue"})


class PairedTestKind(StrEnum):
    """sacrebleu's paired tests of an engine against a baseline."""

    BOOTSTRAP = "bs"
    """Paired bootstrap (Koehn, 2004), with an interval for each score; 1,000 samples unless told otherwise."""
    RANDOMISATION = "ar"
    """Approximate randomisation (Riezler and Maxwell, 2005); 10,000 trials unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A score from 0 to 100; `p_value` says how likely chance alone sets it as far from the baseline's.

    `margin` is half the width of the 95 % interval. Both are None where no test gave them: a baseline has no p-value.
    """

    score: float
    signature: str
    p_value: float | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """What an engine's translations are worth."""

    bleu: Figure
    chrf: Figure
    """chrF++: characters up to 6 and words up to 2 (Popović, 2017)."""


def quality(hypotheses: Sequence[str], references: Sequence[str], language: str) -> Quality:
    """BLEU and chrF++ of translations into `language` against one reference each.

    Raises:
        ValueError: no segments, or not one reference for each. (sacrebleu scores the shorter of both in silence.)
    """
    _check({"translation": hypotheses}, references)
    figures = []
    for metric in _metrics(language):
        score = metric.corpus_score(list(hypotheses), [list(references)])
        figures.append(Figure(score.score, str(metric.get_signature())))
    return Quality(*figures)


def compare_engines(
    outputs: Mapping[str, Sequence[str]],
    references: Sequence[str],
    language: str,
    *,
    test: PairedTestKind = PairedTestKind.BOOTSTRAP,
    samples: int = 0,
) -> dict[str, Quality]:
    """Each engine's quality, tested against the first one.

    `samples` of 0 are sacrebleu's default. Its seed is 12345 unless the environment variable SACREBLEU_SEED names
    another; it stands in the signature.

    Raises:
        ValueError: fewer than two engines, no segments, or not one reference for each.
    """
    if len(outputs) < 2:
        raise ValueError(f"a comparison needs two engines or more, not {len(outputs)}")
    _check(outputs, references)
    names = [(name, list(hypotheses)) for name, hypotheses in outputs.items()]
    bleu, chrf = _metrics(language)
    paired = PairedTest(
        names, {"bleu": bleu, "chrf": chrf}, [list(references)], test_type=test, n_samples=samples
    )
    signatures, results = paired()
    columns = [_figures(results[name], str(signature)) for name, signature in signatures.items()]
    return {name: Quality(*row) for name, *row in zip(outputs, *columns, strict=True)}


def segment_scores(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """The chrF++ of each segment by itself, to find the ones that went badly."""
    chrf = CHRF(word_order=2)
    return [
        float(chrf.sentence_score(text, [reference]).score)
        for text, reference in zip(hypotheses, references, strict=True)
    ]


def bleu_tokenizer(language: str) -> str:
    """sacrebleu's tokenizer for a language, of those that need no further package.

    Chinese has its own; other languages written without spaces are cut into characters; the rest is WMT's `13a`.

    >>> [bleu_tokenizer(code) for code in ("es", "zh-Hant", "ja")]
    ['13a', 'zh', 'char']
    """
    code = primary_language(language)
    if code == "zh":
        return "zh"
    return "char" if code in _BY_CHARACTER else "13a"


def _metrics(language: str) -> tuple[Any, Any]:
    return BLEU(tokenize=bleu_tokenizer(language)), CHRF(word_order=2)


def _figures(results: Sequence[Any], signature: str) -> list[Figure]:
    """The engines' figures, the baseline's first.

    sacrebleu counts only what exceeds the observed difference. Every sample reaches a difference of 0, so it would
    give an engine that equals the baseline the smallest p-value there is.
    """
    baseline = results[0].score
    return [
        Figure(float(result.score), signature, 1.0 if tied else _plain(result.p_value), _plain(result.ci))
        for place, result in enumerate(results)
        for tied in (place > 0 and result.score == baseline,)
    ]


def _plain(value: Any) -> float | None:
    """sacrebleu gives some figures as numpy's, which JSON does not know."""
    return None if value is None else float(value)


def _check(outputs: Mapping[str, Sequence[str]], references: Sequence[str]) -> None:
    for name, hypotheses in outputs.items():
        if not references or len(hypotheses) != len(references):
            raise ValueError(f"{name}: {len(hypotheses)} segments have {len(references)} references")
