"""Numbers of texts: by first appearance, however they were found."""

from hypothesis import given
from hypothesis import strategies as st

from model.texts import Numbering, Texts, by_appearance, distinct

FEW = st.lists(st.sampled_from(["", "a", "b", "c", "塔"]))


@given(FEW)
def test_numbers_are_those_of_the_first_appearance(texts: list[str]) -> None:
    """Law: `distinct` gives each text at its number, and numbers that begin in order."""
    names, of = distinct(texts)
    assert names == sorted(set(texts), key=texts.index)
    assert [names[number] for number in of] == texts


@given(st.lists(FEW))
def test_texts_that_come_in_parts_are_numbered_as_one(parts: list[list[str]]) -> None:
    """Law: a `Numbering` of parts is `distinct` of the whole."""
    numbering = Numbering()
    of = [number for part in parts for number in numbering.of(part).tolist()]
    names, whole = distinct(text for part in parts for text in part)
    assert (numbering.texts, of) == (names, whole.tolist())


@given(FEW, st.permutations(["", "a", "b", "c", "塔", "unused"]))
def test_rows_numbered_otherwise_are_numbered_anew(texts: list[str], names: list[str]) -> None:
    """Law: `by_appearance` of any numbering is `distinct`; what no row has is left out."""
    _, of = distinct([*names, *texts])
    expected_names, expected = distinct(texts)
    found_names, found = by_appearance(names, of[len(names) :])
    assert (found_names, found.tolist()) == (expected_names, expected.tolist())
    assert found.dtype == expected.dtype


def test_rows_of_streams_are_numbered() -> None:
    texts = Texts.of(iter(["b", "a", "b"]), iter(["c", "c", "d"]))
    assert (texts.questions, texts.contexts) == (["b", "a"], ["c", "d"])
    assert (texts.question_of.tolist(), texts.context_of.tolist()) == ([0, 1, 0], [0, 0, 1])
