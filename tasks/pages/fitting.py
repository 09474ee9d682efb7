"""Pages of a size that a browser shows at once."""

from collections.abc import Iterable

MAX_BYTES = 180_000
"""Prefect's pages grow slow beyond."""

BETWEEN = "\n\n"


def fit(sections: Iterable[str], max_bytes: int = MAX_BYTES) -> bool:
    """Whether all of them fit, one below the other.

    >>> fit(["a", "é"], max_bytes=5), fit(["a", "é"], max_bytes=4)
    (True, False)
    """
    return len(BETWEEN.join(sections).encode()) <= max_bytes


def fitted(sections: Iterable[str], rest: str, max_bytes: int = MAX_BYTES) -> str:
    """As many of the sections as fit, one below the other; where some do not, `rest` says where to find them.

    >>> fitted(["a", "b", "c"], "and so on", max_bytes=5), fitted(["a"], "and so on")
    ('a\\n\\nb\\n\\nand so on', 'a')
    """
    page: list[str] = []
    for section in sections:
        max_bytes -= len(section.encode()) + len(BETWEEN) * bool(page)
        if max_bytes < 0:
            return BETWEEN.join([*page, rest])
        page.append(section)
    return BETWEEN.join(page)
