"""Texts beside their translations, from files of one text a line or from SQuAD-format files of the same ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.errors import InputError
from storage.examples import Example
from storage.squad import parse_squad

LINES, QUESTIONS, CONTEXTS = "lines", "questions", "contexts"


@dataclass(frozen=True, slots=True)
class Bitext:
    """Texts of one kind and the translation of each, in one order."""

    kind: str
    source: Sequence[str]
    target: Sequence[str]


def read_bitexts(source: Path, target: Path) -> list[Bitext]:
    """The texts of two files that are translations of each other.

    SQuAD-format files are matched by id: every question that both have, and each distinct context once. Other files
    are matched line by line.

    Raises:
        InputError: a file cannot be read, the two are of different formats or lengths, or share no id.
    """
    contents = [_content(path) for path in (source, target)]
    squad = [content.lstrip().startswith(b"{") for content in contents]
    if all(squad):
        first, second = (
            parse_squad(content, path).examples
            for content, path in zip(contents, (source, target), strict=True)
        )
        return _by_id(first, second, source, target)
    if any(squad):
        raise InputError(
            f"{source} and {target} are of different formats; give two SQuAD-format files, or two of lines."
        )
    lines = [_lines(content, path) for content, path in zip(contents, (source, target), strict=True)]
    if len(lines[0]) != len(lines[1]):
        raise InputError(
            f"{source} has {len(lines[0]):,} lines and {target} has {len(lines[1]):,}; give one translation a line."
        )
    return [Bitext(LINES, lines[0], lines[1])]


def _by_id(first: Sequence[Example], second: Sequence[Example], source: Path, target: Path) -> list[Bitext]:
    translated = {example.id: example for example in second}
    pairs = [(example, translated[example.id]) for example in first if example.id in translated]
    if not pairs:
        raise InputError(
            f"{source} and {target} have no question id in common; give translations of one file."
        )
    contexts: dict[str, str] = {}
    for example, other in pairs:
        contexts.setdefault(example.context, other.context)
    return [
        Bitext(QUESTIONS, [one.question for one, _ in pairs], [other.question for _, other in pairs]),
        Bitext(CONTEXTS, list(contexts), list(contexts.values())),
    ]


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    if not content.strip():
        raise InputError(f"{path}: the file is empty; give texts, one a line, or a SQuAD-format file.")
    return content.removeprefix(b"\xef\xbb\xbf")


def _lines(content: bytes, path: Path) -> list[str]:
    try:
        # Not splitlines(), which would also cut at the separators that stand inside of texts.
        return content.decode().removesuffix("\n").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error.reason}); convert it.") from error
