from collections.abc import Callable
from pathlib import Path

import pytest

from storage.errors import InputError
from storage.examples import Example
from tasks.scoring.bitexts import Bitext, read_bitexts

Write = Callable[..., Path]
Make = Callable[..., Example]


@pytest.fixture
def lines(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def test_lines_stand_beside_lines(lines: Callable[[str, bytes], Path]) -> None:
    source = lines("a.txt", "One\u2028still one\r\n\r\nThree\n".encode())
    target = lines("b.txt", b"Uno\nDos\nTres")
    assert read_bitexts(source, target) == [
        Bitext("lines", ["One\u2028still one", "", "Three"], ["Uno", "Dos", "Tres"])
    ]


def test_questions_and_contexts_are_matched_by_id(write_squad: Write, make_example: Make) -> None:
    source = write_squad(
        "en.json",
        [
            make_example("1", "Lyon lies there.", "Lyon", question="What lies there?"),
            make_example("2", "Lyon lies there.", "there", question="Where?"),
            make_example("3", "Only here.", "here"),
        ],
    )
    target = write_squad(
        "es.json",
        [
            make_example("2", "Allí está Lyon.", "Allí", question="¿Dónde?"),
            make_example("1", "Allí está Lyon.", "Lyon", question="¿Qué está allí?"),
        ],
    )
    assert read_bitexts(source, target) == [
        Bitext("questions", ["What lies there?", "Where?"], ["¿Qué está allí?", "¿Dónde?"]),
        Bitext("contexts", ["Lyon lies there."], ["Allí está Lyon."]),
    ]


def test_what_is_no_translation_of_the_other_is_refused(
    lines: Callable[[str, bytes], Path], write_squad: Write, make_example: Make, tmp_path: Path
) -> None:
    two, three = lines("2.txt", b"a\nb"), lines("3.txt", b"a\nb\nc")
    first = write_squad("first.json", [make_example("1", "Lyon.", "Lyon")])
    second = write_squad("second.json", [make_example("2", "Lyon.", "Lyon")])
    for source, target, sentence in (
        (two, three, "has 2 lines and"),
        (first, two, "are of different formats"),
        (first, second, "no question id in common"),
        (two, lines("empty.txt", b" \n"), "the file is empty"),
        (two, lines("latin.txt", b"\xe9\nb"), "not UTF-8"),
        (two, tmp_path / "none.txt", "cannot be read"),
    ):
        with pytest.raises(InputError, match=sentence):
            read_bitexts(source, target)
