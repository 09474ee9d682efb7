"""Pages of a size that a browser shows at once."""

from collections.abc import Iterable

MAX_BYTES = 180_000
"""Prefect's pages grow slow beyond."""


def fitted(sections: Iterable[str], rest: str, max_bytes: int = MAX_BYTES) -> str:
    """As many of the sections as fit, one below the other; where some do not, `rest` says where to find them.

    >>> fitted(["a", "b", "c"], "and so on", max_bytes=5), fitted(["a"], "and so on")
    ('a\\n\\nb\\n\\nand so on', 'a')
    """
    page: list[str] = []
    for section in sections:
        max_bytes -= len(section.encode()) + 2 * bool(page)
        if max_bytes < 0:
            return "\n\n".join([*page, rest])
        page.append(section)
    return "\n\n".join(page)
