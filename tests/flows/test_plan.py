"""Plans: those that come with the program, what a row is trained with, and every mistake told with its place."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

import pytest

from flows.cli import run
from flows.parameters import SAMPLE_FOLDER
from flows.plan import Plan, System, Training
from flows.plan_files import check_materials, plan_text, read_plan, spec_of
from flows.reproduce import cell_of, wanted_of
from model.spec import TrainSpec
from model.systems import SYSTEMS, TYDIQA_LANGUAGES
from storage.errors import InputError, UsageError
from storage.silver import SilverSet
from storage.snapshots import Snapshot
from tasks.answering import Trial
from tasks.reproduction import GridIncomplete
from tasks.scoring import paper
from tasks.scoring.benchmarks import read_benchmark

Capture = pytest.CaptureFixture[str]

SOUND: dict[str, Any] = {
    "title": "t",
    "seeds": [1, 2],
    "silver": {"s": {"languages": ["es"], "engine": "sample", "source": "sample"}},
    "training": {"preset": "tiny"},
    "systems": [{"system": "zs"}, {"system": "tq"}],
    "benchmarks": [{"benchmark": "mlqa", "data": "sample"}],
}


def written(folder: Path, plan: dict[str, Any]) -> str:
    """The plan as TOML, whose inline tables are JSON but for the colon."""
    path = folder / "plan.toml"
    path.write_text("\n".join(f"{name} = {_toml(value)}" for name, value in plan.items()), encoding="utf-8")
    return str(path)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return repr(value).lower() if isinstance(value, bool) else repr(value)


def test_the_sample_has_all_eleven_systems_and_two_seeds() -> None:
    plan = read_plan("sample")
    check_materials(plan, "sample")
    assert [row.label for row in plan.systems] == list(paper.TABLE_2)
    assert len(plan.seeds) == 2
    assert all(spec_of(plan, row, 1).preset == "tiny" for row in plan.systems)


def test_the_paper_is_the_papers() -> None:
    plan = read_plan("paper")
    mlqa, tydiqa = plan.benchmarks
    assert [row.label for row in plan.systems] == list(SYSTEMS)
    assert [row.label for row in plan.rows_of(mlqa)] == list(paper.TABLE_2)
    assert [row.label for row in plan.rows_of(tydiqa)] == [row.system for row in paper.TABLE_5]
    assert len(plan.seeds) == 3
    assert plan.silver["tydiqa"].languages == list(TYDIQA_LANGUAGES)
    for row in plan.systems:
        spec = spec_of(plan, row, 1)
        assert (spec.learning_rate, spec.max_length, spec.doc_stride) == (3e-5, 384, 128)
        assert spec.epochs == (2 if row.system == "zs" else 1)
        assert spec.encoder == "bert-base-multilingual-cased"


def test_a_plan_has_every_setting_of_a_training() -> None:
    """Whatever changes a reader can be asked for, but for what the plan says elsewhere."""
    elsewhere = {"system", "snapshots", "languages", "seed", "dev", "eval_interval"}
    settings = {f.name for f in fields(TrainSpec) if not f.metadata.get("operational")}
    assert set(Training.model_fields) == settings - elsewhere


def test_settings_of_all_go_to_the_systems_that_have_them() -> None:
    """A row's own settings come last, and count even where its system has them not."""
    given = SOUND | {
        "training": {"preset": "tiny", "schedule": "joint", "epochs": 2},
        "systems": [
            {"system": "tq", "name": "tq-long", "training": {"epochs": 5}},
            {"system": "at-en-all"},
            {"system": "laf-psa-en-all", "name": "tq-pairs", "training": {"same_answer_weight": 0.0}},
        ],
    }
    plan = Plan.model_validate(given)
    long, at, pairs = (spec_of(plan, row, 7) for row in plan.systems)
    assert (long.epochs, long.schedule, long.seed) == (5, "faithful", 7)
    assert (at.epochs, at.schedule) == (2, "joint")
    assert (pairs.schedule, pairs.same_answer_weight) == ("joint", 0.0)
    with pytest.raises(UsageError, match="'tq' has no schedule"):
        spec_of(plan, System(system="tq", training=Training.model_validate({"schedule": "joint"})), 1)


def test_a_row_trains_on_its_own_set_and_is_put_to_its_own_benchmarks() -> None:
    given = SOUND | {
        "systems": [{"system": name} for name in ("zs", "tq", "tc", "tall")],
        "benchmarks": [
            {"benchmark": "mlqa", "data": "sample"},
            {"benchmark": "tydiqa", "data": "sample", "systems": ["tq"]},
        ],
    }
    plan = Plan.model_validate(given)
    sets = {s: Snapshot(f"squad-{s}", str(s), {}) for s in (SilverSet.TQ, SilverSet.TALL)}
    trials = [Trial("", exam.benchmark, exam.path) for exam in plan.benchmarks]
    cells = [cell_of(plan, row, 1, sets, trials) for row in plan.systems]
    assert [cell.snapshot.id for cell in cells] == ["tall", "tq", "tall", "tall"]
    assert [len(cell.trials) for cell in cells] == [1, 2, 1, 1]
    assert wanted_of(plan) is None


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"seed": [1]}, r"seed: extra inputs are not permitted; correct it\."),
    ({"seeds": []}, r"seeds: list should have at least 1 item"),
    ({"seeds": ["one"]}, r"seeds, no\. 1: input should be a valid integer"),
    ({"seeds": [1, 2, 1]}, r"seeds: The seed '1' stands twice"),
    ({"seeds": [1, -1]}, r"systems no\. 1 \(zs\): The field 'seed' of the job spec must not be negative"),
    ({"systems": [{"system": "zs"}, {"sistem": "tq"}]}, r"systems, no\. 2, system: field required"),
    (
        {"systems": [{"system": "zs"}, {"system": "tz"}]},
        r"systems no\. 2 \(tz\): Unknown system 'tz'; choose one of:",
    ),
    (
        {"systems": [{"system": "tq", "languages": ["de"]}]},
        r"no\. 1 \(tq\): Unknown language of its silver data 'de'",
    ),
    ({"systems": [{"system": "at-en-zh"}]}, r"no\. 1 \(at-en-zh\): The system .* name exactly one"),
    ({"systems": [{"system": "tq-tydiqa"}]}, r"Unknown language of its silver data 'ar'"),
    (
        {"systems": [{"system": "tq", "silver": "z"}]},
        r"Unknown silver data of the plan 'z'; choose one of: s\.",
    ),
    (
        {"systems": [{"system": "tq"}, {"system": "tc", "name": "tq"}]},
        r"no\. 2 \(tq\): The name 'tq' stands twice",
    ),
    ({"systems": [{"system": "tq"}, {"system": "tq", "name": "x"}]}, r"\(x\): It is trained just as 'tq' is"),
    ({"systems": [{"system": "tq", "training": {"epochs": 0}}]}, r"'epochs' .* must be at least 1"),
    ({"systems": [{"system": "tq", "training": {"schedule": "joint"}}]}, r"'tq' has no schedule"),
    ({"training": {"preset": "huge"}}, r"training, preset: input should be 'tiny' or 'base'"),
    (
        {"silver": {"s": {"languages": ["es"], "sets": ["tc"]}}},
        r"\(tq\): It trains on the set tq, which silver\.s",
    ),
    ({"silver": {"s": {"languages": ["es"], "filters": "nonsense=on"}}}, r"silver\.s: .*nonsense"),
    (
        {"benchmarks": [{"benchmark": "glue"}]},
        r"benchmarks, no\. 1, benchmark: input should be 'mlqa', 'xquad'",
    ),
    (
        {"benchmarks": [{"benchmark": "mlqa", "systems": ["tc"]}]},
        r"benchmarks no\. 1 \(mlqa\): Unknown system of the",
    ),
    (
        {"benchmarks": [{"benchmark": "squad"}] * 2},
        r"benchmarks no\. 2 \(squad\): The benchmark 'squad test' stands twice",
    ),
    (
        {"invariance": {"systems": ["tc"]}},
        r"invariance: Unknown system of the plan 'tc'; choose one of: tq, zs",
    ),
    ({"invariance": {"seeds": [3]}}, r"invariance: Unknown seed of the plan '3'"),
    ({"claims": [{"says": "s", "better": "tq"}]}, r"claims, no\. 1, than: "),
    (
        {"claims": [{"says": "s", "better": "tq", "than": "zs", "papre": 1}]},
        r"claims, no\. 1, papre: unexpected keyword argument",
    ),
    (
        {"claims": [{"says": "They help", "better": "tq", "than": "tc"}]},
        r"claims no\. 1 \(They help\): Unknown system of the plan 'tc'; choose one of: tq, zs",
    ),
    (
        {"claims": [{"says": "s", "better": "tq", "than": "zs", "controls": ["tq"]}]},
        r"claims no\. 1 \(s\): The system 'tq' stands twice",
    ),
    (
        {"twins": [{"of": "tq", "twin": "x", "says": "s"}]},
        r"twins no\. 1 \(s\): Unknown system of the plan 'x'",
    ),
    (
        {"twins": [{"of": "tq", "twin": "zs", "says": "s", "bound": 1}]},
        r"A bound is of one figure; name that",
    ),
    (
        {"price": {"x": "s", "lines": [{"name": "full", "points": [[0.5, "tq"], [0.5, "zs"]]}]}},
        r"price, lines no\. 1 \(full\): The share '0\.5' stands twice",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), CHANGES)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    path = written(tmp_path, SOUND | change)
    with pytest.raises(InputError, match=sentence) as caught:
        read_plan(path)
    assert str(caught.value).startswith(f"The plan {path}, ")
    assert "\n" not in str(caught.value)


def test_a_sound_plan_is_read(tmp_path: Path) -> None:
    plan = read_plan(written(tmp_path, SOUND))
    check_materials(plan, "it")
    assert plan == Plan.model_validate(SOUND)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"silver": {"s": {"languages": ["xx"], "engine": "sample"}}}, r"silver\.s: .*'xx'"),
        ({"silver": {"s": {"languages": ["es"], "engine": "gogle"}}}, r"silver\.s: Unknown engine 'gogle'"),
        (
            {"silver": {"s": {"languages": ["es"], "engine": "sample", "source": "no.json"}}},
            r"silver\.s: .*no\.json",
        ),
        ({"benchmarks": [{"benchmark": "mlqa", "data": "nowhere"}]}, r"benchmarks no\. 1 \(mlqa\): nowhere"),
        (
            {"benchmarks": [{"benchmark": "mlqa", "data": "sample", "languages": ["fr"]}]},
            r"language of mlqa 'fr'",
        ),
    ],
)
def test_materials_that_cannot_be_used(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check_materials(Plan.model_validate(SOUND | change), "it")


@pytest.mark.parametrize("text", ["seeds = [1", "= 3", "a = 1\na = 2", "x = " + "[" * 20_000])
def test_a_file_that_is_no_toml(text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"plan\.toml is not valid TOML"):
        read_plan(str(path))


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError,
        match=r"Unknown plan 'lib'; choose one of: lab, lab-close, .*, paper, sample, the path of a TOML file",
    ):
        read_plan("lib")
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        read_plan(str(tmp_path / "none.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"bytes\.toml: cannot be read"):
        read_plan(str(tmp_path / "bytes.toml"))


@pytest.mark.parametrize("name", ["sample", "paper"])
def test_show_prints_a_plan_that_can_be_given_again(name: str, tmp_path: Path, capsys: Capture) -> None:
    assert run(["reproduce", "--plan", name, "--show"]) == 0
    copy = tmp_path / "mine.toml"
    copy.write_text(capsys.readouterr().out)
    assert read_plan(str(copy)) == read_plan(name)
    assert tomllib.loads(plan_text(name))["seeds"] == read_plan(name).seeds


def test_bad_plans_and_workers_end_the_command(tmp_path: Path, capsys: Capture) -> None:
    assert run(["reproduce", "--plan", written(tmp_path, SOUND | {"seeds": []})]) == 1
    assert run(["reproduce", "--plan", "lib"]) == 2
    assert run(["reproduce", "--plan", "sample", "--workers", "-1"]) == 2
    assert capsys.readouterr().err.count("\n") == 3


RESULT = {
    "report": "r1",
    "path": "p",
    "reports": {"mlqa": "p"},
    "found": ["Best is T(Q)."],
    "trained": 3,
    "evaluated": 4,
    "reused": 5,
}


def test_a_grid_that_was_not_finished_is_told_with_what_was(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Exit code 1 and a sentence on standard error; the result stands on standard output all the same."""

    def failing(*_: object, **__: object) -> NoReturn:
        raise GridIncomplete([], RESULT)

    monkeypatch.setattr("flows.reproduce.reproduce", failing)
    assert run(["reproduce", "--plan", "sample", "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out.splitlines()[-1]) == RESULT
    assert "cells failed, run again" in told.err


def test_what_was_made_is_told_to_people(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("flows.reproduce.reproduce", lambda *_, **__: RESULT)
    assert run(["reproduce", "--plan", "sample"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 trained and 4 evaluated in this run, 5 found done",
        "Best is T(Q).",
        "Report on mlqa  p",
    ]


def test_the_embedded_tydiqa_has_all_nine_languages() -> None:
    pairs = read_benchmark("tydiqa", SAMPLE_FOLDER / "tydiqa")
    assert {pair.context_language for pair in pairs} == set(paper.TYDIQA_LANGUAGES)
    assert all(len(pair.examples) == 4 for pair in pairs)
