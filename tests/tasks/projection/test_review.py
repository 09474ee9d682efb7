"""The sample that people look at: every stratum in it, the same rows whatever order they come in."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.projection.review import (
    BANDS,
    MOST_AROUND,
    REJECTED,
    Stratum,
    Tally,
    allocated,
    band_of,
    sheet_rows,
    shown,
    tallied,
)

SIZES = st.dictionaries(
    st.builds(Stratum, st.sampled_from(["es", "hi"]), st.text(max_size=3), st.just("0.95-1.00")),
    st.integers(1, 60),
    max_size=8,
)


@given(SIZES, st.integers(1, 100))
def test_laws_of_allocation(sizes: dict[Stratum, int], total: int) -> None:
    """All that are asked for, no more than there are, one of each at least, and never fewer if more are asked for."""
    counts = allocated(sizes, total)
    assert sum(counts.values()) == min(total, sum(sizes.values()))
    assert all(count <= sizes[stratum] for stratum, count in counts.items())
    assert len(counts) == min(total, len(sizes))
    more = allocated(sizes, total + 1)
    assert all(more[stratum] >= count for stratum, count in counts.items())


def test_four_times_the_rows_are_twice_the_sample() -> None:
    large, small = Stratum("es", "exact", "x"), Stratum("es", "cover", "x")
    assert allocated({small: 10_000, large: 40_000}, 300) == {small: 100, large: 200}


def tally_of(rows: list[str], seed: int = 0, most: int = 5) -> Tally:
    tally = Tally(most, seed)
    for row in rows:
        tally.add(Stratum("es", row[0], "x"), row)
    return tally


ROWS = [f"{rung}{number}" for rung in "ab" for number in range(40)]


@given(st.permutations(ROWS))
def test_the_order_of_the_rows_does_not_matter(rows: list[str]) -> None:
    assert list(tally_of(rows).drawn(5).items()) == list(tally_of(ROWS).drawn(5).items())


def test_the_seed_decides() -> None:
    draws = {tuple(tally_of(ROWS, seed).drawn(5)) for seed in range(20)}
    assert len(draws) == 20
    assert len({row for draw in draws for row in draw}) > 50


def test_a_larger_sample_holds_the_smaller_one() -> None:
    small, large = (set(tally_of(ROWS, most=n).drawn(n)) for n in (6, 30))
    assert small < large


def kept(name: str, silver_set: str, confidence: float = 1.0, method: str = "exact") -> dict[str, Any]:
    language = "en" if silver_set in {"en", "tq"} else "es"
    return {
        "source_id": name,
        "set": silver_set,
        "question_language": "en",
        "context_language": language,
        "method": method,
        "confidence": confidence,
    }


def lost(name: str, silver_set: str, reason: str) -> dict[str, Any]:
    return {**kept(name, silver_set), "reason": reason, "detail": "why"}


def test_only_projected_rows_count_and_each_once() -> None:
    rows = [kept("1", s) for s in ("en", "tq", "tc", "tqc")] + [kept("2", "tc", 0.2, "cover")]
    rejected = [
        lost("3", "en", "unanswerable"),
        lost("3", "tq", "empty"),
        lost("3", "tc", "empty"),
        lost("3", "tqc", "empty"),
    ]
    assert tallied(rows, rejected, 9, 0).sizes == {
        Stratum("es", "exact", "0.95-1.00"): 1,
        Stratum("es", "cover", "0.00-0.50"): 1,
        Stratum("es", REJECTED, "empty"): 1,
    }
    assert tallied([kept("1", "tqc")], [], 9, 0).sizes == {Stratum("es", "exact", "0.95-1.00"): 1}


def test_bands_of_stored_confidences() -> None:
    """As float32 stores them."""
    assert [band_of(float(np.float32(bound)))[:4] for bound in BANDS] == ["0.50", "0.80", "0.90", "0.95"]
    assert band_of(float(np.float32(0.8999))) == "0.80-0.90"
    assert band_of(float("nan")) == "0.00-0.50"


def test_the_marks_are_not_in_the_text() -> None:
    assert shown("【1】 a", Span(4, 5)) == "【1】 ⟦a⟧"


def test_far_off_text_is_left_out() -> None:
    around = "x" * 2 * MOST_AROUND
    assert shown(f"{around}a{around}", Span(2 * MOST_AROUND, 2 * MOST_AROUND + 1)) == (
        f"…{'x' * MOST_AROUND}【a】{'x' * MOST_AROUND}…"
    )


def test_a_row_of_the_sheet() -> None:
    stratum, gone = Stratum("es", "exact", "0.95-1.00"), Stratum("es", REJECTED, "empty")
    answers = {"text": ["rojo", "coche"], "answer_start": [9, 3]}
    english = {
        "question": "How?",
        "context": "a red car",
        "answers": {"text": ["red"], "answer_start": [2]},
    }
    row = {**kept("1", "tc"), "context": "el coche rojo", "question": "How?", "answers": answers}
    rows = {"1.tc.en-es": row, "2.tc.en-es": lost("2", "tc", "empty")}
    one, other = sheet_rows(
        {"1.tc.en-es": stratum, "2.tc.en-es": gone}, {stratum: 7, gone: 1}, rows, {"1": english}
    )
    assert one == {
        "verdict": "",
        "answer": "rojo",
        "context": "el coche 【rojo】",
        "english_question": "How?",
        "english_answer": "red",
        "english_context": "a 【red】 car",
        "detail": "",
        "language": "es",
        "rung": "exact",
        "band": "0.95-1.00",
        "rows_in_stratum": 7,
        "confidence": "1.000",
        "row": "1.tc.en-es",
    }
    assert (other["context"], other["english_context"], other["detail"]) == ("", "", "why")
    assert (other["confidence"], other["rung"], other["band"]) == ("", REJECTED, "empty")
    assert list(one) == list(other)
