from collections.abc import Callable
from pathlib import Path

import pytest

from storage.errors import InputError, UsageError
from storage.examples import Example
from tasks.scoring.benchmarks import languages_of, limited, read_benchmark

Make = Callable[..., Example]
Write = Callable[[str, list[Example]], Path]


def test_an_unknown_benchmark_lists_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'mqla'; choose one of: mlqa, squad, tydiqa, xquad"):
        read_benchmark("mqla", tmp_path)


@pytest.mark.parametrize("folder", ["", "test/", "MLQA_V1/test/"])
def test_mlqa_is_found_in_any_of_its_folders(
    tmp_path: Path, write_squad: Write, make_example: Make, folder: str
) -> None:
    for context, question in (("es", "en"), ("de", "zh")):
        name = f"{folder}test-context-{context}-question-{question}.json"
        write_squad(name, [make_example(f"{context}{question}", "Lyon", "Lyon")])
    pairs = read_benchmark("mlqa", tmp_path)
    assert [pair.name for pair in pairs] == ["context-de-question-zh", "context-es-question-en"]
    assert pairs[0].examples[0].id == "dezh"
    assert languages_of(pairs) == ["de", "en", "es", "zh"]


def test_the_split_of_mlqa_is_chosen(tmp_path: Path, write_squad: Write, make_example: Make) -> None:
    write_squad("dev/dev-context-en-question-en.json", [make_example("a", "Lyon", "Lyon")])
    assert len(read_benchmark("mlqa", tmp_path, split="dev")) == 1
    with pytest.raises(InputError, match="there is no test-context"):
        read_benchmark("mlqa", tmp_path)


def test_a_stray_name_in_mlqa_is_refused(tmp_path: Path, write_squad: Write, make_example: Make) -> None:
    write_squad("test-context-en-question-en_2.json", [make_example("a", "Lyon", "Lyon")])
    with pytest.raises(InputError, match="does not tell the languages"):
        read_benchmark("mlqa", tmp_path)


def test_xquad_pairs_every_question_with_every_context(
    tmp_path: Path, write_squad: Write, make_example: Make
) -> None:
    write_squad("xquad.en.json", [make_example("a", "by Kant", "Kant", question="Who?")])
    write_squad("xquad.zh.json", [make_example("a", "康德写", "康德", question="谁?")])
    pairs = {pair.name: pair.examples[0] for pair in read_benchmark("xquad", tmp_path)}
    assert len(pairs) == 4
    crossed = pairs["context-zh-question-en"]
    assert (crossed.question, crossed.context, crossed.answers[0].text) == ("Who?", "康德写", "康德")


def test_xquad_files_must_be_parallel(tmp_path: Path, write_squad: Write, make_example: Make) -> None:
    write_squad("xquad.en.json", [make_example("a", "by Kant", "Kant"), make_example("b", "Lyon", "Lyon")])
    write_squad("xquad.zh.json", [make_example("a", "康德写", "康德")])
    with pytest.raises(InputError, match="only one of them has the question 'b'"):
        read_benchmark("xquad", tmp_path)


def test_real_xquad(shared_data: Path) -> None:
    pairs = read_benchmark("xquad", shared_data / "xquad")
    assert len(pairs) == 36
    assert {len(pair.examples) for pair in pairs} == {1190}


def test_the_embedded_sample_has_all_49_pairs() -> None:
    pairs = read_benchmark("mlqa", Path(__file__).parents[3] / "flows" / "sample" / "mlqa")
    assert len(pairs) == 49
    assert languages_of(pairs) == ["ar", "de", "en", "es", "hi", "vi", "zh"]


def test_squad_is_one_english_pair(write_squad: Write, make_example: Make) -> None:
    (pair,) = read_benchmark("squad", write_squad("dev-v1.1.json", [make_example("a", "Lyon", "Lyon")]))
    assert pair.name == "context-en-question-en"


def test_tydiqa_languages_are_read_from_ids(write_squad: Write, make_example: Make) -> None:
    keys = ["finnish-1-0", "indonesian-7-1", "finnish-2-0", "english-3-0"]
    path = write_squad("tydiqa.json", [make_example(key, "Lyon", "Lyon") for key in keys])
    pairs = read_benchmark("tydiqa", path)
    assert [(pair.context_language, len(pair.examples)) for pair in pairs] == [
        ("en", 1),
        ("fi", 2),
        ("id", 1),
    ]
    assert all(pair.context_language == pair.question_language for pair in pairs)


def test_a_folder_of_tydiqa_counts_each_question_once(
    tmp_path: Path, write_squad: Write, make_example: Make
) -> None:
    one = make_example("korean-1-0", "Lyon", "Lyon")
    write_squad("dev/tydiqa-goldp-v1.1-dev.json", [one, make_example("telugu-1-0", "Lyon", "Lyon")])
    write_squad("dev/tydiqa-goldp-dev-korean.json", [one])
    write_squad("tydiqa-goldp-v1.1-train.json", [make_example("arabic-1-0", "Lyon", "Lyon")])
    assert [len(pair.examples) for pair in read_benchmark("tydiqa", tmp_path)] == [1, 1]


@pytest.mark.parametrize("key", ["klingon-1", "finnish"])
def test_an_id_without_a_language_of_tydiqa_is_refused(
    write_squad: Write, make_example: Make, key: str
) -> None:
    path = write_squad("tydiqa.json", [make_example(key, "Lyon", "Lyon")])
    with pytest.raises(InputError, match=f"'{key}' does not begin with a language of TyDiQA"):
        read_benchmark("tydiqa", path)


@pytest.mark.parametrize("name", ["mlqa", "xquad", "tydiqa", "squad"])
def test_an_empty_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"; (give|check) "):
        read_benchmark(name, tmp_path)


@pytest.mark.parametrize("content", ["", "{", '{"data": []}'])
def test_a_bad_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "test-context-en-question-en.json").write_text(content)
    with pytest.raises(InputError, match=r"test-context-en-question-en\.json"):
        read_benchmark("mlqa", tmp_path)


def test_a_limit_draws_the_same_questions_in_every_language(shared_data: Path) -> None:
    pairs = limited(read_benchmark("xquad", shared_data / "xquad"), 7)
    assert len(pairs) == 36
    (ids,) = {tuple(sorted(example.id for example in pair.examples)) for pair in pairs}
    assert len(ids) == 7


def test_a_limit_leaves_the_order_and_what_is_smaller(write_squad: Write, make_example: Make) -> None:
    path = write_squad("dev.json", [make_example(str(n), "Lyon", "Lyon") for n in range(9)])
    pairs = read_benchmark("squad", path)
    (some,) = limited(pairs, 4)
    ids = [example.id for example in some.examples]
    assert ids == sorted(ids)
    assert len(ids) == 4
    assert limited(pairs, 0) == limited(pairs, 9) == pairs


def test_an_archive_of_the_repository_is_read_as_its_folder(
    tmp_path: Path, write_squad: Write, make_example: Make
) -> None:
    write_squad("xquad-master/xquad.en.json", [make_example("1", "Lyon", "Lyon")])
    assert [pair.name for pair in read_benchmark("xquad", tmp_path)] == ["context-en-question-en"]


def test_what_macos_adds_to_archives_is_passed_over(
    tmp_path: Path, write_squad: Write, make_example: Make
) -> None:
    write_squad("tydiqa-goldp-v1.1-dev.json", [make_example("korean-1-0", "Lyon", "Lyon")])
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "._tydiqa-goldp-v1.1-dev.json").write_bytes(b"\x00\x05")
    assert [len(pair.examples) for pair in read_benchmark("tydiqa", tmp_path)] == [1]


def test_squad_is_found_in_its_folder(tmp_path: Path, write_squad: Write, make_example: Make) -> None:
    write_squad("dev-v1.1.json", [make_example("1", "Lyon", "Lyon")])
    write_squad("train-v1.1.json", [make_example("2", "Lyon", "Lyon")])
    assert [example.id for pair in read_benchmark("squad", tmp_path) for example in pair.examples] == ["1"]


def test_of_two_files_it_is_asked_which(tmp_path: Path, write_squad: Write, make_example: Make) -> None:
    for name in ("a.json", "b.json"):
        write_squad(name, [make_example("1", "Lyon", "Lyon")])
    with pytest.raises(InputError, match=r"2 JSON files that could be SQuAD's here; give dev-v1\.1\.json"):
        read_benchmark("squad", tmp_path)
