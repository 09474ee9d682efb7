"""The paper's arithmetic on a corpus of SQuAD's size: Table 1's pairs and question types, exactly.

Made questions (as many of each type as SQuAD has) on made paragraphs go through the real steps: contexts marked, a
translation that loses tags in as many rows as the paper lost, answers projected by the paper's rule, sets assembled
and written as parts, statistics taken. Which rows lose their tags is chosen so that the paper's counts of question
types can come out; whether they do is up to the code.
"""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from storage.examples import Example
from storage.parts import Part, read_part, write_part
from storage.silver import Reason, SilverSet
from storage.store import Store
from tasks.mt.markup import Markup
from tasks.projection.contexts import AnsweredContext, mark_contexts, project_examples
from tasks.projection.marking import Marked, plain
from tasks.projection.questions import questions_back
from tasks.projection.rules import Rule
from tasks.projection.sets import MEMBERS, Label, assemble, english_rows
from tasks.scoring.paper import TABLE_1
from tasks.scoring.statistics import question_type
from tests.benchmarks.full_size.corpus import SQUAD, Shape, corpus
from tests.benchmarks.full_size.losses import KEPT, REASONS, TC, Fault, faults, spoiled
from tests.storage.part_statistics import snapshot_statistics

TALL = {
    "why": 16_260, "how": 111_664, "what": 530_642, "when": 75_606, "where": 45_494, "who": 119_366, "which": 59_628,
    "other": 275_116,
}  # fmt: skip
"""The same of T(ALL) (Table 1)."""

TYDIQA = ("bn", "ko", "id", "te", "ar", "ru", "fi")

WORDS = ["Ana wrote the old town's book of rivers and hills."]
"""Words enough: what is counted here does not depend on them."""

SHORT_CHARS = 30
"""Of a paragraph: the shorter it is, the less is to be done for the same counts."""


def lost_ids(examples: Sequence[Example], language: str) -> dict[str, Reason]:
    """Which questions lose their tags, and how."""
    return {i: REASONS[fault] for i, fault in faults(examples, language).items() if fault in REASONS}


def translated(marked: Marked, found: Mapping[int, Fault]) -> str:
    """An engine that puts a word before, and treats the tags of some marks as engines do."""
    return f"Traducido: {spoiled(marked.text, found)}"


def sent(examples: Sequence[Example]) -> list[tuple[Marked, list[str]]]:
    """What is sent to every engine, with the questions of each context: mark n is the answer to the nth."""
    questions: dict[str, list[str]] = {}
    for example in examples:
        questions.setdefault(example.context, []).append(example.id)
    return [(marked, questions[marked.context]) for marked in mark_contexts(examples, Markup.HTML)]


def asked_again(examples: Sequence[Example], target: str) -> dict[str, str]:
    """Every question translated."""
    translations = {plain(e.question): f"{target} {plain(e.question)}" for e in examples}
    return questions_back((e.question for e in examples), translations, Markup.HTML)


class Silver:
    """The parts of all sets and languages of the corpus, and their statistics."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.examples = corpus(Shape(), WORDS, median=SHORT_CHARS)
        self.types = [question_type(e.question) for e in self.examples]
        self.english = write_part(store, english_rows(self.examples, self.types))
        self.parts: dict[tuple[SilverSet, str], dict[str, Part]] = {}
        self.lost: dict[str, dict[str, Reason]] = {}
        contexts = sent(self.examples)
        for language in KEPT:
            self._make(language, contexts)
        for language in sorted(set(TYDIQA) - set(KEPT)):
            self._assemble(SilverSet.TQ, language, asked_again(self.examples, language), {})

    def _make(self, language: str, contexts: Sequence[tuple[Marked, list[str]]]) -> None:
        self.lost[language] = lost_ids(self.examples, language)
        spoilt = faults(self.examples, language)
        translations = {
            marked.text: translated(marked, {n: spoilt[i] for n, i in enumerate(ids, 1) if i in spoilt})
            for marked, ids in contexts
        }
        found = project_examples(
            self.examples, translations, Rule.PAPER, Markup.HTML, source="en", target=language
        )
        questions = asked_again(self.examples, language)
        for silver_set in MEMBERS[SilverSet.TALL]:
            self._assemble(silver_set, language, questions, found)

    def _assemble(
        self,
        silver_set: SilverSet,
        language: str,
        questions: Mapping[str, str],
        found: Mapping[str, AnsweredContext],
    ) -> None:
        label = Label(silver_set, language, f"made/{language}/1")
        rows = assemble(label, self.examples, self.types, questions, found)
        sides = {"kept": write_part(self.store, rows.kept), "rejected": write_part(self.store, rows.rejected)}
        self.parts[silver_set, language] = sides

    def statistics(self, silver_set: SilverSet, languages: Iterable[str]) -> dict[str, Any]:
        chosen = {
            f"{member}-{language}-00000": self.parts[member, language]
            for language in languages
            for member in MEMBERS[silver_set]
        }
        kept = {"en-00000": self.english, **{label: sides["kept"] for label, sides in chosen.items()}}
        return snapshot_statistics(
            self.store, kept, {label: sides["rejected"] for label, sides in chosen.items()}
        )

    def column(self, silver_set: SilverSet, language: str, side: str, name: str) -> list[str]:
        table = read_part(self.store, self.parts[silver_set, language][side], [name])
        values: list[str] = table[name].to_pylist()
        return values


@pytest.fixture(scope="module")
def silver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Silver]:
    """Made once. Millions of small rows, none of them in a cycle, would give the collector a third of the time."""
    gc.disable()
    yield Silver(Store(str(tmp_path_factory.mktemp("arithmetic"))))
    gc.enable()


def test_the_corpus_is_squads(silver: Silver) -> None:
    assert len(silver.examples) == 87_599
    assert len({example.context for example in silver.examples}) == 18_896
    assert Counter(silver.types) == SQUAD
    assert silver.english.rows == 87_599


@pytest.mark.parametrize(
    ("silver_set", "pairs", "types"),
    [
        (SilverSet.TQ, 525_594, {kind: 6 * count for kind, count in SQUAD.items()}),
        (SilverSet.TC, 441_690, TC),
        (SilverSet.TQC, 441_690, TC),
        (SilverSet.TALL, 1_233_776, TALL),
    ],
)
def test_pairs_and_types_of_table_1(
    silver: Silver, silver_set: SilverSet, pairs: int, types: dict[str, int]
) -> None:
    """Types are those of the English question; T(ALL) counts English once."""
    found = silver.statistics(silver_set, KEPT)["table1"]
    assert found["pairs"] == pairs == sum(types.values())
    assert found["types"] == types
    assert found["types"] == TABLE_1[silver_set].types


def test_seven_languages_of_tydiqa(silver: Silver) -> None:
    found = silver.statistics(SilverSet.TQ, TYDIQA)["table1"]
    assert found["pairs"] == 700_792
    assert found["types"] == {kind: 8 * count for kind, count in SQUAD.items()}


@pytest.mark.parametrize(("language", "kept"), KEPT.items())
def test_what_each_language_keeps(silver: Silver, language: str, kept: int) -> None:
    """The paper's yields; T(C) and T(Q+C) keep the very same questions, and every loss has its own reason."""
    lost = silver.lost[language]
    assert silver.parts[SilverSet.TQ, language]["kept"].rows == 87_599
    ids = silver.column(SilverSet.TC, language, "kept", "source_id")
    assert len(ids) == kept
    assert ids == silver.column(SilverSet.TQC, language, "kept", "source_id")
    assert set(silver.column(SilverSet.TC, language, "kept", "method")) == {"paper"}
    assert not set(ids) & set(lost)
    rejected = silver.column(SilverSet.TC, language, "rejected", "source_id")
    reasons = silver.column(SilverSet.TC, language, "rejected", "reason")
    assert len(rejected) == 87_599 - kept
    assert dict(zip(rejected, reasons, strict=True)) == lost
