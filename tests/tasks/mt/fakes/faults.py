"""The faults that any service may show: those of the network, of its status, of its body and of the answer's shape."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

RETRY_AFTER_S = 7


class Fault(StrEnum):
    """What any service may do; `Protocol.specials` adds what only one does."""

    SLOW_DOWN = "429"
    SLOW_DOWN_SECONDS = "429 with Retry-After in seconds"
    SLOW_DOWN_DATE = "429 with Retry-After as a date"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502 with a page of HTML"
    UNAVAILABLE = "503"
    UNAVAILABLE_SECONDS = "503 with Retry-After"
    GATEWAY_TIMEOUT = "504"
    TOO_LARGE = "413"
    EXPIRED_KEY = "expired key"
    PAYMENT = "402"
    QUOTA = "456"
    NOT_FOUND = "404"
    TEAPOT = "418"
    REDIRECT = "302"
    HANG = "hang"
    HANG_UP = "closes without a word"
    RESET = "reset"
    TRICKLE = "slow trickle"
    TRICKLE_HEADERS = "slow trickle of headers"
    CUT_OFF = "cut off in the middle"
    GARBLED = "bytes that are not the gzip they claim to be"
    HUGE = "too long an answer"
    TRUNCATED_JSON = "truncated JSON"
    NOT_UTF8 = "JSON that is not UTF-8"
    HTML = "HTML with status 200"
    EMPTY_BODY = "nothing with status 200"
    NONSENSE = "other JSON with status 200"
    NONSENSE_LIST = "a list of lists with status 200"
    TOO_FEW = "one translation too few"
    TOO_MANY = "one translation too many"
    NULLS = "null for a translation"
    NUMBERS = "numbers for translations"
    SURROGATE = "half a surrogate pair in a translation"
    SWAPPED = "swapped order"
    EMPTY_STRINGS = "empty strings"


STATUSES: dict[Fault, tuple[int, dict[str, str]]] = {
    Fault.SLOW_DOWN: (429, {}),
    Fault.SLOW_DOWN_SECONDS: (429, {"Retry-After": str(RETRY_AFTER_S)}),
    Fault.SERVER_ERROR: (500, {}),
    Fault.UNAVAILABLE: (503, {}),
    Fault.UNAVAILABLE_SECONDS: (503, {"Retry-After": str(RETRY_AFTER_S)}),
    Fault.GATEWAY_TIMEOUT: (504, {}),
    Fault.TOO_LARGE: (413, {}),
    Fault.PAYMENT: (402, {}),
    Fault.QUOTA: (456, {}),
    Fault.NOT_FOUND: (404, {}),
    Fault.TEAPOT: (418, {}),
}
BODIES: dict[Fault, tuple[bytes, str]] = {
    Fault.HTML: (
        b"<!DOCTYPE html><html><body>Sign in to the network</body></html>",
        "text/html; charset=utf-8",
    ),
    Fault.EMPTY_BODY: (b"", "application/json"),
    Fault.NOT_UTF8: (b'{"translations": "\xff\xfe\xfa"}', "application/json"),
    Fault.NONSENSE: (b'{"status": "fine", "translations": {"a": 1}, "data": 3}', "application/json"),
    Fault.NONSENSE_LIST: (b'[["a"], 7, null]', "application/json"),
}
SHAPES: dict[Fault, Callable[[list[str]], list[Any]]] = {
    Fault.TOO_FEW: lambda texts: texts[:-1],
    Fault.TOO_MANY: lambda texts: [*texts, "more"],
    Fault.NULLS: lambda texts: [*texts[:-1], None],
    Fault.NUMBERS: lambda texts: list(range(len(texts))),
    Fault.SURROGATE: lambda texts: [*texts[:-1], "a\ud800"],
    Fault.SWAPPED: lambda texts: texts[::-1],
    Fault.EMPTY_STRINGS: lambda texts: ["" for _ in texts],
}

PASSING = (
    Fault.SLOW_DOWN,
    Fault.SLOW_DOWN_SECONDS,
    Fault.SERVER_ERROR,
    Fault.BAD_GATEWAY,
    Fault.UNAVAILABLE,
    Fault.TOO_LARGE,
    Fault.HANG_UP,
    Fault.RESET,
    Fault.CUT_OFF,
    Fault.TRUNCATED_JSON,
    Fault.HTML,
    Fault.NONSENSE,
    Fault.TOO_FEW,
    Fault.TOO_MANY,
    Fault.NULLS,
    Fault.EMPTY_STRINGS,
)


FINAL_ALONE = {Fault.TOO_LARGE, Fault.EMPTY_STRINGS}
"""Final for a text that has its request to itself: at once, and at the third time, which chance brings about."""


def passing(max_segments: int) -> Sequence[Fault]:
    """The faults after which a service that takes so many texts at once still answers all of them."""
    return [fault for fault in PASSING if max_segments > 1 or fault not in FINAL_ALONE]
