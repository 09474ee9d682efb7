"""The rows of a trial: questions whose answers people have translated, with all that the ladder may look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from storage.errors import InputError
from storage.examples import Answer, Example
from tasks.mt.markup import Markup
from tasks.projection.cases import Known, aligned, read_cases
from tasks.projection.contexts import mark_contexts
from tasks.projection.marking import Recovered
from tasks.projection.rules import read_translation
from tasks.projection.rungs.case import Case


@dataclass(frozen=True, slots=True)
class Row:
    """One question: the case that the ladder looks at, and the answer that people gave.

    `case` is None where no usable translation came back. `odd` tells the articles on which nothing is fitted: of the
    titles in file order every second one.
    """

    id: str
    question: str
    case: Case | None
    gold: Answer
    odd: bool


def machine_rows(
    examples: Sequence[Example],
    human: Sequence[Example],
    translations: Mapping[str, str],
    markup: Markup,
    known: Known,
) -> list[Row]:
    """Answers looked for in an engine's translations.

    Args:
        examples: in the source language.
        human: the same questions, translated by people.
        translations: what came back, by marked text.
        markup: the dialect of the marks.
        known: the languages, the aligner and the answers translated alone.

    Raises:
        InputError: a question of one is not in the other.
    """
    cases: list[Case] = []
    for marked in mark_contexts(examples, markup):
        if (translation := translations.get(marked.text)) is not None:
            found, places = read_translation(marked, translation, known.alone)
            cases += read_cases(marked, found, places, known)
    return _rows(examples, human, cases, known)


def human_rows(examples: Sequence[Example], human: Sequence[Example], known: Known) -> list[Row]:
    """Answers looked for, without any tags, in the translations that people made of the contexts.

    Args:
        examples: in the source language.
        human: the same questions, translated by people.
        known: the languages and the aligner.

    Raises:
        InputError: a question of one is not in the other.
    """
    texts = {e.context: other.context for e, other in zip(examples, _parallel(examples, human), strict=True)}
    cases = [
        case
        for marked in mark_contexts(examples, Markup.HTML)
        for case in read_cases(marked, Recovered(texts[marked.context]), {}, known)
    ]
    return _rows(examples, human, cases, known)


def parallel_pairs(examples: Sequence[Example], human: Sequence[Example]) -> list[tuple[str, str]]:
    """Every distinct context and question with its human translation: what a tagless aligner may learn from.

    Raises:
        InputError: a question of one is not in the other.
    """
    both = list(zip(examples, _parallel(examples, human), strict=True))
    contexts = {(one.context, other.context): None for one, other in both}
    questions = {(one.question, other.question): None for one, other in both}
    return [*contexts, *questions]


def less_known(case: Case, *, tags: bool, alone: bool, aligned: bool) -> Case:
    """A case as it would be if less had been asked for."""
    return replace(
        case,
        pieces=case.pieces if tags else (),
        loose=case.loose if tags else (),
        neighbours=case.neighbours if tags else (),
        alone=case.alone if alone else "",
        alignment=case.alignment if aligned else None,
    )


def _rows(
    examples: Sequence[Example], human: Sequence[Example], cases: Sequence[Case], known: Known
) -> list[Row]:
    """Every case is aligned, though the ladder asks for that only where it is in doubt: the rung is tried by itself."""
    found = aligned(cases, known.aligner) if known.aligner else cases
    by_span = {(case.context, case.span): case for case in found}
    odd = _odd_titles(examples)
    return [
        Row(
            example.id,
            example.question,
            by_span.get((example.context, example.answers[0].span)),
            other.answers[0],
            example.title in odd,
        )
        for example, other in zip(examples, _parallel(examples, human), strict=True)
    ]


def _parallel(examples: Iterable[Example], human: Iterable[Example]) -> list[Example]:
    """The human translation of each example, in their order."""
    by_id = {example.id: example for example in human}
    ours = [example.id for example in examples]
    if differing := by_id.keys() ^ set(ours):
        raise InputError(f"The two files are not parallel: only one has the question {min(differing)!r}.")
    return [by_id[i] for i in ours]


def _odd_titles(examples: Iterable[Example]) -> set[str]:
    return set(list(dict.fromkeys(example.title for example in examples))[1::2])
