r"""Marked text as Apertium's stream format and back.

In that format a mark is a word-bound blank, `[[7]]old dog[[/]]`, which the engine carries along with every word;
what it must not touch stands in a superblank, `[...]`. Speaking it directly leaves no HTML reader between us and the
engine that would drop, close or invent tags. Source: https://wiki.apertium.org/wiki/Apertium_stream_format
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tasks.mt.markup import closing, escape, opening, read

END = ".[]"
"""Put after each text: the sentence must have ended before the engine flushes. Taken off again."""

_RESERVED = re.compile(r"[\[\]{}^$\\@/<>]")
# "~" wakes the post-generator and vanishes; control characters, NUL first of all, would break the protocol. NEL and
# the line and paragraph separators are kept away from programs that read by line.
_UNTOUCHABLE = re.compile(r"[~\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_TOKEN = re.compile(
    r"\[\[/\]\]|\[\[(?P<ids>[^\]]*)\]\]|\[(?P<blank>[^\]]*)\]|\\(?P<escaped>.)|(?P<text>[^\[\\]+)", re.DOTALL
)
_CODE = re.compile(r"&#(\d+);")


@dataclass(slots=True)
class _Mark:
    number: int
    start: int
    end: int


def to_stream(marked: str) -> str:
    r"""One marked text as a segment of the stream, without the NUL that ends it.

    A mark that begins or ends inside a word is widened to the whole word, because Apertium translates words.

    >>> to_stream("The <b1>old <b2>dog</b2></b1> [~]")
    'The [[1]]old [[/]][[1; 2]]dog[[/]] \\[[&#126;]\\].[]'
    """
    text, marks = _parse(marked)
    for mark in marks:
        mark.start, mark.end = _word_start(text, mark.start), _word_end(text, mark.end)
    cuts = sorted({0, len(text), *(mark.start for mark in marks), *(mark.end for mark in marks)})
    parts: list[str] = []
    for start, end in pairwise(cuts):
        ids = "; ".join(str(mark.number) for mark in marks if mark.start <= start and end <= mark.end)
        piece = _escaped(text[start:end])
        parts.append(f"[[{ids}]]{piece}[[/]]" if ids else piece)
    return "".join(parts) + END


def from_stream(segment: str, source: str) -> str:
    r"""The marked text that a segment of the engine's output stands for.

    Pieces of one mark with nothing but space and punctuation between them become one: the engine marks word by word.

    Args:
        segment: what the engine wrote for one text, END included.
        source: the marked text that was sent, to know which blanks are its own.

    >>> from_stream(" El [[1; 2]]perro[[/]] [[1]]viejo[[/]]  \\[[&#126;]\\].[]", "<b1>old <b2>dog</b2></b1>")
    'El <b1><b2>perro</b2> viejo</b1> [~]'
    """
    text: list[str] = []
    length = 0
    words: list[_Mark] = []
    ids: list[int] = []
    for token in _TOKEN.finditer(segment.rstrip("\0").removesuffix("[]").removesuffix(".")):
        piece = _plain(token)
        if token["ids"] is not None:
            ids = [int(number) for number in re.findall(r"\d+", token["ids"])]
        elif token[0] == "[[/]]":
            ids = []
        elif ids and piece:
            words += (_Mark(number, length, length + len(piece)) for number in ids)
        text.append(piece)
        length += len(piece)
    return _written(*_tidied("".join(text), _joined("".join(text), words), source))


def _parse(marked: str) -> tuple[str, list[_Mark]]:
    text = ""
    opened: dict[int, int] = {}
    marks: list[_Mark] = []
    for token in read(marked):
        if isinstance(token, str):
            text += token
        elif not token.closing:
            opened[token.number] = len(text)
        elif token.number in opened:
            marks.append(_Mark(token.number, opened.pop(token.number), len(text)))
    return text, sorted(marks, key=lambda mark: mark.number)


def _word_start(text: str, place: int) -> int:
    while 0 < place < len(text) and text[place].isalnum() and text[place - 1].isalnum():
        place -= 1
    return place


def _word_end(text: str, place: int) -> int:
    while 0 < place < len(text) and text[place].isalnum() and text[place - 1].isalnum():
        place += 1
    return place


def _escaped(text: str) -> str:
    text = _RESERVED.sub(r"\\\g<0>", text)
    return _UNTOUCHABLE.sub(lambda match: f"[&#{ord(match[0])};]", text)


def _plain(token: re.Match[str]) -> str:
    if token["blank"] is not None:
        return "".join(chr(int(code)) for code in _CODE.findall(token["blank"]))
    return token["escaped"] or token["text"] or ""


def _joined(text: str, words: Iterable[_Mark]) -> list[_Mark]:
    joined: list[_Mark] = []
    last: dict[int, _Mark] = {}
    for word in words:
        before = last.get(word.number)
        if before is not None and not any(map(str.isalnum, text[before.end : word.start])):
            before.end = word.end
        else:
            last[word.number] = word
            joined.append(word)
    return joined


def _tidied(text: str, marks: list[_Mark], source: str) -> tuple[str, list[_Mark]]:
    """Without the spaces that a dropped word leaves behind, unless the source doubled spaces itself."""
    if "  " in source or text == (tidy := re.sub("  +", " ", text).strip(" ")):
        return text, marks
    lead = len(text) - len(text.lstrip(" "))
    kept = [0]
    for place, char in enumerate(text):
        dropped = char == " " and (place < lead or text[place - 1] == " ")
        kept.append(kept[-1] + (not dropped))
    for mark in marks:
        mark.start, mark.end = min(kept[mark.start], len(tidy)), min(kept[mark.end], len(tidy))
    return tidy, marks


def _written(text: str, marks: Sequence[_Mark]) -> str:
    """Tags nested where they can be; numbers keep apart those that cross."""
    events = [(mark.end, 0, -mark.start, closing(mark.number)) for mark in marks]
    events += [(mark.start, 1, -mark.end, opening(mark.number)) for mark in marks]
    parts: list[str] = []
    done = 0
    for place, _, _, tag in sorted(events):
        parts += escape(text[done:place]), tag
        done = place
    return "".join([*parts, escape(text[done:])])
