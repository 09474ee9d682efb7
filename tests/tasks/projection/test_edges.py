"""The edges of answers: signs, function words, words that a mark cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.projection.edges import repaired


@pytest.mark.parametrize(
    ("before", "inside", "after", "answer", "expected"),
    [
        ("El ", "problema.", " Otro", "problem", "problema"),
        ("en ", "EE.UU.", " hoy", "USA", "EE.UU."),
        ("la ", "(AMA", ") dice", "AMA", "AMA"),
        ("la ", "(AMA)", " dice", "(AMA)", "(AMA)"),
        ("la ", "AMA)", " dice", "AMA", "AMA"),
        ("un ", "«coche", "» va", "car", "coche"),
        ("un ", 'coche "rojo"', " va", '"red" car', 'coche "rojo"'),
        ("un ", '"coche rojo"', " va", "red car", "coche rojo"),
        ("un ", 'coche "rojo', '" va', 'the "red" car', 'coche "rojo"'),
        ("un ", '""coche"', ' va"', '"car"', '"coche"'),
        ("el ", "l’hôpital ’vieux’", " va", "hospital", "l’hôpital ’vieux’"),
        ("un (", "rojo) coche", " va", "(red) car", "(rojo) coche"),
        ("los ", "coche", "s van", "cars", "coches"),
        ("al", "coche", "s van", "cars", "coche"),
        ("un ", "coche", "cito va", "car", "coche"),
        ("हिन्दी ", "क", "ि है", "who", "कि"),
        ("", "京都", "大学", "Kyoto", "京都"),
        ("hay ", "diez millones de", " casas", "ten million", "diez millones"),
        ("hay ", "diez de", " casas", "ten of", "diez de"),
    ],
)
def test_signs_and_words(before: str, inside: str, after: str, answer: str, expected: str) -> None:
    text = before + inside + after
    span = repaired(text, Span(len(before), len(before + inside)), answer, "en", "es")
    assert text[span.start : span.end] == expected


@pytest.mark.parametrize(
    ("before", "inside", "answer", "expected"),
    [
        ("the king of ", "de Perú", "Peru", "Perú"),
        ("a ", "de Perú", "Peruvian", "de Perú"),
        ("the ", "el río", "river", "río"),
        ("", "el río", "river", "el río"),
        ("banks of ", "del río", "the river", "río"),
        ("he went ", "a Roma", "to Rome", "a Roma"),
    ],
)
def test_what_stood_outside_the_answer_in_the_source(
    before: str, inside: str, answer: str, expected: str
) -> None:
    span = repaired(inside, Span(0, len(inside)), answer, "en", "es", before=before)
    assert inside[span.start : span.end] == expected


@pytest.mark.parametrize(
    ("before", "inside", "after", "expected"),
    [("un c", "oche", " va", "coche"), ("un ", "coche v", "a", "coche"), ("un ", "coche", "va", "coche")],
)
def test_what_the_answer_is_alone_tells_where_a_word_ends(
    before: str, inside: str, after: str, expected: str
) -> None:
    span = Span(len(before), len(before + inside))
    found = repaired(before + inside + after, span, "car", "en", "es", alone="coche")
    assert (before + inside + after)[found.start : found.end] == expected


def test_german_verbs_keep_their_prefixes() -> None:
    text = "er steht auf"
    assert repaired(text, Span(3, 12), "rises", "en", "de") == Span(3, 12)


TEXT = st.text("ab de el, .«»()\"'́中s ", min_size=1, max_size=20)


@given(TEXT, TEXT, TEXT, TEXT.filter(str.strip), st.sampled_from(["es", "de", "zh", ""]))
def test_law_what_is_left_is_never_empty(
    before: str, inside: str, after: str, answer: str, target: str
) -> None:
    """And it lies in the text, and never ends in white space if the span had anything else."""
    text = before + inside + after
    span = repaired(
        text, Span(len(before), len(before + inside)), answer.strip(), "en", target, before=before
    )
    assert 0 <= span.start < span.end <= len(text)
    if inside.strip():
        assert text[span.start : span.end].strip() == text[span.start : span.end]
