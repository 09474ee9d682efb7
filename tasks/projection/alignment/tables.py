"""The model of word alignment as an Arrow table, one row for each view: to be stored by content and read back."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.projection.alignment.forms import STEMS
from tasks.projection.alignment.lexicon import Lexicon, Side, View
from tasks.projection.alignment.model import Model

VERSION = "1"
"""Of the layout and of what the figures mean; a table of another version cannot be read."""

_UNITS, _INTS, _FLOATS = pa.list_(pa.string()), pa.list_(pa.int64()), pa.list_(pa.float32())

SCHEMA = pa.schema(
    {
        "stem": pa.int64(),
        "source_units": _UNITS,
        "source_shares": _FLOATS,
        "source_masses": _FLOATS,
        "target_units": _UNITS,
        "target_shares": _FLOATS,
        "target_masses": _FLOATS,
        "keys": _INTS,
        "counts": _FLOATS,
    }
)
"""`stem` is the number of letters (0: all); the other columns are the fields of `View` and its sides."""


def table_of(model: Model, source: str, target: str) -> pa.Table:
    """The model, with what else it knows in the schema's metadata."""
    rows = [_row(stem, view) for stem, view in zip(STEMS, model.lexicon.views, strict=True)]
    arrays = [pa.array([row[field.name] for row in rows], field.type) for field in SCHEMA]
    known = {
        "version": VERSION,
        "source": source,
        "target": target,
        "sound_gains": _text(model.sound_gains),
        "forward_jumps": _text(model.forward_jumps),
        "backward_jumps": _text(model.backward_jumps),
        "bonds": json.dumps(dict(model.bonds), ensure_ascii=False),
    }
    return pa.Table.from_arrays(arrays, schema=SCHEMA.with_metadata(known))


def model_of(table: pa.Table) -> tuple[Model, str, str]:
    """The inverse of `table_of`: the model, the source and the target language.

    Raises:
        ValueError: the table is of another version.
    """
    known = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    if known.get("version") != VERSION:
        raise ValueError(
            f"The aligner's table is of version {known.get('version')}, not {VERSION}; fit it anew."
        )
    columns = {field.name: table.column(field.name).combine_chunks() for field in SCHEMA}
    views = [
        _view({name: columns[name][row] for name in columns if name != "stem"}) for row in range(len(table))
    ]
    model = Model(
        Lexicon(views),
        _floats(known["sound_gains"]),
        _floats(known["forward_jumps"]),
        _floats(known["backward_jumps"]),
        json.loads(known["bonds"]),
    )
    return model, known["source"], known["target"]


def _row(stem: int, view: View) -> dict[str, Any]:
    return {
        "stem": stem,
        "source_units": view.source.units,
        "source_shares": view.source.shares,
        "source_masses": view.source.masses,
        "target_units": view.target.units,
        "target_shares": view.target.shares,
        "target_masses": view.target.masses,
        "keys": view.keys,
        "counts": view.counts,
    }


def _view(row: dict[str, Any]) -> View:
    return View(_side(row, "source"), _side(row, "target"), _array(row["keys"]), _array(row["counts"]))


def _side(row: dict[str, Any], side: str) -> Side:
    units = tuple(row[f"{side}_units"].as_py())
    return Side(units, _array(row[f"{side}_shares"]), _array(row[f"{side}_masses"]))


def _array(cell: Any) -> Any:
    return cell.values.to_numpy(zero_copy_only=False)


def _text(values: Any) -> str:
    return json.dumps([float(value) for value in values])


def _floats(text: str) -> Any:
    return np.array(json.loads(text), dtype=np.float32)
