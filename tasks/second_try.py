"""The second try: answers whose tags were lost or split are sent again in another form, through the memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from prefect import task

from storage.examples import Example
from storage.parts import Part, read_part
from tasks.desk import Desk
from tasks.mt.bill import Sent
from tasks.mt.budget import Allowance
from tasks.mt.catalogue import styled
from tasks.mt.markup import Markup
from tasks.place import Place
from tasks.progress import Progress
from tasks.projection.again import SecondTry, second_copies
from tasks.projection.contexts import mark_contexts
from tasks.projection.segments import Kind
from tasks.projection.sets import examples_of
from tasks.shards.texts import read_translations, write_translations
from tasks.shards.translating import checked_engine, gates
from tasks.source import row_ranges
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_all
from tasks.translation import ShardParts, Terms, Translated, Translator, collected, opened, this_run


@dataclass(frozen=True, slots=True)
class Again:
    """What was sent again: in which form, who translated it, what came back; nothing by default."""

    form: SecondTry = SecondTry.NONE
    translators: Mapping[str, Translator] = field(default_factory=dict)
    translated: Translated = field(default_factory=Translated)

    @property
    def opened(self) -> Mapping[str, Translator]:
        """The engines that mark in another style: generations of their own, by language."""
        return self.translators if self.form.style else {}

    def recipe(self) -> Json:
        """What it adds to a snapshot's recipe."""
        if self.form is SecondTry.NONE:
            return {}
        engines = {language: t.generation.identity for language, t in self.translators.items()}
        return {"second_try": {"form": str(self.form), "engines": engines}}


def tried_again(
    place: Place,
    english: Mapping[str, Part],
    contexts: ShardParts,
    translators: Mapping[str, Translator],
    form: SecondTry,
    canary: Callable[[], Sequence[Example]],
    terms: Terms,
) -> Again:
    """Send again, in every language and shard, what lost or split its tags.

    Args:
        place: where translations lie and are kept.
        english: the shards of the source.
        contexts: their translated contexts.
        translators: who translated them.
        form: in which form they are sent again.
        canary: of which the canary set of a new engine is made; another style of marks makes it one.
        terms: on which terms engines may be asked.
    """
    if form is SecondTry.NONE or not contexts:
        return Again()
    asked = dict(translators)
    if form.style:
        asked = opened(
            place, {lang: styled(t.engine, form.style) for lang, t in translators.items()}, canary, terms
        )
    run, ranges = this_run(), row_ranges(english)
    calls: list[Json] = [
        {
            "store": place.store_url,
            "memory": place.memory_url,
            "shard": ranges[shard],
            "english": english[shard].to_json(),
            "contexts": part.to_json(),
            "markup": str(translators[language].markup),
            "form": str(form),
            "language": language,
            "engine": asked[language].engine,
            "generation": asked[language].generation.id,
            "options": asked[language].generation.options,
            "sentencewise": terms.sentencewise,
            "workers": terms.workers,
            "allowance": asdict(terms.allowance),
            "run": run,
        }
        for (language, shard), part in contexts.items()
    ]
    outcomes = run_all(try_again_shard, calls, lambda value: parts_intact(place.store, value))
    what = f"Sent contexts again ({form}) into {', '.join(asked)}"
    return Again(form, asked, collected(what, list(contexts), outcomes, "translations"))


@task(
    name="translate again",
    description="Send the answers whose tags were lost or split in another form.",
    task_run_name="translate again {language} {shard}",
    cache_key_fn=keyed_by(
        "again", 1, "english", "contexts", "markup", "form", "language", "generation", "sentencewise"
    ),
    **STEP,
)
def try_again_shard(
    store: str,
    memory: str,
    shard: str,
    english: Json,
    contexts: Json,
    markup: str,
    form: str,
    language: str,
    engine: str,
    generation: str,
    options: dict[str, str],
    sentencewise: bool,
    workers: int | None,
    allowance: Json,
    run: str,
) -> Json:
    """One shard in one language.

    Raises:
        EngineChanged: the engine is not the one whose generation was opened.
    """
    place, opened_engine = Place(store, memory), checked_engine(engine, language, options)
    examples = examples_of(read_part(place.store, Part.from_json(english)))
    translations = read_translations(place.store, contexts)[0]
    copies = second_copies(mark_contexts(examples, Markup(markup)), translations, SecondTry(form))
    with Progress(f"again {language} {shard}") as progress, place.memory() as known:
        pace, budget = gates(known, engine, opened_engine, run, Allowance(**allowance))
        terms = (workers, pace, budget, progress.advance, sentencewise)
        rows, usages = Desk(opened_engine, known, generation, language, *terms).rows_of(copies, Kind.CONTEXTS)
    part = write_translations(place.store, rows)
    return {"parts": {"translations": part.to_json()}, "sent": asdict(Sent.of(*usages))}
