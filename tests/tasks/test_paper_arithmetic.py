"""The paper's arithmetic on a corpus of SQuAD's size: Table 1's pairs and question types, exactly.

Made questions (as many of each type as SQuAD has) on made paragraphs go through the real steps: contexts marked, a
translation that loses tags in as many rows as the paper lost, answers projected by the paper's rule, sets assembled
and written as parts, statistics taken. Which rows lose their tags is chosen so that the paper's counts of question
types can come out; whether they do is up to the code.
"""

import gc
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from storage.examples import Answer, Example
from storage.parts import Part, read_part, write_part
from storage.silver import Reason, SilverSet
from storage.store import Store
from tasks.mt.markup import Markup
from tasks.projection.contexts import AnsweredContext, mark_contexts, project_examples
from tasks.projection.marking import Marked, plain
from tasks.projection.questions import questions_back
from tasks.projection.rules import Rule
from tasks.projection.sets import MEMBERS, Label, assemble, english_rows
from tasks.publication import snapshot_statistics
from tasks.scoring.paper import TABLE_1
from tasks.scoring.statistics import question_type

PARAGRAPHS = 18_896
SQUAD = {
    "why": 1_194, "how": 8_082, "what": 37_506, "when": 5_414, "where": 3_261, "who": 8_366, "which": 4_146,
    "other": 19_630,
}  # fmt: skip
"""Questions of SQuAD v1.1 by type (Table 1)."""

TC = {
    "why": 5_742, "how": 39_668, "what": 190_309, "when": 26_975, "where": 16_225, "who": 42_951, "which": 21_522,
    "other": 98_298,
}  # fmt: skip
"""The same of T(C) and T(Q+C), English included (Table 1)."""

TALL = {
    "why": 16_260, "how": 111_664, "what": 530_642, "when": 75_606, "where": 45_494, "who": 119_366, "which": 59_628,
    "other": 275_116,
}  # fmt: skip
"""The same of T(ALL) (Table 1)."""

KEPT = {"de": 87_062, "es": 77_759, "ar": 84_185, "hi": 20_981, "zh": 84_104}
"""Rows whose tags came back, by language (Sec. 3.1)."""

TYDIQA = ("bn", "ko", "id", "te", "ar", "ru", "fi")

LOSSES = (Reason.TAGS_LOST, Reason.TAGS_UNBALANCED, Reason.TAGS_SPLIT, Reason.EMPTY_ANSWER)
"""The ways in which the paper's rule can lose a row, in turn."""


def corpus() -> list[Example]:
    """87,599 questions on 18,896 paragraphs, four or five on each, every answer a word of its own."""
    kinds = [kind for kind, count in SQUAD.items() for _ in range(count)]
    random.Random(1).shuffle(kinds)
    examples = []
    for p in range(PARAGRAPHS):
        words = [f"{letter}{p}" for letter in "abcde"]
        context = " ".join(words)
        for word in words[: 5 if p < len(kinds) - 4 * PARAGRAPHS else 4]:
            i = len(examples)
            opening = "In what year" if kinds[i] == "other" else kinds[i].capitalize()
            question = f"{opening} was number {i}?"
            examples.append(Example(f"q{i}", "", question, context, (Answer(word, context.index(word)),)))
    return examples


def losses_by_type() -> dict[str, dict[str, int]]:
    """How many rows of each type each language loses, so that rows and columns add up to the paper's figures."""
    left = {kind: 6 * SQUAD[kind] - TC[kind] for kind in SQUAD}
    found: dict[str, dict[str, int]] = {}
    for language, kept in KEPT.items():
        lost, all_left = sum(SQUAD.values()) - kept, sum(left.values())
        shares = {kind: lost * count // all_left for kind, count in left.items()}
        for kind in list(SQUAD)[: lost - sum(shares.values())]:
            shares[kind] += 1
        found[language] = shares
        left = {kind: count - shares[kind] for kind, count in left.items()}
    assert not any(left.values())
    return found


def lost_ids(examples: Sequence[Example], wanted: Mapping[str, int], seed: str) -> dict[str, Reason]:
    """Which questions lose their tags, and how."""
    by_type: dict[str, list[str]] = {}
    for example in examples:
        by_type.setdefault(question_type(example.question), []).append(example.id)
    draw = random.Random(seed)
    ids = [i for kind, count in wanted.items() for i in draw.sample(by_type[kind], count)]
    return {example_id: LOSSES[n % len(LOSSES)] for n, example_id in enumerate(ids)}


def translated(marked: Marked, lost: Mapping[int, Reason]) -> str:
    """An engine that turns the words round, and treats the tags of some marks as engines do."""
    text = marked.text
    for number, reason in lost.items():
        word = rf"<b{number}>(\w+)</b{number}>"
        forms = {
            Reason.TAGS_LOST: r"\1",
            Reason.TAGS_UNBALANCED: rf"<b{number}>\1",
            Reason.TAGS_SPLIT: rf"<b{number}>\1</b{number}> <b{number}>\1</b{number}>",
            Reason.EMPTY_ANSWER: rf"\1<b{number}></b{number}>",
        }
        text = re.sub(word, forms[reason], text)
    return " ".join(reversed(text.split(" ")))


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
        self.examples = corpus()
        self.types = [question_type(e.question) for e in self.examples]
        self.english = write_part(store, english_rows(self.examples, self.types))
        self.parts: dict[tuple[SilverSet, str], dict[str, Part]] = {}
        self.lost: dict[str, dict[str, Reason]] = {}
        contexts = sent(self.examples)
        for language, wanted in losses_by_type().items():
            self._make(language, wanted, contexts)
        for language in sorted(set(TYDIQA) - set(KEPT)):
            self._assemble(SilverSet.TQ, language, asked_again(self.examples, language), {})

    def _make(
        self, language: str, wanted: Mapping[str, int], contexts: Sequence[tuple[Marked, list[str]]]
    ) -> None:
        lost = self.lost[language] = lost_ids(self.examples, wanted, language)
        translations = {
            marked.text: translated(marked, {n: lost[i] for n, i in enumerate(ids, 1) if i in lost})
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
