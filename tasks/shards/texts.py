"""Texts as they were sent and what came back for them, as parts of the store."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from storage.parts import Part, read_part, write_part
from storage.silver import Reason, Refusal
from storage.store import Store

Json = dict[str, Any]

SCHEMA = pa.schema(
    [("text", pa.string()), ("translation", pa.string()), ("reason", pa.string()), ("detail", pa.string())]
)
"""Segments as they were sent, and what came back as it came; where nothing usable did, why not."""


def write_translations(store: Store, rows: Sequence[Json]) -> Part:
    """Rows of that schema as a part."""
    return write_part(store, pa.Table.from_pylist(list(rows), schema=SCHEMA))


def read_translations(store: Store, part: Json) -> tuple[dict[str, str], dict[str, Refusal]]:
    """Translations by segment; and why there is none, by segment."""
    table = read_part(store, Part.from_json(part))
    columns = [table[name].to_pylist() for name in SCHEMA.names]
    found = {text: said for text, said in zip(columns[0], columns[1], strict=True) if said is not None}
    if table["reason"].null_count == table.num_rows:
        return found, {}
    rows = zip(columns[0], columns[2], columns[3], strict=True)
    return found, {text: Refusal(Reason(reason), detail) for text, reason, detail in rows if reason}
