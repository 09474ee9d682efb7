"""Texts put together into requests that an engine's limits allow."""

from collections.abc import Iterable, Iterator, Sequence

from tasks.mt.engine import Limits


def pack(texts: Iterable[str], limits: Limits) -> Iterator[list[str]]:
    """Texts in order, in requests as full as the limits allow; each text must fit into a request by itself.

    >>> list(pack(["aa", "b", "cc", "d"], Limits(max_segments=2, max_chars=3)))
    [['aa', 'b'], ['cc', 'd']]
    """
    request: list[str] = []
    chars = size = 0
    for text in texts:
        more_chars, more_bytes = len(text), _bytes(text, limits)
        full = len(request) == limits.max_segments or not _within(
            limits, chars + more_chars, size + more_bytes
        )
        if request and full:
            yield request
            request, chars, size = [], 0, 0
        request.append(text)
        chars, size = chars + more_chars, size + more_bytes
    if request:
        yield request


def fits(text: str, limits: Limits) -> bool:
    """Whether a text fits into a request by itself.

    >>> fits("año", Limits(1, 3)), fits("año", Limits(1, 3, max_bytes=3))
    (True, False)
    """
    return _within(limits, len(text), _bytes(text, limits))


def halves(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Two requests of as many texts each as can be.

    >>> halves(["a", "b", "c"])
    [('a',), ('b', 'c')]
    """
    middle = len(texts) // 2
    return [tuple(texts[:middle]), tuple(texts[middle:])]


def characters(texts: Iterable[str]) -> int:
    """Code points of all texts, which is what services bill."""
    return sum(map(len, texts))


def _within(limits: Limits, chars: int, size: int) -> bool:
    return chars <= limits.max_chars and (limits.max_bytes is None or size <= limits.max_bytes)


def _bytes(text: str, limits: Limits) -> int:
    return 0 if limits.max_bytes is None else len(text.encode("utf-8", "surrogatepass"))
