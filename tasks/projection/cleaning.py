"""Markup that an engine added, doubled or broke: undone where the source lacked it, found where it remains."""

import re
from collections import Counter

_NAME = r"(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]{1,31});"
_ENTITY = re.compile(f"&{_NAME}")
_DOUBLED = re.compile(rf"&(?:amp;)+(?={_NAME})")
_ESCAPED_TAG = re.compile(r"&lt;(\s*/?\s*[bB]\s*\d{1,4}\s*)&gt;")
_FOREIGN_TAG = re.compile(r"</?(?![bB]\s*\d)[^\W\d_][^<>]{0,60}>")
_TAG_START = r"<\s*[/／]?\s*[bB]\s*\d|[＜‹〈《]\s*[/／]?\s*b\s*\d"
_OURS = re.compile(_TAG_START)
_WRECK = re.compile(rf"{_TAG_START}|(?<!\w)b\s*\d{{1,4}}\s*[>＞›〉》]|&{_NAME}")


def settled(translation: str, context: str) -> str:
    """The engine's habits undone, each only where the source cannot have meant it."""
    if not _ENTITY.search(context):
        translation = _DOUBLED.sub("&", translation)
    if not _OURS.search(context):
        translation = _ESCAPED_TAG.sub(r"<\1>", translation)
    return _FOREIGN_TAG.sub("", translation) if "<" not in context else translation


def leftover(text: str, context: str) -> str | None:
    """The first wreck of a tag or an entity that the source lacks."""
    given = Counter(_WRECK.findall(context))
    return next(iter(Counter(_WRECK.findall(text)) - given), None)
