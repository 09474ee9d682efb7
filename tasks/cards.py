"""The data set card of a snapshot, as the Hugging Face hub reads it: YAML first, then Markdown for people."""

from collections.abc import Callable
from typing import Any

import yaml

from storage.downloads.datasets import DATASETS
from storage.silver import SilverSet
from tasks.scoring.markdown import Cell, table
from tasks.scoring.statistics import Statistics
from tasks.scoring.tables import table1

TITLES = {
    SilverSet.TQ: "T(Q): translated questions on English contexts",
    SilverSet.TC: "T(C): English questions on translated contexts",
    SilverSet.TQC: "T(Q+C): translated questions on translated contexts",
    SilverSet.TALL: "T(ALL): the union of T(Q), T(C) and T(Q+C)",
}

LICENCES = {"CC BY-SA 4.0": "cc-by-sa-4.0", "CC BY-SA 3.0": "cc-by-sa-3.0", "Apache 2.0": "apache-2.0"}
"""As the hub spells them."""

CARD = """---
{metadata}---

# {title}

Silver question-answering data, snapshot `{{id}}` of `{{dataset}}`: English SQuAD-format questions and contexts
translated by machine, each answer found again in the translated context. **Nobody has checked these rows by hand.**
The method is that of Bornea et al., *Multilingual Transfer Learning for QA Using Translation as Data Augmentation*
(AAAI 2021), Sec. 3.1.

```python
from datasets import load_dataset
rows = load_dataset("parquet", data_files="part-*.parquet", split="train")
```

Offsets count Unicode code points: `context[answer_start : answer_start + len(text)] == text` in every row.

## Rows

{yields}

## Statistics

Question types are those of the English question, by its first word.

{statistics}

## Who translated

{engines}

## Licence

The English rows and all that was made of them keep the licence of their source: {licence}.
"""


def dataset_card(silver_set: SilverSet, recipe: dict[str, Any], statistics: dict[str, Any]) -> str:
    """The card; `{id}` and `{dataset}` are left for the store to fill in."""
    return CARD.format(
        metadata=yaml.safe_dump(_metadata(silver_set, recipe), sort_keys=False, allow_unicode=True),
        title=TITLES[silver_set],
        yields=yields_table(statistics["parts"]),
        statistics=statistics_table({str(silver_set): statistics["table1"]}),
        engines=_engines(recipe["engines"]),
        licence=licence_of(recipe["source"]) or "not known to silverspan, ask whoever gave it to you",
    )


def licence_of(sha256: str) -> str:
    """The licence of a source by its checksum; empty for files that nobody published."""
    return next((source.licence for source in DATASETS.values() if source.sha256 == sha256), "")


def yields_table(parts: dict[str, Any], told: Callable[[str], Cell] = str) -> str:
    """Rows kept and rejected for each set and language, with the reasons; `told` makes a cell of what is long."""
    rows: list[list[Cell]] = [
        [
            name,
            part["kept"],
            part["rejected"],
            _share(part),
            told(_counts(part["methods"])),
            told(_counts(part["reasons"])),
        ]
        for name, part in sorted(parts.items())
    ]
    return table(["part", "kept", "rejected", "kept, %", "methods", "reasons"], rows)


def statistics_table(table1_by_set: dict[str, dict[str, Any]]) -> str:
    """Table 1 of the paper: one line per set, the paper's own line below it."""
    made = table1({name: Statistics(**figures) for name, figures in table1_by_set.items()})
    return table(made.columns, made.rows)


def _metadata(silver_set: SilverSet, recipe: dict[str, Any]) -> dict[str, Any]:
    return {
        "pretty_name": TITLES[silver_set],
        "language": sorted({"en", *recipe["engines"]}),
        "license": LICENCES.get(licence_of(recipe["source"]), "unknown"),
        "task_categories": ["question-answering"],
        "task_ids": ["extractive-qa"],
        "annotations_creators": ["machine-generated"],
        "language_creators": ["machine-generated"],
        "multilinguality": ["multilingual"],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": "part-*.parquet"}]}],
    }


def _engines(engines: dict[str, dict[str, Any]]) -> str:
    rows = [[language, e["engine"], e["version"], _counts(e["options"])] for language, e in engines.items()]
    return table(["language", "engine", "version", "options"], rows)


def _share(part: dict[str, Any]) -> float | None:
    total = part["kept"] + part["rejected"]
    return 100.0 * part["kept"] / total if total else None


def _counts(counts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(counts.items()))
