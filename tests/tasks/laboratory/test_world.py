"""A world's stories and languages: what is asked is answered, and only by one fact."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.laboratory.concepts import ENGLISH, KINDS, OF_A_KIND, Story, draw_story
from tasks.laboratory.tongues import Tongues, make_tongues

CODES = (ENGLISH, "qaa", "qab", "qac", "qad", "qae", "qaf")
WORLD = make_tongues(1, CODES)
SEEDS = st.integers(0, 2**32)


def story_of(seed: int) -> Story:
    return draw_story(random.Random(seed), WORLD.names)


@given(SEEDS, st.sampled_from(CODES))
def test_law_the_answer_stands_at_its_offset(seed: int, code: str) -> None:
    """The value of the fact asked for is where the statement says, in the words of its language."""
    story, tongue = story_of(seed), WORLD.by_code[code]
    context = tongue.context(story, random.Random(seed))
    text, start = context.answer
    assert context.text[start : start + len(text)] == text
    assert text.split() == tongue.value(story.facts[0].value)


@given(SEEDS)
def test_law_only_the_noun_tells_the_answer(seed: int) -> None:
    """Enough other facts have values of the same kind, no noun stands twice, and no two answers are alike."""
    story = story_of(seed)
    nouns = [fact.noun for fact in story.facts]
    assert len(set(nouns)) == len(nouns)
    assert sum(noun % KINDS == nouns[0] % KINDS for noun in nouns) >= OF_A_KIND
    assert sorted(story.order) == list(range(len(nouns)))
    heads = [part for fact in story.facts for part in fact.value if part.startswith("value")]
    assert len(set(heads)) == len(nouns)


@given(SEEDS, st.sampled_from(CODES))
def test_law_a_statement_tells_what_the_question_asks(seed: int, code: str) -> None:
    """Question and statement differ in nothing but the question word, in whose place the value stands."""
    story, tongue = story_of(seed), WORLD.by_code[code]
    told = tongue.answered(story, random.Random(seed))
    asked = tongue.question(story, random.Random(seed))
    first, after = told.value
    which = tongue.words[f"which {story.facts[0].kind % 4}"]
    assert (*told.words[:first], which, *told.words[after:]) == asked.words


@given(SEEDS)
def test_law_no_word_belongs_to_two_languages(seed: int) -> None:
    """Words of a world are its own, whatever the seed, and the same seed makes the same world."""
    world = make_tongues(seed, CODES)
    words = [word for word, _ in world.vocabulary()]
    assert len(set(words)) == len(words)
    assert world == make_tongues(seed, CODES)


def test_names_of_tests_are_not_those_of_training() -> None:
    assert not set(WORLD.training_names) & set(WORLD.test_names)
    assert {*WORLD.training_names, *WORLD.test_names} == set(WORLD.names)


def test_words_of_one_concept_have_its_number() -> None:
    words = dict(WORLD.vocabulary())
    assert words["?"] == words[WORLD.names[0]] == -1
    for concept in ("noun 3", "link", "which 2"):
        assert len({words[tongue.words[concept]] for tongue in WORLD.by_code.values()}) == 1


def test_a_world_begins_with_english() -> None:
    with pytest.raises(ValueError, match="not English"):
        make_tongues(1, ["qaa", ENGLISH])


def test_more_languages_than_grammars_still_differ() -> None:
    many: Tongues = make_tongues(1, [ENGLISH, *(f"q{a}{b}" for a in "ab" for b in "abcdefgh")])
    grammars = {tongue.grammar for tongue in many.by_code.values()}
    assert len(grammars) >= 10
