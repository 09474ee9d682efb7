"""SQuAD-format JSON (v1.1, v2.0, MLQA, XQuAD, TyDiQA GoldP) read into examples, or refused with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from storage.errors import InputError
from storage.examples import Answer, Example
from storage.silver import Reason


@dataclass(frozen=True, slots=True)
class SquadFile:
    """What one file holds: examples in file order, and the ids set aside with their reason."""

    examples: list[Example]
    set_aside: list[tuple[str, Reason]]


class _Answer(BaseModel, strict=True):
    text: str
    answer_start: int


class _Question(BaseModel, strict=True):
    id: str
    question: str
    answers: list[_Answer] = []
    is_impossible: bool = False


class _Paragraph(BaseModel, strict=True):
    context: str
    qas: list[_Question]


class _Article(BaseModel, strict=True):
    title: str = ""
    paragraphs: list[_Paragraph]


class _File(BaseModel, strict=True):
    data: list[_Article]


def read_squad(path: Path) -> SquadFile:
    """Read and check one file; nothing is returned of a file with any fault in it.

    The layout is that of https://rajpurkar.github.io/SQuAD-explorer/ (`data[].paragraphs[].qas[]`).

    Raises:
        InputError: the file is missing, empty, not JSON, of another shape, repeats an id, holds no question, or
            an answer does not stand at its offset; the message names the file and the place in it.
    """
    return parse_squad(_content(path), path)


def parse_squad(content: bytes, path: Path) -> SquadFile:
    """The same from bytes at hand; `path` only says in messages where they come from."""
    examples: list[Example] = []
    set_aside: list[tuple[str, Reason]] = []
    for found in stream_squad(content, path):
        if isinstance(found, Example):
            examples.append(found)
        else:
            set_aside.append(found)
    return SquadFile(examples, set_aside)


def check_squad(path: Path) -> None:
    """Refuse a file that `read_squad` would refuse, without holding its examples.

    Raises:
        InputError: as `read_squad`.
    """
    for _ in stream_squad(_content(path), path):
        pass


def stream_squad(content: bytes, path: Path) -> Iterator[Example | tuple[str, Reason]]:
    """The examples in file order, and the ids set aside with their reason, one article in memory at a time.

    What was given before a fault is found is of a faulty file: who keeps something must take it back then.

    Raises:
        InputError: as `read_squad`.
    """
    seen: dict[str, _Place] = {}
    answerable = False
    for place, article, paragraph, qa in _walk(_articles(content.removeprefix(b"\xef\xbb\xbf"), path)):
        if qa.id in seen:
            raise InputError(
                f"{path}: {_told(place)} repeats the id {qa.id!r} of {_told(seen[qa.id])}; ids must be unique."
            )
        seen[qa.id] = place
        if qa.is_impossible or not qa.answers:
            yield qa.id, Reason.UNANSWERABLE
        else:
            answers = _checked_answers(path, _told(place), paragraph.context, qa)
            yield Example(qa.id, article.title, qa.question, paragraph.context, answers)
            answerable = True
    if not answerable:
        raise InputError(
            f"{path}: there is no answerable question in it; give a SQuAD-format file with answers."
        )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path.") from error


def _articles(content: bytes, path: Path) -> Iterator[_Article]:
    """The articles, each parsed when its turn comes; a file with any irregularity is parsed whole, which names it."""
    spans = list(_article_spans(content))
    if not _is_all_but(content, spans):
        yield from _parse(content, path).data
        return
    for number, (start, end) in enumerate(spans):
        try:
            article = _Article.model_validate_json(content[start:end])
        except ValidationError:
            yield from _parse(content, path).data[number:]
            return
        yield article


_TO_BRACKET = re.compile(rb'(?:[^][{}"]++|"(?:[^"\\]++|\\.)*+")*+[][{}]', re.DOTALL)
"""Everything up to the next bracket that does not stand in a string."""

_LIST_OF_DATA = re.compile(rb'(?<!\\)"data"\s*:\s*\[\Z')


def _article_spans(content: bytes) -> Iterator[tuple[int, int]]:
    """Where the objects in the list `data` of the outermost object begin and end."""
    depth, start, end, inside = 0, 0, 0, False
    # Where one does not match, no later one is looked for: that would read the rest once for each of its bytes.
    while run := _TO_BRACKET.match(content, end):
        end = run.end()
        bracket = content[end - 1 : end]
        if bracket in b"{[":
            if depth == 1:
                inside = _LIST_OF_DATA.search(run[0]) is not None
            elif depth == 2:
                start = end - 1
            depth += 1
        else:
            depth -= 1
            if depth == 2 and inside and bracket == b"}":
                yield start, end
            inside = inside and depth > 1


_ARTICLE = b'"\\u0000article"'
"""Stands for an article where the rest of a file is looked at; no file says so itself."""


def _is_all_but(content: bytes, spans: list[tuple[int, int]]) -> bool:
    """Whether the rest of the content is sound JSON in which nothing but these articles is `data`."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(content)]
    try:
        rest = from_json(_ARTICLE.join(content[end:start] for end, start in zip(ends, starts, strict=True)))
    except ValueError:
        return False
    return isinstance(rest, dict) and rest.get("data") == [from_json(_ARTICLE)] * len(spans)


def _parse(content: bytes, path: Path) -> _File:
    if not content.strip():
        raise InputError(f"{path}: the file is empty; give a SQuAD-format JSON file.")
    try:
        return _File.model_validate_json(content)
    except ValidationError as error:
        raise InputError(f"{path}: {_first_fault(error)}") from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    if fault["type"] == "json_invalid":
        return f"not valid JSON or cut short: {fault['ctx']['error']}."
    return f"not in SQuAD format at {_place(fault['loc'])}: {fault['msg'].lower()}."


def _place(location: tuple[str | int, ...]) -> str:
    """`("data", 0, "paragraphs", 2)` as `data[0].paragraphs[2]`; the top of the file has no name."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in location]
    return "".join(steps).lstrip(".") or "the top level"


_Place = tuple[int, int, int]
"""The numbers of an article, a paragraph in it, and a question on that."""


def _told(place: _Place) -> str:
    return "data[{}].paragraphs[{}].qas[{}]".format(*place)


def _walk(articles: Iterator[_Article]) -> Iterator[tuple[_Place, _Article, _Paragraph, _Question]]:
    for a, article in enumerate(articles):
        for p, paragraph in enumerate(article.paragraphs):
            for q, qa in enumerate(paragraph.qas):
                yield (a, p, q), article, paragraph, qa


def _checked_answers(path: Path, place: str, context: str, qa: _Question) -> tuple[Answer, ...]:
    for a, answer in enumerate(qa.answers):
        if not answer.text.strip():
            raise InputError(f"{path}: {place}.answers[{a}] ({qa.id!r}) is empty; give the answer's text.")
        start, end = answer.answer_start, answer.answer_start + len(answer.text)
        if start < 0 or context[start:end] != answer.text:
            found = context[max(start, 0) : max(end, 0)]
            raise InputError(
                f"{path}: {place}.answers[{a}] ({qa.id!r}) says {answer.text[:60]!r} stands at {start}, but there "
                f"stands {found[:60]!r}; offsets are code points of the context."
            )
    return tuple(Answer(answer.text, answer.answer_start) for answer in qa.answers)
