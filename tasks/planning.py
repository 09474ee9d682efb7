"""What a build would translate and what that would cost, told without sending anything.

The texts are put together as a build puts them together, shard by shard, so that the figures are those of the run
that follows, as long as the engine makes no trouble: what comes back unusable is asked for again. How much that can be
at most, other ways of marking included, is told beside.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from storage.examples import Example
from storage.generations import Generation, Generations
from storage.memory import TranslationMemory
from storage.silver import Reason, Refusal, SilverSet
from storage.squad import SquadFile
from tasks.desk import segment_chars
from tasks.mt.budget import price_of
from tasks.mt.canary import Forgetful, canary_set, options_of, planned_canary
from tasks.mt.catalogue import open_engine, styled
from tasks.mt.client import Usage, plan
from tasks.mt.engine import Engine
from tasks.mt.markup import Markup
from tasks.mt.packing import characters, pack
from tasks.mt.session import TRIES, MemoryView
from tasks.place import Place
from tasks.projection.again import SecondTry, second_copies
from tasks.projection.marking import Marked, plain
from tasks.projection.segments import Kind, marked_segments, segments
from tasks.projection.sentencewise import all_joined, sentence_segments, without_marks
from tasks.projection.sets import CONTEXT_SETS, QUESTION_SETS, translated_sets
from tasks.projection.ways import texts_of_ways
from tasks.shards.importing import shards
from tasks.source import SHARD_ROWS
from tasks.volumes import BackPlan, BuildPlan, LanguagePlan, Volume, kinds_of


def plan_build(
    place: Place,
    source: SquadFile,
    engines: Mapping[str, str],
    sets: Sequence[SilverSet],
    canary: Sequence[Example],
    *,
    retry_markup: bool = False,
    second_try: SecondTry = SecondTry.NONE,
    answers: bool = False,
    sentencewise: bool = False,
    back: Mapping[str, str] = MappingProxyType({}),
) -> BuildPlan:
    """What building these sets would translate; no engine is asked anything, and nothing is written.

    Args:
        place: the store with its generations, and the memory.
        source: the English questions.
        engines: what opens the engine, by target language.
        sets: the sets that are wanted.
        canary: the examples of which the canary set is made.
        retry_markup: whether segments without a usable translation are to be sent in other ways.
        second_try: in which form answers are to be sent again whose tags are lost or split.
        answers: whether answers are to be translated by themselves, too.
        sentencewise: whether contexts are to be sent sentence by sentence.
        back: what opens the engine that is to translate answers back, by language.
    """
    memory = _memory(place)
    try:
        planner = _Planner(
            Generations(place.store),
            memory,
            list(shards(source.examples, SHARD_ROWS)),
            retry_markup,
            second_try,
            answers,
            sentencewise,
            back,
        )
        members = translated_sets(sets)
        plans = {
            language: planner.planned(name, language, members, canary) for language, name in engines.items()
        }
    finally:
        if memory is not None:
            memory.close()
    return BuildPlan(plans, sets, len(source.set_aside))


@dataclass(frozen=True, slots=True)
class _Planner:
    generations: Generations
    memory: TranslationMemory | None
    shards: Sequence[Sequence[Example]]
    retry_markup: bool
    second_try: SecondTry
    answers: bool
    sentencewise: bool
    back: Mapping[str, str]

    def planned(
        self, name: str, language: str, members: Sequence[SilverSet], canary: Sequence[Example]
    ) -> LanguagePlan:
        engine = open_engine(name)
        known, view, opening = self._opened(engine, language, canary)
        volumes, refusals = {}, {}
        for kind in kinds_of(members, answers=self.answers):
            volumes[kind], refusals[kind] = self._kind(engine, kind, view)
        examples = [example for shard in self.shards for example in shard]
        rejected = _rejected(examples, members, engine, refusals)
        again = Volume()
        if self.second_try is not SecondTry.NONE and Kind.CONTEXTS in volumes:
            again, more = self._again(name, engine, view, language, canary)
            opening += more
        generation = known.id if known else None
        back = self._back(language) if Kind.CONTEXTS in volumes else None
        return LanguagePlan(name, generation, price_of(engine), opening, volumes, rejected, again, back)

    def _back(self, language: str) -> BackPlan | None:
        if language not in self.back:
            return None
        engine = open_engine(self.back[language])
        texts = {text for shard in self.shards for text in segments(shard, Kind.ANSWERS, engine.markup)}
        return BackPlan(self.back[language], len(texts), characters(texts), price_of(engine))

    def _opened(
        self, engine: Engine, language: str, canary: Sequence[Example]
    ) -> tuple[Generation | None, MemoryView, Volume]:
        """The engine's generation, what is remembered of it, and what it takes to open it."""
        identity = engine.identity("en", language)
        known = self.generations.current(identity.name, language, options_of(identity))
        opening = Usage(0, 0, 0, 0) if known else self._opening(engine, language, canary)
        return known, self._view(known, language), _volume(opening)

    def _again(
        self, name: str, engine: Engine, first: MemoryView, language: str, canary: Sequence[Example]
    ) -> tuple[Volume, Volume]:
        """What a second try sends at most, and what it takes to open its engine.

        Of contexts whose translation is remembered just the answers are sent that it leaves unsure; of all others any
        may be.
        """
        other, view, opening = engine, first, Volume()
        if self.second_try.style:
            other = open_engine(styled(name, self.second_try.style))
            _, view, opening = self._opened(other, language, canary)
        total, before = Volume(), set[str]()
        most_chars = segment_chars(engine, Kind.CONTEXTS, sentencewise=self.sentencewise)
        for shard in self.shards:
            marked = marked_segments(shard, Kind.CONTEXTS, engine.markup)
            copies = list(
                second_copies(marked, self._known(marked, first, most_chars, language), self.second_try)
            )
            sent = [c.text for c in copies] if most_chars is None else sentence_segments(copies, most_chars)
            texts = [text for text in sent if text not in before]
            before.update(texts)
            total += _at_most(plan(other, texts, view))
        return total, opening

    def _known(
        self, marked: Sequence[Marked], view: MemoryView, most_chars: int | None, language: str
    ) -> Mapping[str, str]:
        """The translations of contexts that are remembered."""
        if most_chars is None:
            return view.lookup([each.text for each in marked])
        sentences = view.lookup(sentence_segments(marked, most_chars))
        return all_joined(marked, sentences, most_chars=most_chars, target=language)[0]

    def _opening(self, engine: Engine, language: str, canary: Sequence[Example]) -> Usage:
        texts = canary_set(segments(canary, Kind.CONTEXTS, engine.markup), engine.markup)
        number = len(self.generations.list(engine.name, language)) + 1
        return planned_canary(engine, self.memory, texts, language, number)

    def _view(self, known: Generation | None, language: str) -> MemoryView:
        if known is None or self.memory is None:
            return Forgetful()
        return self.memory.of(known.id, "en", language)

    def _kind(self, engine: Engine, kind: Kind, view: MemoryView) -> tuple[Volume, dict[str, Refusal]]:
        """One kind of text of all shards; what an earlier shard has sent a later one finds in the memory."""
        total, refused, before = Volume(), dict[str, Refusal](), set[str]()
        for shard in self.shards:
            marked = {s.text: s for s in marked_segments(shard, kind, engine.markup)}
            most_chars = segment_chars(engine, kind, sentencewise=self.sentencewise)
            sent = marked if most_chars is None else sentence_segments(marked.values(), most_chars)
            texts = [text for text in sent if text not in before]
            usage = plan(engine, texts, view)
            total += self._volume(engine, texts, marked if most_chars is None else {}, usage, view)
            refused.update(usage.refused)
            before.update(texts)
        return total, refused

    def _volume(
        self,
        engine: Engine,
        texts: Sequence[str],
        marked: Mapping[str, Marked],
        usage: Usage,
        view: MemoryView,
    ) -> Volume:
        """At most every request is sent three times, and then every segment in every other way, also three times.

        `marked` are the whole contexts and questions that the texts are; empty where these are sentences.
        """
        requests, sent = TRIES * usage.requests, TRIES * usage.characters_sent
        known = view.lookup(texts) if self.retry_markup else {}
        for way in _ways(texts, marked, known, engine.markup) if self.retry_markup else ():
            requests += TRIES * sum(1 for _ in pack(way, engine.limits))
            sent += TRIES * characters(way)
        return Volume(usage.segments, usage.remembered, usage.requests, usage.characters_sent, requests, sent)


def _volume(usage: Usage) -> Volume:
    """What is sent, and what is if everything comes back unusable to the last."""
    sent = usage.requests, usage.characters_sent
    return Volume(usage.segments, usage.remembered, *sent, *(TRIES * count for count in sent))


def _at_most(usage: Usage) -> Volume:
    """What is sent only where it turns out to be needed."""
    return replace(_volume(usage), requests=0, characters=0)


def _ways(
    texts: Sequence[str], marked: Mapping[str, Marked], known: Mapping[str, str], markup: Markup
) -> list[list[str]]:
    """What may be sent instead of the texts that are not known, way by way."""
    unknown = [text for text in texts if text not in known]
    if not marked:
        return [without_marks(unknown, markup)]
    ways = zip(*(texts_of_ways(marked[text]) for text in unknown), strict=True)
    return [list(dict.fromkeys(text for some in way for text in some)) for way in ways]


def _memory(place: Place) -> TranslationMemory | None:
    """The memory, unless it is a file that is not there yet: a plan makes none."""
    if "://" not in place.memory_url:
        path = Path(place.memory_url or place.store.local_path("memory.sqlite"))
        if not path.exists():
            return None
    return place.memory()


def _rejected(
    examples: Sequence[Example],
    members: Sequence[SilverSet],
    engine: Engine,
    refusals: Mapping[Kind, Mapping[str, Refusal]],
) -> Counter[Reason]:
    """Questions that are known to be lost already; the larger count of the sets, as in a build's result."""
    contexts: dict[str, list[str]] = {}
    if Kind.CONTEXTS in refusals:
        for marked in marked_segments(examples, Kind.CONTEXTS, engine.markup):
            contexts.setdefault(marked.context, []).append(marked.text)
    counts: Counter[Reason] = Counter()
    for member in members:
        lost: Counter[Reason] = Counter()
        for example in examples:
            if (reason := _lost(example, member, engine, refusals, contexts)) is not None:
                lost[reason] += 1
        counts |= lost
    return counts


def _lost(
    example: Example,
    member: SilverSet,
    engine: Engine,
    refusals: Mapping[Kind, Mapping[str, Refusal]],
    contexts: Mapping[str, Sequence[str]],
) -> Reason | None:
    if member in CONTEXT_SETS:
        copies = contexts[example.context]
        if all(text in refusals[Kind.CONTEXTS] for text in copies):
            return refusals[Kind.CONTEXTS][copies[0]].reason
    question = plain(example.question, engine.markup)
    if member in QUESTION_SETS and question in refusals[Kind.QUESTIONS]:
        return refusals[Kind.QUESTIONS][question].reason
    return None
