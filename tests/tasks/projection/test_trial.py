"""A trial of projection on parallel data."""

import re
from collections.abc import Sequence

import pytest

from storage.errors import InputError
from storage.examples import Answer, Example
from storage.silver import Reason
from tasks.mt.engine import Limits
from tasks.projection.rules import Rule
from tasks.projection.trial import human_answers, try_projection
from tests.tasks.mt.doubles import Declared, Memory


class Shouting(Declared):
    """An engine that shouts, loses the marks of one context and has nothing for another."""

    limits = Limits(max_segments=2, max_chars=1_000)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        assert (source, target) == ("en", "es")
        self.asked += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> str | None:
        if "silent" in text:
            return None
        return re.sub("<.*?>", "", text).upper() if "lost" in text else text.upper()


def example(name: str, context: str, answer: str) -> Example:
    return Example(name, "", "q", context, (Answer(answer, context.index(answer)),))


ENGLISH = [
    example("1", "red old car", "old"),
    example("2", "red old car", "red"),
    example("3", "lost old car", "old"),
    example("4", "silent old car", "old"),
]
HUMAN = [
    example("4", "x old", "old"),
    example("3", "x old", "old"),
    example("2", "y red blue", "red blue"),
    example("1", "z old", "old"),
]


def test_projected_answers_against_human_ones() -> None:
    """Of four, two are kept: `OLD` is right, `RED` half of `red blue` (precision 1, recall 1/2: F1 2/3)."""
    memory, told = Memory(), list[tuple[int, int]]()
    score, usage = try_projection(
        Shouting(),
        ENGLISH,
        HUMAN,
        Rule.BEST,
        memory,
        source="en",
        target="es",
        on_progress=lambda *progress: told.append(progress),
    )
    assert (score.total, score.kept, score.kept_share) == (4, 2, 0.5)
    assert score.f1 == pytest.approx((1 + 2 / 3) / 2)
    assert score.exact_match == 0.5
    assert (score.char_f1, score.exact_offsets) == (None, None)
    assert usage.segments == 3
    assert {refusal.reason for refusal in usage.refused.values()} <= {Reason.NOT_TRANSLATED, Reason.TAGS_LOST}
    assert told[-1] == (3, 3)


def test_what_the_memory_knows_is_not_asked_again() -> None:
    memory = Memory()
    first, _ = try_projection(Shouting(), ENGLISH, HUMAN, Rule.PAPER, memory, source="en", target="es")
    engine = Shouting()
    again, usage = try_projection(engine, ENGLISH, HUMAN, Rule.PAPER, memory, source="en", target="es")
    assert again == first
    assert engine.asked == []
    assert len(usage.refused) == 2
    assert all("silent" in text or "lost" in text for text in usage.refused)


def test_human_answers_are_matched_by_id() -> None:
    assert [answer.text for answer in human_answers(ENGLISH, HUMAN)] == ["old", "red blue", "old", "old"]


@pytest.mark.parametrize(
    ("english", "human", "name"),
    [
        (ENGLISH[:3], HUMAN, "4"),
        (ENGLISH, HUMAN[1:], "4"),
        (ENGLISH[1:], HUMAN[1:], "1"),
        ([], HUMAN[:1], "4"),
    ],
)
def test_files_that_are_not_parallel(english: list[Example], human: list[Example], name: str) -> None:
    engine = Shouting()
    with pytest.raises(InputError, match=f"not parallel: only one has the question '{name}'"):
        try_projection(engine, english, human, Rule.BEST, Memory(), source="en", target="es")
    assert engine.asked == []
