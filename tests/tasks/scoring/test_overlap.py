from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.benchmarks import Pair
from tasks.scoring.overlap import Shared, context_key, overlap


def test_contexts_are_counted_once_however_many_questions_and_pairs_they_have(pairs: list[Pair]) -> None:
    found = overlap(["lyon lies on  the Rhône", "lyon lies on  the Rhône", "Another."], pairs)
    assert found.total == Shared(contexts=4, shared=1)
    assert found.by_language == {"ar": Shared(2, 0), "en": Shared(2, 1)}


def test_nothing_is_shared_with_nothing(pairs: list[Pair]) -> None:
    assert overlap([], pairs).total == Shared(4, 0)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_case_spacing_and_punctuation_do_not_matter(text: str) -> None:
    """Law: a text has the key of itself set wide, quoted and with a full stop."""
    assert context_key(text) == context_key(f" “{text}” .\n")


def test_other_words_matter() -> None:
    assert context_key("Lyon lies on the Rhône") != context_key("Lyon lies on the Rhine")
