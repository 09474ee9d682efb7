"""What is counted of a part when it is made, so that publishing a set adds figures up instead of reading its rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.scoring.statistics import QUESTION_TYPES, Statistics, count_words

Json = dict[str, Any]

KEPT_COLUMNS = ("question", "answers", "question_type", "method")
"""The columns that `kept_counts` looks at."""


def kept_counts(table: pa.Table) -> Json:
    """Pairs, words of questions and of first answers, types of questions and methods of a part of kept rows."""
    answers = table["answers"].combine_chunks()
    texts = answers.field("text")
    firsts = pc.list_element(texts, 0).to_pylist() if len(texts) else []
    return {
        "pairs": table.num_rows,
        "question_words": sum(map(count_words, table["question"].to_pylist())),
        "answer_words": sum(map(count_words, firsts)),
        "types": _counted(table["question_type"]),
        "methods": _counted(table["method"]),
    }


def rejected_counts(table: pa.Table) -> Json:
    """The reasons in a part of rejected rows."""
    return {"rejected": table.num_rows, "reasons": _counted(table["reason"])}


def statistics_of(counts: Iterable[Mapping[str, Any]]) -> Statistics:
    """Table 1's figures of parts together, from `kept_counts` of each."""
    total = Counter[str]()
    types = Counter[str]()
    for part in counts:
        total.update({name: part[name] for name in ("pairs", "question_words", "answer_words")})
        types.update(part["types"])
    pairs = max(total["pairs"], 1)
    return Statistics(
        total["question_words"] / pairs,
        total["answer_words"] / pairs,
        {kind: types[kind] for kind in QUESTION_TYPES},
        total["pairs"],
    )


@dataclass(slots=True)
class Yield:
    """How many rows of a set and language were kept and rejected, by method and by reason."""

    kept: int = 0
    rejected: int = 0
    methods: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add_kept(self, counts: Mapping[str, Any]) -> None:
        """A further part of kept rows."""
        self.kept += counts["pairs"]
        self.methods.update(counts["methods"])

    def add_rejected(self, counts: Mapping[str, Any]) -> None:
        """A further part of rejected rows."""
        self.rejected += counts["rejected"]
        self.reasons.update(counts["reasons"])

    def to_json(self) -> Json:
        """As a snapshot's manifest tells it."""
        return {
            "kept": self.kept,
            "rejected": self.rejected,
            "methods": dict(self.methods),
            "reasons": dict(self.reasons),
        }


def _counted(column: pa.ChunkedArray) -> dict[str, int]:
    found = {entry["values"]: entry["counts"] for entry in column.value_counts().to_pylist()}
    return dict(sorted(found.items()))
