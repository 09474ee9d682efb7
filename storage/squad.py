"""SQuAD-format JSON (v1.1, v2.0, MLQA, XQuAD, TyDiQA GoldP) read into examples, or refused with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

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
    parsed = _parse(content.removeprefix(b"\xef\xbb\xbf"), path)
    examples: list[Example] = []
    set_aside: list[tuple[str, Reason]] = []
    seen: dict[str, str] = {}
    for place, article, paragraph, qa in _walk(parsed):
        if qa.id in seen:
            raise InputError(
                f"{path}: {place} repeats the id {qa.id!r} of {seen[qa.id]}; ids must be unique."
            )
        seen[qa.id] = place
        if qa.is_impossible or not qa.answers:
            set_aside.append((qa.id, Reason.UNANSWERABLE))
        else:
            answers = _checked_answers(path, place, paragraph.context, qa)
            examples.append(Example(qa.id, article.title, qa.question, paragraph.context, answers))
    if not examples:
        raise InputError(
            f"{path}: there is no answerable question in it; give a SQuAD-format file with answers."
        )
    return SquadFile(examples, set_aside)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path.") from error


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


def _walk(parsed: _File) -> Iterator[tuple[str, _Article, _Paragraph, _Question]]:
    for a, article in enumerate(parsed.data):
        for p, paragraph in enumerate(article.paragraphs):
            for q, qa in enumerate(paragraph.qas):
                yield f"data[{a}].paragraphs[{p}].qas[{q}]", article, paragraph, qa


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
