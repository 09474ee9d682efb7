"""The rows of a trial made ready: an aligner fitted on nothing but the texts of the trial, and all else there is."""

from collections.abc import Mapping, Sequence

from storage.examples import Example
from tasks.mt.markup import Markup
from tasks.projection.alignment.aligner import fit
from tasks.projection.cases import Known, WordAligner
from tasks.projection.parallel import context_pairs, question_pairs
from tasks.projection.trials.rows import Row, human_rows, machine_rows, parallel_pairs


def machine_trial(
    examples: Sequence[Example],
    human: Sequence[Example],
    translations: Mapping[str, str],
    markup: Markup,
    *,
    source: str,
    target: str,
    aligner: WordAligner | None = None,
) -> list[Row]:
    """Rows of an engine's translations.

    Args:
        examples: in the source language.
        human: the same questions, translated by people.
        translations: of marked contexts, of questions and of answers, as far as these were asked for, by what was sent.
        markup: the dialect of the marks.
        source: the language of `examples`.
        target: the language of `human`.
        aligner: of words; one fitted on these very texts if None.

    Raises:
        InputError: a question of one is not in the other.
    """
    if aligner is None:
        contexts = context_pairs(examples, translations, markup)
        questions = question_pairs(examples, translations, markup)
        aligner = fit([*contexts, *questions], source=source, target=target)
    return machine_rows(examples, human, translations, markup, Known(source, target, aligner, translations))


def human_trial(
    examples: Sequence[Example],
    human: Sequence[Example],
    *,
    source: str,
    target: str,
    aligner: WordAligner | None = None,
) -> list[Row]:
    """Rows of the translations that people made; without an aligner, one is fitted on these very texts.

    Raises:
        InputError: a question of one is not in the other.
    """
    aligner = aligner or fit(parallel_pairs(examples, human), source=source, target=target)
    return human_rows(examples, human, Known(source, target, aligner))
