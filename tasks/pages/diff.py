"""The page of a rebuild: rows gained, lost and changed against the last snapshots, with rows before and after."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from storage.diffing import Change, SilverDiff
from tasks.pages.fitting import fitted
from tasks.pages.reasons import meaning
from tasks.pages.watch import cut
from tasks.scoring.markdown import Cell, Code, Lines, Link, code, escape, table

WIDTH = 46
"""Two columns of texts and a narrow one fit on a page as Prefect draws it."""


def diff_page(diff: SilverDiff, path: str, links: Mapping[str, Link]) -> str:
    """The page; `path` is the file of the store with the whole diff, `links` lead to the snapshots by their ids."""
    counts: list[list[Cell]] = [
        [name, part.same, *(sum(by.values()) for by in (part.gained, part.lost, part.changed))]
        for name, part in diff.languages().items()
    ]
    sections = [
        "# What the rebuild changed",
        table(["data set", "before", "after"], _snapshots(diff, links)),
        "Rows by language, over all sets:",
        table(["language", "same", "gained", "lost", "changed"], counts),
        f"The whole diff lies in the store: {code(path)}",
        *_why(diff),
        *_examples(diff),
    ]
    return fitted(sections, "The rest did not fit here: see the file.")


def _snapshots(diff: SilverDiff, links: Mapping[str, Link]) -> list[list[Cell]]:
    names = sorted(diff.before.keys() | diff.after.keys())
    sides = [[side.get(name) for side in (diff.before, diff.after)] for name in names]
    return [
        [name, *(links.get(one, Link(one, "")) if one else "none" for one in pair)]
        for name, pair in zip(names, sides, strict=True)
    ]


def _why(diff: SilverDiff) -> list[str]:
    rows: list[list[Cell]] = [
        [name, kind, reason, count, Lines(said_of(kind, reason), 50)]
        for name, part in diff.parts.items()
        for kind, by in (("gained", part.gained), ("lost", part.lost), ("changed", part.changed))
        for reason, count in sorted(by.items())
    ]
    return ["## Why", table(["part", "rows", "reason", "count", "which means"], rows)] if rows else []


def said_of(kind: str, reason: str) -> str:
    """What a reason of a diff means.

    >>> said_of("lost", "tags-lost"), said_of("gained", "copied")
    ('now: no tag of the answer came back', 'before: the source came back as it was')
    """
    if kind == "changed":
        return f"another {reason.replace('+', ', another ')}"
    meant = meaning(reason)
    return meant if meant == reason else f"{'now' if kind == 'lost' else 'before'}: {meant}"


def _examples(diff: SilverDiff) -> Iterator[str]:
    """Of each part, kind and reason a table with its examples."""
    shown = [(name, change) for name, part in diff.parts.items() for change in part.examples]
    if shown:
        yield "## Examples"
    for (name, kind, reason), group in groupby(shown, lambda one: (one[0], one[1].kind, one[1].reason)):
        rows = [cells for _, change in group for cells in _rows(change)]
        yield f"### {escape(name)}, {escape(kind)}: {escape(reason)}\n\n{table(['', 'before', 'after'], rows)}"


def _rows(change: Change) -> list[list[Cell]]:
    """Its texts before and after; where there are none, why."""
    sides = (change.before, change.after)
    why = Lines(said_of(change.kind, change.reason), WIDTH)
    ids: list[Cell] = [Code(change.id) if side else why for side in sides]
    texts: list[list[Cell]] = [
        [name, *(Lines(cut(side[name]), WIDTH) if side else None for side in sides)]
        for name in ("question", "answer", "context")
    ]
    return [["row", *ids], *texts]
