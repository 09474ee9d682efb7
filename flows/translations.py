"""Texts put to an engine outside of a build: through the memory, so that nothing is paid for twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flows.parameters import sample_examples
from tasks.desk import Desk
from tasks.keys import keys_of_this_step
from tasks.mt.budget import UNBOUNDED
from tasks.mt.catalogue import open_engine
from tasks.mt.markup import Markup
from tasks.place import Place
from tasks.progress import tell
from tasks.shards.translating import gates
from tasks.translation import opened, this_run


@dataclass(frozen=True, slots=True)
class Translations:
    """What an engine made of segments, by segment as it was sent; what it refused is not there."""

    found: Mapping[str, str]
    markup: Markup
    characters_sent: int


def translations(
    place: Place, engine: str, language: str, texts: Callable[[Markup], Sequence[str]]
) -> Translations:
    """Bring the translations of segments, written in the engine's own markup, into the memory and read them there.

    Raises:
        EngineError: the engine cannot translate into the language, as the client met it.
    """
    generation = opened(place, {language: engine}, sample_examples)[language].generation
    chosen = open_engine(engine, keys_of_this_step())
    segments = list(dict.fromkeys(texts(chosen.markup)))
    with place.memory() as memory:
        pace, budget = gates(memory, engine, chosen, this_run(), UNBOUNDED)
        told = partial(tell, f"texts {language}")
        desk = Desk(chosen, memory, generation.id, language, None, pace, budget, told)
        usage = desk.asked(segments)
    return Translations(usage.translations, chosen.markup, usage.characters_sent)
