"""Kept and rejected rows side by side with the English that they were made of."""

from collections.abc import Iterator

from tasks.examples import Examples, Kind, Shown, Text
from tasks.pages.fitting import fitted
from tasks.pages.reasons import meaning
from tasks.scoring.markdown import Cell, Code, Lines, escape, table
from tasks.scoring.tables import label

LEAD = (
    "A few rows of each kind, the same whenever the same data is built; the answer stands 【between brackets】. What"
    " became of a question in all sets: `silverspan snapshots show SNAPSHOT --source-id ID`; the id is what stands"
    " before the first dot of those below."
)

WIDTH = 50
"""Two columns of texts beside each other fit on a page as Prefect draws it."""


def examples_page(examples: Examples) -> str:
    """By language: what was kept by each method, then what was rejected for each reason."""
    if not examples:
        return "# Examples\n\nThere are no translated rows."
    rest = "The rest did not fit here; `silverspan snapshots sample` draws as many as you like."
    return fitted(["# Examples of kept and rejected rows", LEAD, *_sections(examples)], rest)


def _sections(examples: Examples) -> Iterator[str]:
    language = ""
    for kind, (count, rows) in examples.items():
        if kind.language != language:
            language = kind.language
            yield f"## {escape(language)}"
        yield f"### {_title(kind, count)}"
        yield table(["English", _heading(kind)], [cells for row in rows for cells in _rows(row)])


def _heading(kind: Kind) -> str:
    return "what was wrong" if kind.rejected else kind.language


def _title(kind: Kind, count: int) -> str:
    what = "rejected" if kind.rejected else "kept"
    why = f"{kind.why}: {meaning(kind.why)}" if kind.rejected else kind.why
    return f"{escape(label(kind.silver_set))} {what}, {escape(why)} \\({count:,}\\)"


def _rows(row: Shown) -> list[list[Cell]]:
    """The question, the context, and below them what is to be known of the row."""
    note = Lines(row.note, WIDTH)
    right = [*_lines(row.translated), note] if row.translated else [note, None, None]
    pairs = zip([*_lines(row.english), Code(row.id)], right, strict=True)
    return [list(pair) for pair in pairs if pair != (None, None)]


def _lines(text: Text | None) -> list[Cell]:
    return [Lines(text.question, WIDTH), Lines(text.excerpt, WIDTH)] if text else [None, None]
