"""Word alignment: one aligner for each generation of an engine, fitted on what it wrote and pinned from then on."""

from collections.abc import Mapping

from prefect import task

from storage.aligners import Aligners
from storage.parts import Part, part_intact
from storage.store import Store
from tasks.processes import apart
from tasks.shards.aligning import fit_on_parts
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_all
from tasks.story import say
from tasks.translation import ShardParts, Translator


def aligners(
    store: Store,
    english: Mapping[str, Part],
    questions: ShardParts,
    contexts: ShardParts,
    translators: Mapping[str, Translator],
    *,
    refit: bool = False,
) -> dict[str, Part]:
    """The aligner of each language whose contexts were translated.

    A generation's aligner is fitted by the first build that needs it and used by all later ones, so that a change of
    the source changes the projections of what was changed and of nothing else.

    Args:
        store: where translations lie and aligners are kept.
        english: the shards of the source.
        questions: their translated questions, where there are any: more data to fit on.
        contexts: their translated contexts.
        translators: by language.
        refit: fit all of them anew on these translations.
    """
    pinned = Aligners(store)
    wanted = {language: translators[language] for language, _ in contexts}
    found = {language: None if refit else pinned.of(t.generation) for language, t in wanted.items()}
    known = {language: part for language, part in found.items() if part and part_intact(store, part)}
    missing = [language for language in wanted if language not in known]
    if known:
        say(f"Word aligners of {', '.join(known)} are those that their generations began with.")
    calls = [_call(store, english, questions, contexts, wanted[language], language) for language in missing]
    outcomes = run_all(fit_aligner, calls, lambda value: parts_intact(store, value))
    for language, outcome in zip(missing, outcomes, strict=True):
        part = Part.from_json(outcome.value["parts"]["aligner"])
        known[language] = pinned.pin(wanted[language].generation, part)
        say(f"Learnt which words of {language} stand for which of English.")
    return known


def _call(
    store: Store,
    english: Mapping[str, Part],
    questions: ShardParts,
    contexts: ShardParts,
    translator: Translator,
    language: str,
) -> Json:
    def of_language(parts: ShardParts) -> dict[str, Json]:
        return {shard: part.to_json() for (code, shard), part in parts.items() if code == language}

    return {
        "store": store.url,
        "language": language,
        "markup": str(translator.markup),
        "english": {shard: part.to_json() for shard, part in english.items()},
        "questions": of_language(questions),
        "contexts": of_language(contexts),
    }


@task(
    name="fit aligner",
    description="Learn from the translations at hand which words stand for which.",
    task_run_name="fit aligner {language}",
    cache_key_fn=keyed_by("align", 2, "language", "markup", "english", "questions", "contexts"),
    **STEP,
)
def fit_aligner(
    store: str,
    language: str,
    markup: str,
    english: dict[str, Json],
    questions: dict[str, Json],
    contexts: dict[str, Json],
) -> Json:
    """One language, all shards."""
    call = {
        "store": store,
        "language": language,
        "markup": markup,
        "english": english,
        "questions": questions,
        "contexts": contexts,
    }
    return apart(fit_on_parts, call, rows=sum(part["rows"] for part in english.values()))
