"""Markup that an engine added, doubled or broke: undone where the source lacked it, found where it remains."""

import re
from collections import Counter
from dataclasses import dataclass

from tasks.mt.markup import Markup

_NAME = r"(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]{1,31});"
_ENTITY = re.compile(f"&{_NAME}")
_DOUBLED = re.compile(rf"&(?:amp;)+(?={_NAME})")
_SIGN = re.compile("[][<>&＜＞‹›〈〉《》［］【】]")
"""Every wreck has one of these."""
_NEVER = re.compile(r"(?!)()")


@dataclass(frozen=True, slots=True)
class _Traces:
    """What betrays the tags of a style: how one begins, how one ends, one that came back escaped, one of others."""

    start: str
    end: str
    escaped: re.Pattern[str]
    foreign: re.Pattern[str]


_NUMBERED = _Traces(
    start=r"<\s*+[/／]?\s*+[bB]\s*+\d|[＜‹〈《【]\s*+[/／]?\s*+b\s*+\d",
    end=r"(?<!\w)b\s*+\d{1,4}\s*+[>＞›〉》】]",
    escaped=re.compile(r"&lt;(\s*+/?\s*+[bB]\s*+\d{1,4}\s*+)&gt;"),
    foreign=re.compile(r"</?(?![bB]\s*+\d)[^\W\d_][^<>]{0,60}>"),
)
_LETTERED = _Traces(
    start=r"[<＜‹]\s*+[/／]?\s*+[a-zA-Z]{1,3}(?![a-zA-Z])",
    end=r"(?<!\w)[a-zA-Z]{1,3}\s*+[>＞›]",
    escaped=re.compile(r"&lt;(\s*+/?\s*+[a-zA-Z]{1,3}\s*+)&gt;"),
    foreign=re.compile(r"</?(?!\s*+[a-zA-Z]{1,3}\s*+>)[^\W\d_][^<>]{0,60}>"),
)
_BRACKETED = _Traces(
    start=r"[\[［【]\s*+[/／]?\s*+\d{1,4}(?!\d)",
    end=r"(?<![\w.,])\d{1,4}\s*+[\]］】]",
    escaped=_NEVER,
    foreign=re.compile(r"</?[^\W\d_][^<>]{0,60}>"),
)
_TRACES = {
    Markup.HTML: _NUMBERED,
    Markup.XML: _NUMBERED,
    Markup.TAGS: _NUMBERED,
    Markup.LETTERS: _LETTERED,
    Markup.BRACKETS: _BRACKETED,
}
_WRECK = {markup: re.compile(rf"{traces.start}|{traces.end}|&{_NAME}") for markup, traces in _TRACES.items()}


def settled(translation: str, context: str, markup: Markup = Markup.HTML) -> str:
    """The engine's habits undone, each only where the source cannot have meant it."""
    traces = _TRACES[markup]
    if "&amp;" in translation and not _ENTITY.search(context):
        translation = _DOUBLED.sub("&", translation)
    if "&lt;" in translation and not re.search(traces.start, context):
        translation = traces.escaped.sub(r"<\1>", translation)
    return traces.foreign.sub("", translation) if "<" not in context else translation


def leftover(text: str, context: str, markup: Markup = Markup.HTML) -> str | None:
    """The first wreck of a tag or an entity that the source lacks."""
    if not _SIGN.search(text):
        return None
    wreck = _WRECK[markup]
    found = wreck.findall(text)
    return next(iter(Counter(found) - Counter(wreck.findall(context))), None) if found else None
