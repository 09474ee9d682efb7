"""Reading the JSON that a service answered: what is looked for is there in the right shape, or nothing is."""

import re
from collections.abc import Sequence
from typing import Any

EACH = "*"
"""In a path: every element of a list."""

# Can be written in JSON, but in no file or database afterwards.
_SURROGATE = re.compile("[\ud800-\udfff]")


def texts_at(content: Any, count: int, *path: str | int) -> list[str] | None:
    """The strings of an answer at a path, in order; None where it has another shape or not `count` of them.

    >>> texts_at({"a": [{"b": "x"}, {"b": "y"}]}, 2, "a", EACH, "b")
    ['x', 'y']
    """
    found = _walk(content, path)
    if found is None or len(found) != count or not all(isinstance(text, str) for text in found):
        return None
    return None if any(_SURROGATE.search(text) for text in found) else found


def _walk(content: Any, path: Sequence[str | int]) -> list[Any] | None:
    for place, step in enumerate(path):
        if step == EACH:
            if not isinstance(content, list):
                return None
            below = [_walk(item, path[place + 1 :]) for item in content]
            return None if None in below else [item for items in below if items is not None for item in items]
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return None
    return [content]
