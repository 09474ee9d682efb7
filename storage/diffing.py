"""What one build of the silver sets changed against another: rows gained, lost and changed, with reasons and examples.

Rows are told apart by their ids, which say source, set and languages. A row is *changed* where its question, its
context or its answer reads otherwise; that another generation wrote the same words changes nothing. Files that both
builds share are known to be equal by their hashes and are not read, so the cost is that of the languages that changed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from storage.silver import SilverSet, row_id
from storage.snapshots import FileName, Side, Snapshot, opened, unsharded
from storage.store import Store

EXAMPLES = 3
"""So many rows are shown of each part, kind and reason."""

AROUND_CHARS = 80
"""So much of a context is shown on either side of an answer."""

NEW = "not built before"
"""Why a row is gained that was not even rejected before."""

GONE = "not built any more"
"""Why a row is lost that is not even rejected now."""

OFFSET = "answer_start"
"""What differs where the same words stand for the answer at another place."""

Words = tuple[int, int, int, int]
"""Hashes of a row's question, context and answer, and where the answer starts."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row as an example: what was kept of it before and after (None: nothing)."""

    id: str
    kind: str
    reason: str
    before: dict[str, str] | None
    after: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class PartDiff:
    """One set and language: rows by what became of them, each with how often which reason."""

    same: int = 0
    gained: Mapping[str, int] = field(default_factory=dict)
    """By why the row was not kept before."""
    lost: Mapping[str, int] = field(default_factory=dict)
    """By why it is not kept now."""
    changed: Mapping[str, int] = field(default_factory=dict)
    """By what reads otherwise: `question`, `context+answer`, ..."""
    examples: Sequence[Change] = ()

    @property
    def moved(self) -> int:
        """Rows that are not what they were."""
        return sum(sum(counts.values()) for counts in (self.gained, self.lost, self.changed))

    def sentence(self) -> str:
        """The counts for people.

        >>> PartDiff(61, lost={"copied": 1, "tags-lost": 1}).sentence()
        '0 gained, 2 lost, 0 changed, 61 the same'
        """
        named = {"gained": self.gained, "lost": self.lost, "changed": self.changed}
        counts = [f"{sum(by.values()):,} {kind}" for kind, by in named.items()]
        return ", ".join([*counts, f"{self.same:,} the same"])

    def to_json(self) -> dict[str, Any]:
        """As a plain JSON object, without the examples."""
        counts = {"gained": self.gained, "lost": self.lost, "changed": self.changed}
        return {"same": self.same, **{kind: dict(sorted(by.items())) for kind, by in counts.items()}}


@dataclass(frozen=True, slots=True)
class SilverDiff:
    """All parts by name (`tc-es`; `en` for the English rows), and the snapshots that they were taken from."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    parts: Mapping[str, PartDiff]

    def languages(self) -> dict[str, PartDiff]:
        """The same by language, over all sets, without examples."""
        found: dict[str, PartDiff] = {}
        for name, part in self.parts.items():
            language = language_of(name)
            found[language] = _sum(found.get(language, PartDiff()), part)
        return found

    def sentences(self) -> list[str]:
        """For people, one of each language."""
        return [f"{language}: {part.sentence()}" for language, part in self.languages().items()]

    def to_json(self) -> dict[str, Any]:
        """As it is written to the store."""
        examples = [_example(name, change) for name, part in self.parts.items() for change in part.examples]
        return {
            "before": dict(self.before),
            "after": dict(self.after),
            "languages": {language: part.to_json() for language, part in self.languages().items()},
            "parts": {name: part.to_json() for name, part in self.parts.items()},
            "examples": examples,
        }


def language_of(part: str) -> str:
    """The language of a part.

    >>> language_of("tqc-zh-Hant"), language_of("en")
    ('zh-Hant', 'en')
    """
    return part.partition("-")[2] or part


def diff_silver(store: Store, before: Sequence[Snapshot], after: Sequence[Snapshot]) -> SilverDiff:
    """What lies between two builds, each given by the snapshots of its sets; what several sets share counts once.

    Raises:
        StoreError: a file is missing or damaged.
    """
    old, new = _parts(before), _parts(after)
    names = sorted(old.keys() | new.keys())
    parts = {name: _part_diff(store, old.get(name, _Files()), new.get(name, _Files())) for name in names}
    return SilverDiff({s.dataset: s.id for s in before}, {s.dataset: s.id for s in after}, parts)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of one part by path, each with its SHA-256, and how many rows the kept ones hold."""

    kept: dict[str, str] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    rows: int = 0


def _parts(snapshots: Iterable[Snapshot]) -> dict[str, _Files]:
    parts: dict[str, _Files] = {}
    for snapshot in snapshots:
        counts = snapshot.manifest["statistics"]["parts"]
        digests = {entry["name"]: entry["sha256"] for entry in snapshot.manifest["files"]}
        own: dict[str, _Files] = {}
        for path in (*snapshot.parts, *snapshot.rejected_parts):
            file = path.rpartition("/")[2]
            found = FileName.parse(file)
            name = unsharded(found.label)
            files = own.setdefault(name, _Files(rows=counts.get(name, {}).get("kept", 0)))
            (files.kept if found.side is Side.KEPT else files.rejected)[path] = digests[file]
        parts = {**own, **parts}
    return parts


def _part_diff(store: Store, before: _Files, after: _Files) -> PartDiff:
    if set(before.kept.values()) == set(after.kept.values()):
        return PartDiff(same=after.rows)
    old, new = _words(store, before), _words(store, after)
    reasons = {"lost": _reasons(store, after), "gained": _reasons(store, before)}
    found = {
        "lost": {i: reasons["lost"].get(i, GONE) for i in old if i not in new},
        "gained": {i: reasons["gained"].get(i, NEW) for i in new if i not in old},
        "changed": {i: _otherwise(old[i], new[i]) for i in new if i in old and old[i] != new[i]},
    }
    chosen = [(kind, i, reason) for kind, ids in found.items() for i, reason in _few(ids)]
    texts = [_texts(store, files, {i for _, i, _ in chosen}) for files in (before, after)]
    return PartDiff(
        len(new) - len(found["gained"]) - len(found["changed"]),
        Counter(found["gained"].values()),
        Counter(found["lost"].values()),
        Counter(found["changed"].values()),
        [Change(i, kind, reason, texts[0].get(i), texts[1].get(i)) for kind, i, reason in chosen],
    )


def _words(store: Store, files: _Files) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for row in _rows(store, files.kept, ["id", "question", "context", "answers"]):
        answer = row["answers"]
        text, start = answer["text"][0], answer["answer_start"][0]
        found[row["id"]] = (hash(row["question"]), hash(row["context"]), hash(text), start)
    return found


def _otherwise(old: Words, new: Words) -> str:
    """What differs; that an answer moved with its context is no difference of its own."""
    names = ("question", "context", "answer")
    differing = [name for name, a, b in zip(names, old[:3], new[:3], strict=True) if a != b]
    return "+".join(differing) or OFFSET


def _reasons(store: Store, files: _Files) -> dict[str, str]:
    columns = ["source_id", "set", "question_language", "context_language", "reason"]
    return {
        row_id(
            row["source_id"], SilverSet(row["set"]), row["question_language"], row["context_language"]
        ): row["reason"]
        for row in _rows(store, files.rejected, columns)
    }


def _few(ids: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The first rows of each reason."""
    seen: Counter[str] = Counter()
    for i, reason in ids.items():
        seen[reason] += 1
        if seen[reason] <= EXAMPLES:
            yield i, reason


def _texts(store: Store, files: _Files, ids: set[str]) -> dict[str, dict[str, str]]:
    """What is shown of kept rows; only these are read."""
    columns, wanted = ["id", "question", "context", "answers"], pc.field("id").isin(sorted(ids))
    return {row["id"]: _shown(row) for row in _rows(store, files.kept, columns, wanted)} if ids else {}


def _shown(row: Mapping[str, Any]) -> dict[str, str]:
    text, start = row["answers"]["text"][0], row["answers"]["answer_start"][0]
    context, begin, end = row["context"], start - AROUND_CHARS, start + len(text) + AROUND_CHARS
    piece = f"{'…' if begin > 0 else ''}{context[max(0, begin) : end]}{'…' if end < len(context) else ''}"
    return {"question": row["question"], "answer": text, "context": piece}


def _rows(store: Store, paths: Iterable[str], columns: list[str], wanted: Any = None) -> Iterator[Any]:
    for path in paths:
        with opened(store, path) as stream:
            yield from pq.read_table(stream, columns=columns, filters=wanted).to_pylist()


def _sum(one: PartDiff, other: PartDiff) -> PartDiff:
    def both(kind: str) -> Counter[str]:
        return Counter(getattr(one, kind)) + Counter(getattr(other, kind))

    return PartDiff(one.same + other.same, both("gained"), both("lost"), both("changed"))


def _example(part: str, change: Change) -> dict[str, Any]:
    return {
        "part": part,
        "id": change.id,
        "kind": change.kind,
        "reason": change.reason,
        "before": change.before,
        "after": change.after,
    }
