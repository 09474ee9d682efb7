"""The laboratory's translator: what it understands it says in the other order, and all else stays."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.laboratory import tongues as tongues_module
from tasks.laboratory.concepts import ENGLISH, draw_story
from tasks.laboratory.tongues import make_tongues
from tasks.laboratory.translating import Translator

CODES = (ENGLISH, "qaa", "qab", "qac", "qad")
WORLD = make_tongues(1, CODES)
TARGETS = st.sampled_from(CODES[1:])


def said(code: str, text: str, noise: float = 0.0) -> str:
    return "".join(piece.text for piece in Translator(WORLD, code, noise, "key").translate(text))


@given(st.integers(0, 2**32), TARGETS)
def test_law_without_fillers_and_noise_a_translation_is_what_the_language_says(seed: int, code: str) -> None:
    """translate(english(story)) == target(story), for contexts, questions and answers alone."""
    story, english, target = (
        draw_story(random.Random(seed), WORLD.names),
        WORLD.by_code[ENGLISH],
        WORLD.by_code[code],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tongues_module, "FILLED", 0.0)
        rng = random.Random(0)
        assert said(code, english.context(story, rng).text) == target.context(story, rng).text
        assert said(code, english.question(story, rng).text) == target.question(story, rng).text
    value = story.facts[0].value
    assert said(code, " ".join(english.value(value))) == " ".join(target.value(value))


@given(st.integers(0, 2**32), TARGETS)
def test_law_fillers_are_carried_along(seed: int, code: str) -> None:
    """As many fillers come out of a question as went in: each language has a place for its function words' fillers."""
    story, english = draw_story(random.Random(seed), WORLD.names), WORLD.by_code[ENGLISH]
    question = english.question(story, random.Random(seed))
    target = WORLD.by_code[code]

    def fillers(words: list[str], meanings: dict[str, str]) -> list[str]:
        return sorted(meaning for word in words if (meaning := meanings.get(word, "")).startswith("filler"))

    made = said(code, question.text).split()
    assert fillers(made, target.meanings) == fillers(list(question.words), english.meanings)


@given(st.text(), TARGETS, st.floats(0, 1))
def test_law_text_of_no_world_stays_as_it_is(text: str, code: str, noise: float) -> None:
    """Words that the world does not have, and all that stands between words, are neither changed nor lost."""
    known = {*WORLD.by_code[ENGLISH].meanings, *WORLD.names, *"0123456789"}
    if not known & set(text.split()):
        assert said(code, text, noise) == text


@given(st.integers(0, 2**32), TARGETS, st.floats(0, 1))
def test_law_noise_leaves_single_blanks_and_the_end(seed: int, code: str, noise: float) -> None:
    """However much is dropped, words stand apart by one blank and the question mark stays."""
    story = draw_story(random.Random(seed), WORLD.names)
    made = said(code, WORLD.by_code[ENGLISH].question(story, random.Random(seed)).text, noise)
    assert made.split(" ") == made.split()
    assert made.split()[-1] == "?"


def test_noise_drops_and_replaces_as_often_as_it_says() -> None:
    english = WORLD.by_code[ENGLISH]
    rng = random.Random(0)
    questions = [english.question(draw_story(rng, WORLD.names), rng).text for _ in range(2000)]
    clean, noisy = (
        [len(said("qaa", question, noise).split()) for question in questions] for noise in (0.0, 0.4)
    )
    dropped = 1 - (sum(noisy) - 2000) / (sum(clean) - 2000)
    assert dropped == pytest.approx(0.2, abs=0.02)


def test_the_same_text_is_spoilt_in_the_same_way() -> None:
    text = WORLD.by_code[ENGLISH].context(draw_story(random.Random(0), WORLD.names), random.Random(0)).text
    assert said("qaa", text, 0.5) == said("qaa", text, 0.5)
    assert said("qaa", text, 0.5) != said("qaa", text, 0.0)
