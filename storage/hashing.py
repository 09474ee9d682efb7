"""Names made of content: equal content, equal name, on every machine."""

import hashlib
import json

ID_LENGTH = 16
"""Hex digits of an id: 64 bits, so two of a billion snapshots share one with probability 3 %, of a million 3e-8."""


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces: equal values, equal text.

    >>> canonical_json({"b": 1, "a": ["é"]})
    '{"a":["é"],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_id(value: object) -> str:
    """The id of a JSON value."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:ID_LENGTH]
