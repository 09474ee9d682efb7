"""SQuAD-format files: read exactly, or refused whole with the place of the fault."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import squad
from storage.errors import InputError
from storage.examples import Answer, Example
from storage.silver import Reason
from storage.squad import SquadFile, parse_squad, read_squad, stream_squad

Json = dict[str, Any]

CONTEXT = "Ana 🎵 wrote 𝄞 in 1904."
GOOD: Json = {
    "version": "1.1",
    "data": [
        {
            "title": "Ana",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {"id": "q1", "question": "Who?", "answers": [{"text": "Ana", "answer_start": 0}]},
                        {
                            "id": "q2",
                            "question": "When?",
                            "answers": [
                                {"text": "1904", "answer_start": 17},
                                {"text": "in 1904", "answer_start": 14},
                            ],
                        },
                    ],
                }
            ],
        }
    ],
}


def written(folder: Path, content: object) -> Path:
    path = folder / "given.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def changed(change: Callable[[Json], None]) -> Json:
    """The good file with one paragraph changed."""
    content = copy.deepcopy(GOOD)
    change(content["data"][0]["paragraphs"][0])
    return content


def refusal(path: Path) -> str:
    """The message: one sentence that begins with the file."""
    with pytest.raises(InputError) as caught:
        read_squad(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert message.endswith(".")
    assert not caught.value.retryable
    assert caught.value.exit_code == 1
    return message.removeprefix(f"{path}: ")


def test_a_good_file_in_file_order(tmp_path: Path) -> None:
    found = read_squad(written(tmp_path, GOOD))
    assert found.set_aside == []
    assert found.examples == [
        Example("q1", "Ana", "Who?", CONTEXT, (Answer("Ana", 0),)),
        Example("q2", "Ana", "When?", CONTEXT, (Answer("1904", 17), Answer("in 1904", 14))),
    ]


def test_offsets_beyond_the_basic_plane_are_code_points(tmp_path: Path) -> None:
    """The same answer counted in UTF-16 units (two more) is refused."""
    found = read_squad(written(tmp_path, GOOD)).examples[1].answers[0]
    assert CONTEXT[found.span.start : found.span.end] == "1904"
    content = changed(lambda p: p["qas"][1]["answers"][0].update(answer_start=19))
    message = refusal(written(tmp_path, content))
    assert "'1904' stands at 19, but there stands '04.'" in message


def test_escaped_surrogate_pairs_are_one_code_point(tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_text(json.dumps(GOOD, ensure_ascii=True))
    assert "\\ud83c" in path.read_text()
    assert read_squad(path) == read_squad(written(tmp_path, GOOD))


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    plain = read_squad(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_squad(path) == plain


def test_a_missing_title_is_no_title(tmp_path: Path) -> None:
    content = copy.deepcopy(GOOD)
    del content["data"][0]["title"]
    assert read_squad(written(tmp_path, content)).examples[0].title == ""


@pytest.mark.parametrize(
    "extra",
    [
        {"is_impossible": True, "answers": [], "plausible_answers": [{"text": "Bo", "answer_start": 3}]},
        {"is_impossible": True, "answers": [{"text": "Ana", "answer_start": 0}]},
        {"is_impossible": False, "answers": []},
        {},
    ],
)
def test_questions_without_an_answer_are_set_aside_by_name(tmp_path: Path, extra: Json) -> None:
    content = changed(lambda p: p["qas"].insert(1, {"id": "q0", "question": "Why?", **extra}))
    found = read_squad(written(tmp_path, content))
    assert found.set_aside == [("q0", Reason.UNANSWERABLE)]
    assert [example.id for example in found.examples] == ["q1", "q2"]


@pytest.mark.parametrize("content", [b"", b" \n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "given.json"
    path.write_bytes(content)
    assert "the file is empty" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [
        b"id,question\n1,Who?\n",
        b"{'data': []}",
        b"<html>404</html>",
        b'{"data": []} {"data": []}',
        b"[" * 100_000,
        b'{"data": [\x00]}',
        b'{"data": [], "x": "\\ud800"}',
        json.dumps(GOOD).encode("utf-16"),
        b"\x1f\x8b\x08\x00rest",
    ],
)
def test_what_is_not_json(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "given.json"
    path.write_bytes(content)
    message = refusal(path)
    assert "not valid JSON" in message
    assert "line 1" in message


def test_latin_1_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_bytes(json.dumps({"data": "Zoë"}, ensure_ascii=False).encode("latin-1"))
    message = refusal(path)
    assert "not valid JSON" in message
    assert "unicode" in message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_is_refused_wherever_it_is_cut(tmp_path: Path, share: float) -> None:
    """Law: no true beginning of a file passes for a file."""
    whole = json.dumps(GOOD, ensure_ascii=False).encode()
    path = tmp_path / "cut.json"
    path.write_bytes(whole[: int(share * len(whole))])
    message = refusal(path)
    assert "cut short" in message or "the file is empty" in message


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "the top level"),
        ("text", "the top level"),
        (None, "the top level"),
        ({}, "at data"),
        ({"data": {}}, "at data"),
        ({"data": ["x"]}, "at data[0]"),
        ({"data": [{"title": "t"}]}, "at data[0].paragraphs"),
        ({"data": [{"title": 1, "paragraphs": []}]}, "at data[0].title"),
        ({"data": [{"paragraphs": [{"qas": []}]}]}, "at data[0].paragraphs[0].context"),
        ({"data": [{"paragraphs": [{"context": "c"}]}]}, "at data[0].paragraphs[0].qas"),
        (changed(lambda p: p["qas"][1].pop("id")), "at data[0].paragraphs[0].qas[1].id"),
        (changed(lambda p: p["qas"][1].update(id=7)), "at data[0].paragraphs[0].qas[1].id"),
        (changed(lambda p: p["qas"][0].update(question=None)), "at data[0].paragraphs[0].qas[0].question"),
        (
            changed(lambda p: p["qas"][0].update(answers={"text": "Ana"})),
            "at data[0].paragraphs[0].qas[0].answers",
        ),
        (changed(lambda p: p["qas"][0].update(answers=["Ana"])), "qas[0].answers[0]"),
        (changed(lambda p: p["qas"][0]["answers"][0].pop("answer_start")), "qas[0].answers[0].answer_start"),
        (changed(lambda p: p["qas"][0]["answers"][0].update(answer_start="0")), "answers[0].answer_start"),
        (changed(lambda p: p["qas"][0]["answers"][0].update(answer_start=0.5)), "answers[0].answer_start"),
        (changed(lambda p: p["qas"][0]["answers"][0].update(answer_start=False)), "answers[0].answer_start"),
        (changed(lambda p: p["qas"][0].update(is_impossible="no")), "qas[0].is_impossible"),
    ],
)
def test_json_of_another_shape_is_refused_with_its_place(tmp_path: Path, content: object, place: str) -> None:
    message = refusal(written(tmp_path, content))
    assert message.startswith("not in SQuAD format at ")
    assert place in message


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("Ana", 1),
        ("Ana", -3),
        ("Ana", 10**30),
        ("Ana", -(10**30)),
        ("ana", 0),
        ("Ana 🎵 wrote 𝄞 in 1904. ", 0),
    ],
)
def test_an_answer_that_does_not_stand_there(tmp_path: Path, text: str, start: int) -> None:
    content = changed(lambda p: p["qas"][0]["answers"][0].update(text=text, answer_start=start))
    message = refusal(written(tmp_path, content))
    assert message.startswith("data[0].paragraphs[0].qas[0].answers[0] ('q1') says ")
    assert f"stands at {start}" in message
    assert "offsets are code points" in message


@pytest.mark.parametrize(("text", "start"), [("", 0), (" ", 3), ("\n", 0)])
def test_an_empty_answer(tmp_path: Path, text: str, start: int) -> None:
    """Also where it does stand there: nothing could be found again of it."""
    content = changed(lambda p: p["qas"][0]["answers"][0].update(text=text, answer_start=start))
    message = refusal(written(tmp_path, content))
    assert message == "data[0].paragraphs[0].qas[0].answers[0] ('q1') is empty; give the answer's text."


def test_a_negative_offset_is_not_counted_from_the_end(tmp_path: Path) -> None:
    content = changed(lambda p: p["qas"][0]["answers"][0].update(text="1904", answer_start=-5))
    assert "stands at -5" in refusal(written(tmp_path, content))


def test_every_answer_is_checked(tmp_path: Path) -> None:
    content = changed(lambda p: p["qas"][1]["answers"][1].update(answer_start=15))
    assert refusal(written(tmp_path, content)).startswith("data[0].paragraphs[0].qas[1].answers[1] ('q2')")


def test_a_long_wrong_answer_is_shown_in_part(tmp_path: Path) -> None:
    content = changed(lambda p: p["qas"][0]["answers"][0].update(text="x\n" * 10_000))
    assert len(refusal(written(tmp_path, content))) < 400


def test_ids_must_be_unique_over_the_whole_file(tmp_path: Path) -> None:
    content = copy.deepcopy(GOOD)
    content["data"].append(copy.deepcopy(GOOD["data"][0]))
    message = refusal(written(tmp_path, content))
    assert message == (
        "data[1].paragraphs[0].qas[0] repeats the id 'q1' of data[0].paragraphs[0].qas[0]; ids must be unique."
    )


def test_an_unanswerable_question_may_not_repeat_an_id_either(tmp_path: Path) -> None:
    content = changed(lambda p: p["qas"].append({"id": "q1", "question": "Why?", "is_impossible": True}))
    assert "repeats the id 'q1'" in refusal(written(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        {"data": []},
        {"data": [{"paragraphs": []}]},
        changed(lambda p: p.update(qas=[])),
        changed(lambda p: p.update(qas=[{"id": "q", "question": "?", "is_impossible": True}])),
    ],
)
def test_a_file_without_an_answerable_question(tmp_path: Path, content: Json) -> None:
    assert "no answerable question" in refusal(written(tmp_path, content))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in refusal(tmp_path / "none.json")
    assert "cannot be read (Is a directory)" in refusal(tmp_path)


@st.composite
def squad_files(draw: st.DrawFn) -> Json:
    """Well-formed files in any script, answers cut out of their contexts."""
    numbers = iter(range(1_000))
    paragraphs = []
    contexts = st.text(min_size=1, max_size=20).filter(str.strip)
    for context in draw(st.lists(contexts, min_size=1, max_size=3)):
        visible = [place for place, char in enumerate(context) if char.strip()]
        starts = draw(st.lists(st.sampled_from(visible), min_size=1, max_size=3))
        qas = []
        for start in starts:
            end = draw(st.integers(start + 1, len(context)))
            answers = [{"text": context[start:end], "answer_start": start}]
            qas.append({"id": f"q{next(numbers)}", "question": draw(st.text(max_size=9)), "answers": answers})
        paragraphs.append({"context": context, "qas": qas})
    return {"data": [{"title": draw(st.text(max_size=5)), "paragraphs": paragraphs}]}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(squad_files())
def test_what_was_written_is_read(tmp_path: Path, content: Json) -> None:
    """Law: every question of a sound file is read, unchanged, whatever its script."""
    found = read_squad(written(tmp_path, content))
    article = content["data"][0]
    expected = [(p["context"], q) for p in article["paragraphs"] for q in p["qas"]]
    assert [(e.id, e.title, e.question, e.context) for e in found.examples] == [
        (q["id"], article["title"], q["question"], context) for context, q in expected
    ]
    for example in found.examples:
        for answer in example.answers:
            assert example.context[answer.span.start : answer.span.end] == answer.text


def whole(content: bytes) -> SquadFile | str:
    """What the file is where it is parsed in one piece, or why it is refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(squad, "_is_all_but", lambda content, spans: False)
        return in_articles(content)


def in_articles(content: bytes) -> SquadFile | str:
    try:
        return parse_squad(content, Path("f"))
    except InputError as error:
        return str(error)


ARTICLES = st.lists(
    st.sampled_from([*GOOD["data"], {"title": '"]}{', "paragraphs": []}, None, 7, {}]), max_size=3
)


@given(
    ARTICLES,
    st.sampled_from([None, 0, 3]),
    st.booleans(),
    st.integers(0, 400),
    st.binary(max_size=1),
    st.sampled_from([b"", b"\n \n", b"\0", b'"', b"]}"]),
)
def test_article_by_article_is_as_in_one_piece(
    articles: list[Any], indent: int | None, ascii_only: bool, place: int, put: bytes, tail: bytes
) -> None:
    """Law: whatever the layout, whatever one byte is changed to, and wherever it ends, the same examples or refusal.

    Of two faults, what an article says comes before the shape of a later one.
    """
    content = {"version": '{"data": [', "data": articles, "more": {"data": [{}]}}
    good = json.dumps(content, indent=indent, ensure_ascii=ascii_only).encode()
    for given_bytes in (good, good[:place] + put + good[place + 1 :], good[:place] + tail, good + tail):
        found, expected = in_articles(given_bytes), whole(given_bytes)
        told_first = isinstance(found, str) and isinstance(expected, str) and expected.startswith("f: not ")
        assert found == expected or told_first


@pytest.mark.parametrize("content", [b"a,b\n", b'{"data": []}' + b" " * 9, b'{"data": ["' + b"x" * 9])
def test_a_large_file_that_is_no_squad_is_refused_at_once(content: bytes) -> None:
    """What would take hours where each byte without a bracket were looked at anew."""
    padded = content * 250_000 if content.endswith(b"\n") else content + content[-1:] * 1_000_000
    assert isinstance(in_articles(padded), str)


@pytest.mark.parametrize(
    "content",
    [b'{"data": [], "data": [%s]}', b'{"data": [%s], "data": []}', b'{"data": [%s %s]}', b'{"data": [[%s]]}'],
)
def test_oddities_are_read_as_in_one_piece(content: bytes) -> None:
    article = json.dumps(GOOD["data"][0]).encode()
    given_bytes = content.replace(b"%s", article)
    assert in_articles(given_bytes) == whole(given_bytes)


def test_articles_are_read_one_at_a_time() -> None:
    """The first question is there before the last article, which is at fault, is looked at."""
    content = json.dumps({"data": [GOOD["data"][0], {"paragraphs": 1}]}).encode()
    found = stream_squad(content, Path("f"))
    assert isinstance(next(found), Example)
    with pytest.raises(InputError, match=r"data\[1\]"):
        list(found)
