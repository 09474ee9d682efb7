"""A small made-up language, whose words and order are known, to learn from."""

import random
from collections.abc import Sequence

import pytest

from tasks.projection.alignment.aligner import Aligner, fit

NOUNS = {
    "dog": "harok", "cat": "mielo", "house": "vondar", "river": "oltem", "king": "derun", "bread": "gasto",
    "stone": "uvik", "tree": "pashel", "water": "izo", "horse": "kadrim", "boat": "felun", "wind": "torsa",
}  # fmt: skip
ADJECTIVES = {"old": "prin", "red": "sukat", "small": "wem", "cold": "gerido"}
VERBS = {"sees": "lapti", "loves": "fimol", "leaves": "skano", "finds": "dubre", "sleeps": "anuk"}
OTHERS = {"the": "zu", "in": "po", "and": "et", "one": "mir"}
LEXICON = {**NOUNS, **ADJECTIVES, **VERBS, **OTHERS}


def phrase(rng: random.Random) -> list[str]:
    adjectives = [rng.choice(sorted(ADJECTIVES))] if rng.random() < 0.5 else []
    return [rng.choice(["the", "one"]), *adjectives, rng.choice(sorted(NOUNS))]


def translated(tokens: Sequence[str]) -> str:
    """Word by word, but adjectives follow their nouns and the sentence ends with its verb."""
    kept = list(tokens)
    for place in range(len(kept) - 1):
        if kept[place] in ADJECTIVES:
            kept[place], kept[place + 1] = kept[place + 1], kept[place]
    verb = next(token for token in kept if token in VERBS)
    kept.remove(verb)
    return " ".join(LEXICON[token] for token in [*kept, verb]).capitalize() + "."


def sentence(rng: random.Random) -> tuple[str, str]:
    subject = [*phrase(rng), *(["and", *phrase(rng)] if rng.random() < 0.3 else [])]
    place = ["in", *phrase(rng)] if rng.random() < 0.4 else []
    rest = [] if (verb := rng.choice(sorted(VERBS))) == "sleeps" else phrase(rng)
    tokens = [*subject, verb, *rest, *place]
    return " ".join(tokens).capitalize() + ".", translated(tokens)


@pytest.fixture(scope="session")
def made_up_pairs() -> list[tuple[str, str]]:
    """Texts of one to four sentences."""
    rng = random.Random(5)
    pairs = []
    for _ in range(120):
        parts = [sentence(rng) for _ in range(rng.randint(1, 4))]
        pairs.append((" ".join(one for one, _ in parts), " ".join(other for _, other in parts)))
    return pairs


@pytest.fixture(scope="session")
def aligner(made_up_pairs: list[tuple[str, str]]) -> Aligner:
    return fit(made_up_pairs, source="en", target="xx")
