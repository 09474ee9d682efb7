"""What a run is asked for: checked, and refused with the valid choices, before anything is started."""

import json
import shutil
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import parameters
from flows.parameters import (
    ALL_SETS,
    SAMPLE,
    Benchmark,
    check_source,
    engine_by_language,
    parse_choice,
    parse_dev,
    parse_sets,
    resolve_data,
    resolve_source,
)
from model.spec import Preset
from storage.errors import EngineError, InputError, UsageError
from storage.silver import SilverSet
from storage.squad import read_squad
from tasks.mt.errors import UnknownPair
from tasks.mt.table import TableRow, write_table
from tasks.projection.rules import Rule
from tasks.scoring.benchmarks import read_benchmark


@pytest.fixture
def table(tmp_path: Path) -> str:
    """An engine for Spanish and Catalan."""
    path = tmp_path / "a=b.tsv"
    write_table(path, [TableRow("en", language, "red", "rojo") for language in ("es", "ca")])
    return f"table:{path}"


def test_the_sample_is_embedded() -> None:
    assert read_squad(Path(resolve_source(SAMPLE))).examples
    assert read_benchmark(Benchmark.MLQA, Path(resolve_data(SAMPLE)), "test")
    assert read_benchmark(Benchmark.TYDIQA, Path(resolve_data(SAMPLE, Benchmark.TYDIQA)), "")
    with pytest.raises(UsageError, match=r"^No sample of xquad is embedded; add --data with its folder"):
        resolve_data(SAMPLE, Benchmark.XQUAD)


@pytest.mark.parametrize("name", ["mine.json", "./sample", "https://host/x.json", "squad-v1.1-train", ""])
def test_anything_else_is_taken_as_it_is(name: str) -> None:
    assert resolve_source(name) == resolve_data(name) == name


@given(st.lists(st.sampled_from(ALL_SETS), min_size=1, max_size=8))
def test_sets_come_once_and_in_the_papers_order(wanted: list[SilverSet]) -> None:
    """Law: any order and repetition gives the same sets, in the order of `ALL_SETS`."""
    assert parse_sets([str(s) for s in wanted]) == [s for s in ALL_SETS if s in wanted]


@given(st.text())
def test_a_set_is_one_of_four_or_refused(name: str) -> None:
    """Law: there is no fifth name."""
    if name in {"tq", "tc", "tqc", "tall"}:
        assert parse_sets([name]) == [SilverSet(name)]
    else:
        with pytest.raises(UsageError, match=r"Unknown set .*; choose one of: tall, tc, tq, tqc\."):
            parse_sets(["tq", name])


def test_english_is_no_set_to_be_built() -> None:
    with pytest.raises(UsageError, match="Unknown set 'en'"):
        parse_sets(["en"])


def test_no_set_at_all() -> None:
    with pytest.raises(UsageError, match=r"No set was named; choose of: tq, tc, tqc, tall\."):
        parse_sets([])


@pytest.mark.parametrize(
    ("kind", "valid"),
    [(Benchmark, "mlqa, squad, tydiqa, xquad"), (Preset, "base, tiny"), (Rule, "best, paper")],
)
def test_choices_are_known_by_name_or_the_valid_ones_are_listed(kind: type[StrEnum], valid: str) -> None:
    assert [parse_choice(kind, str(value)) for value in kind] == list(kind)
    for name in ("", "other", str(next(iter(kind))).upper()):
        with pytest.raises(UsageError) as caught:
            parse_choice(kind, name)
        assert str(caught.value) == f"Unknown {kind.__name__.lower()} {name!r}; choose one of: {valid}."


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mlqa", (Benchmark.MLQA, "official")),
        ("squad:dev.json", (Benchmark.SQUAD, "dev.json")),
        ("xquad:C:/x", (Benchmark.XQUAD, "C:/x")),
        ("tydiqa:", (Benchmark.TYDIQA, "official")),
    ],
)
def test_questions_to_choose_by_have_a_benchmark_and_a_place(text: str, meant: tuple[Benchmark, str]) -> None:
    assert parse_dev(text) == meant


@pytest.mark.parametrize("text", [":dev.json", "MLQA"])
def test_questions_to_choose_by_of_no_benchmark(text: str) -> None:
    with pytest.raises(
        UsageError, match=r"Unknown benchmark .*; choose one of: mlqa, squad, tydiqa, xquad\."
    ):
        parse_dev(text)


def test_a_file_to_choose_by_without_its_benchmark_is_told_how_to_write_it() -> None:
    with pytest.raises(UsageError, match=r"write squad:data/mine\.json"):
        parse_dev("data/mine.json")


def test_one_engine_for_all_languages(table: str) -> None:
    """Even where the path of its file has an equals sign in it."""
    assert engine_by_language(table, ["es", "ca"]) == {"es": table, "ca": table}


def test_one_engine_for_each_language(table: str, tmp_path: Path) -> None:
    other = shutil.copy(table.removeprefix("table:"), tmp_path / "other.tsv")
    named = f"es={table},ca=table:{other}"
    assert engine_by_language(named, ["ca", "es"]) == {"ca": f"table:{other}", "es": table}


def test_settings_of_an_engine_are_no_language() -> None:
    assert engine_by_language("google?chars_per_s=5", ["es"]) == {"es": "google?chars_per_s=5"}
    assert engine_by_language("es=google?chars_per_s=5", ["es"]) == {"es": "google?chars_per_s=5"}


def test_a_language_named_twice_is_one(table: str) -> None:
    assert engine_by_language(table, ["es", "es"]) == {"es": table}


@pytest.mark.parametrize(
    ("engine", "languages", "sentence"),
    [
        ("{table}", [], r"No language .* add --languages, such as"),
        ("{table}", ["es", "en"], "English is the source"),
        ("gogle", ["es"], r"Unknown engine 'gogle'; choose one of: .*apertium.*table"),
        ("", ["es"], "Unknown engine ''"),
        ("es=gogle", ["es"], "Unknown engine 'gogle'"),
        ("es={table}", ["es", "ca"], r"No engine is named for 'ca'; write --engine ca=NAME"),
        ("es={table},garbage", ["es"], "--engine names 'garbage', which is none of the languages es"),
        ("es={table},de={table}", ["es"], "--engine names 'de', which is none of the languages es"),
        ("{table}", ["../x"], r"'\.\./x' is not the code of a language; write one such as es"),
        ("{table}", ["es", "ES"], "'ES' is not the code of a language"),
        ("table", ["es"], "needs the path of its file"),
        ("apertium:x", ["es"], "takes no argument"),
    ],
)
def test_engines_that_cannot_be_meant(table: str, engine: str, languages: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as caught:
        engine_by_language(engine.format(table=table), languages)
    assert caught.value.exit_code == 2


def test_a_language_that_the_engine_does_not_have(table: str) -> None:
    with pytest.raises(UnknownPair, match="'en' into 'xx'; choose a target of: ca, es") as caught:
        engine_by_language(table, ["es", "xx"])
    assert isinstance(caught.value, EngineError)
    assert caught.value.exit_code == 2


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        engine_by_language(f"table:{tmp_path / 'none.tsv'}", ["es"])


@pytest.mark.parametrize("source", [SAMPLE, "squad-v1.1-train", "https://example.org/squad.json"])
def test_sources_that_may_be_good(source: str) -> None:
    """What must be fetched first is judged when it is there."""
    check_source(source)


def test_a_local_source_is_read_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"data": []}))
    with pytest.raises(InputError, match="no answerable question"):
        check_source(str(path))


def test_a_large_source_may_be_left_to_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.json"
    path.write_text("{")
    monkeypatch.setattr(parameters, "CHECKED_BYTES", 0)
    check_source(str(path), whole=False)
    with pytest.raises(InputError, match="not valid JSON"):
        check_source(str(path))


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises((InputError, UsageError), match=r"none\.json"):
        check_source(str(tmp_path / "none.json"))
    with pytest.raises((InputError, UsageError), match=r"sqaud-v1\.1"):
        check_source("sqaud-v1.1")


def test_a_file_called_like_a_data_set_is_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("squad-v1.1-train").write_text("{")
    with pytest.raises(InputError, match="not valid JSON"):
        check_source("squad-v1.1-train")
