"""Engines put to texts that people translated: BLEU and chrF++ of each, tested against the first, and a report."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect import flow

from flows.parameters import check_language
from flows.translations import Translations, translations
from storage.errors import InputError, UsageError
from storage.hashing import content_id
from storage.publishing import publish
from storage.store import DEFAULT_STORE
from tasks.artifacts import show_quality
from tasks.evaluation import FOLDER
from tasks.mt.markup import Markup, escape, read
from tasks.place import Place
from tasks.scoring.bitexts import Bitext, read_bitexts
from tasks.scoring.report.quality import Judged, judged, quality_markdown, quality_page


@flow(
    name="measure-engines",
    flow_run_name="measure engines into {language}",
    persist_result=True,
    result_serializer="json",
)
def measure_engines(
    source: str,
    target: str,
    language: str,
    engines: list[str] | None = None,
    outputs: dict[str, str] | None = None,
    store: str = DEFAULT_STORE,
    memory: str = "",
) -> dict[str, Any]:
    """Measure the quality of translations against those that people made, and publish a report.

    Args:
        source: English texts: a SQuAD-format file, or one text a line.
        target: The same texts, translated by people.
        language: The language of the target.
        engines: Engines to ask; the first of all is the one that the others are tested against.
        outputs: Translations that were made elsewhere: a file in the format of the target by the engine's name.
        store: Where everything is kept (a folder or an fsspec URL).
        memory: The translation memory, where it is not the store's own.
    """
    check_quality(source, target, language, engines or [], outputs or {})
    place = Place(store, memory)
    texts = read_bitexts(Path(source), Path(target))
    given = {name: _given(texts, Path(source), Path(file)) for name, file in (outputs or {}).items()}
    made = {name: translations(place, name, language, _all(texts)) for name in engines or []}
    kinds = [
        judged(
            text,
            {name: _output(text, found) for name, found in made.items()}
            | {name: found[place_].target for name, found in given.items()},
            language,
        )
        for place_, text in enumerate(texts)
    ]
    sent = sum(found.characters_sent for found in made.values())
    return {**_published(place, language, kinds), "characters_sent": sent}


def check_quality(
    source: str, target: str, language: str, engines: Sequence[str], outputs: Mapping[str, str]
) -> None:
    """Refuse what cannot be measured before anything is sent.

    Raises:
        UsageError: no engine and no output, one name twice, or what is no code of a language.
        InputError: a file cannot be used.
    """
    check_language(language)
    names = [*engines, *outputs]
    if not names:
        raise UsageError("Nothing is to be measured; add --engine NAME or --output NAME=FILE.")
    if len(set(names)) < len(names):
        raise UsageError("Two engines bear one name; name each once.")
    texts = read_bitexts(Path(source), Path(target))
    for file in outputs.values():
        _given(texts, Path(source), Path(file))


def _given(texts: Sequence[Bitext], source: Path, file: Path) -> list[Bitext]:
    """The translations in a file, text by text those of the references."""
    found = read_bitexts(source, file)
    for text, own in zip(texts, found, strict=False):
        if (text.kind, text.source) != (own.kind, own.source):
            raise InputError(
                f"{file}: does not hold the same {text.kind} as the references; give a translation of each."
            )
    return found


def _all(texts: Sequence[Bitext]) -> Any:
    def segments(markup: Markup) -> list[str]:
        return [escape(text, markup) for one in texts for text in one.source]

    return segments


def _output(text: Bitext, made: Translations) -> list[str]:
    """The translations as plain text, empty where there is none."""
    answers = (made.found.get(escape(source, made.markup), "") for source in text.source)
    return [
        "".join(piece for piece in read(answer, made.markup) if isinstance(piece, str)) for answer in answers
    ]


def _published(place: Place, language: str, kinds: Sequence[Judged]) -> dict[str, Any]:
    figures = {"language": language, "kinds": [one.to_json() for one in kinds]}
    outputs = [[one.text.source, one.text.target, dict(one.outputs)] for one in kinds]
    report_id = content_id({"figures": figures, "outputs": outputs})
    folder = f"{FOLDER}/quality-{report_id}"
    files = {
        "report.html": quality_page(language, kinds).encode(),
        "report.json": (json.dumps(figures, ensure_ascii=False, indent=1) + "\n").encode(),
        "report.md": quality_markdown(language, kinds, f"{folder}/report.html").encode(),
    }
    publish(place.store, folder, files, {"kind": "quality", "id": report_id})
    show_quality(place.store, folder)
    return {"report": report_id, "path": f"{place.store.path(folder)}/report.html", **figures}
