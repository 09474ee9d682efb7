"""`silverspan engines check`: every style of marks that an engine takes, tried on real sentences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.errors import UsageError
from storage.examples import Example, Span
from storage.silver import Refusal
from storage.squad import read_squad
from tasks.keys import find_key
from tasks.mt.catalogue import open_engine
from tasks.mt.checking import Asked
from tasks.mt.client import translate
from tasks.mt.engine import Engine
from tasks.mt.fresh import FreshMemory
from tasks.mt.probe import Fate, Segment, Survival, best, segments, survival, table

SOURCE = "en"


@dataclass(slots=True)
class Checked:
    """What was found, by language, and what it took."""

    engine: str
    segments: int
    found: dict[str, list[Survival]] = field(default_factory=dict)
    requests: int = 0
    characters_sent: int = 0

    def to_json(self) -> dict[str, Any]:
        """As the command's last line shows it; shares are percent."""
        languages = {
            language: {"best": str(best(found).markup), "styles": {str(s.markup): _figures(s) for s in found}}
            for language, found in self.found.items()
        }
        return {
            "engine": self.engine,
            "segments": self.segments,
            "languages": languages,
            "requests": self.requests,
            "characters_sent": self.characters_sent,
        }

    def lines(self) -> list[str]:
        """A table for each language."""
        tables = [
            line for language, found in self.found.items() for line in (f"{language}:", *table(found), "")
        ]
        sent = (
            f"{self.segments} segments; {self.requests:,} requests, {self.characters_sent:,} characters sent."
        )
        return [*tables, sent]


def checked(name: str, languages: Sequence[str], source: Path | str, count: int) -> Checked:
    """Try all styles of an engine.

    Raises:
        UsageError: no language, no such engine, or it does not take the style.
        InputError: the source cannot be read, or holds no answer.
        EngineError: the engine cannot translate, as the client met it.
    """
    if not languages or count < 1:
        raise UsageError("Name at least one language and one segment; write for instance: --languages es,hi.")
    sample = segments(_paragraphs(read_squad(Path(source)).examples), count)
    result = Checked(name, len(sample))
    for language in languages:
        result.found[language] = [_tried(result, engine, language, sample) for engine in _styled(name)]
    return result


def _tried(result: Checked, engine: Engine, language: str, sample: Sequence[Segment]) -> Survival:
    def ask(engine: Engine, texts: Sequence[str]) -> Mapping[str, str | None]:
        memory = FreshMemory()
        usage = translate(engine, texts, SOURCE, language, memory=memory, check=_anything)
        result.requests += usage.requests
        result.characters_sent += usage.characters_sent
        return memory.known

    engine.identity(SOURCE, language)
    return survival(sample, engine, ask)


def _styled(name: str) -> list[Engine]:
    """The engine once in each style; where there is but one, as it was named."""
    engine = open_engine(name, find_key)
    if len(engine.markups) == 1:
        return [engine]
    bare, _, query = name.partition("?")
    others = [option for option in query.split("&") if option and not option.startswith("markup=")]
    start = bare if ":" in bare else f"{bare}:"
    return [
        open_engine(f"{start}?{'&'.join([*others, f'markup={markup}'])}", find_key)
        for markup in engine.markups
    ]


def _paragraphs(examples: Iterable[Example]) -> list[tuple[str, list[Span]]]:
    spans: dict[str, list[Span]] = {}
    for example in examples:
        spans.setdefault(example.context, []).extend(answer.span for answer in example.answers)
    return list(spans.items())


def _figures(survived: Survival) -> dict[str, float]:
    shares = {str(fate): round(survived.share(fate), 1) for fate in Fate}
    return {**shares, "text_changed": round(survived.changed_share, 1)}


def _anything(_asked: Asked, _answer: str) -> Refusal | None:
    """Every answer is wanted here, however bad."""
    return None
