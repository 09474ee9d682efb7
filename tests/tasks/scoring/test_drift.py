"""Drift: chrF of answers now against answers before, as sacrebleu gives it."""

from hypothesis import given
from hypothesis import strategies as st
from sacrebleu import corpus_chrf

from tasks.scoring.drift import SHOWN, drift

ANSWERS = st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=20), max_size=8)


def test_the_figure_is_sacrebleus() -> None:
    before = {"a": "the red house by the sea", "b": "it rained all night", "c": "so be it"}
    after = {"a": "the red hut by the sea", "b": "it rained all night", "c": "so it is"}
    found = drift(before, after)
    assert found
    expected = corpus_chrf(list(after.values()), [list(before.values())]).score
    assert abs(found.moved - (100 - expected)) < 1e-9
    assert [segment.text for segment in found.segments] == ["c", "a"]
    assert found.signature.startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0")


@given(ANSWERS)
def test_the_same_answers_have_not_moved(answers: dict[str, str | None]) -> None:
    """Law: drift(a, a) is 0, and None of nothing."""
    found = drift(answers, dict(answers))
    assert (found is None) == (not answers)
    assert found is None or (found.compared, found.changed, found.moved) == (len(answers), 0, 0.0)


@given(ANSWERS, ANSWERS)
def test_only_texts_that_both_know_are_compared(
    before: dict[str, str | None], after: dict[str, str | None]
) -> None:
    """Law: compared are the common texts, changed those of them with other answers; at most 100 points."""
    found = drift(before, after)
    common = before.keys() & after.keys()
    assert (found.compared if found else 0) == len(common)
    if found:
        assert found.changed == sum(before[text] != after[text] for text in common)
        assert -1e-9 <= found.moved <= 100.0
        assert len(found.segments) == min(SHOWN, found.changed)


def test_a_lost_answer_is_wholly_changed() -> None:
    found = drift({"a": "rojo", "b": None}, {"a": None, "b": None})
    assert found
    assert (found.changed, found.moved, found.segments[0].chrf) == (1, 100.0, 0.0)


def test_lost_tags_move_the_answers() -> None:
    found = drift({"a": "el <b1>rojo</b1> sol"}, {"a": "el rojo sol"})
    assert found
    assert found.moved > 1.0
