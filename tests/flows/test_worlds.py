"""Worlds in a plan: names stand for files, engines and encoders, and a small one runs from texts to report once."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.plan import Plan
from flows.plan_files import check_materials, check_plan, read_plan, spec_of
from flows.reproduce import reproduce
from flows.worlds import Site, benchmark_of, encoder_of, engines_of, english_of, named, source_of
from storage.errors import InputError
from tasks.laboratory import files
from tasks.laboratory.knobs import Knobs
from tasks.scoring import paper
from tasks.worlds import World

LABS = ["lab", "lab-close", "lab-fast", "lab-price", "lab-twins"]

TINY: dict[str, Any] = {
    "title": "A tiny world",
    "seeds": [1, 2, 3],
    "worlds": {
        "w": {
            "questions": 40, "test_questions": 4, "languages": ["qaa"], "pretraining_steps": 3,
            "checkpoints": [5, 6], "faults": {"lost": 0.5},
        }
    },
    "silver": {
        "s": {"source": "world:w", "languages": ["qaa"], "engine": "world:w?noise=0", "projection": "paper"}
    },
    "training": {"encoder": "world:w", "steps": 3, "batch_size": 4, "learning_rate": 1e-3},
    "systems": [
        {"system": "tc"},
        {"system": "laf-psa-en-all", "name": "tq-pairs", "training": {"same_answer_weight": 0.0}},
    ],
    "benchmarks": [{"benchmark": "mlqa", "data": "world:w"}],
}  # fmt: skip


@pytest.mark.parametrize("name", LABS)
def test_the_programs_laboratories_are_sound(name: str) -> None:
    plan = read_plan(name)
    check_materials(plan, name)
    (knobs,) = plan.worlds.values()
    assert len(plan.seeds) % len(knobs.checkpoints) == 0
    for row in plan.systems:
        spec = spec_of(plan, row, plan.seeds[0])
        assert spec.encoder.startswith("world:")
        # All rows learn from as many windows.
        windows = spec.batch_size * (2 if row.system.startswith("laf") else 1)
        assert windows == 32
        assert spec.steps == (1 if row.label == "zs-untrained" else 250)


def test_the_laboratory_has_table_2_and_three_controls() -> None:
    plan = read_plan("lab")
    labels = [row.label for row in plan.systems]
    assert labels == [*paper.TABLE_2, "tq-pairs", "tq-pairs-two", "tq-pairs-updates"]
    pairs, two, updates = (spec_of(plan, row, 1) for row in plan.systems[-3:])
    assert (pairs.same_answer_weight, pairs.answer_updates) == (0.0, 1)
    # As many as PSA makes of a batch, and as PSA+QS does.
    assert (two.same_answer_weight, two.answer_updates) == (0.0, 2)
    assert (updates.same_answer_weight, updates.answer_updates) == (0.0, 3)
    assert set(read_plan("lab-fast").worlds["lab"].texts()) == set(plan.worlds["lab"].texts())


def test_prices_are_paid_by_sets_that_differ_in_lost_marks_alone() -> None:
    plan = read_plan("lab-price")
    engines = {silver.engine for silver in plan.silver.values()}
    assert len(engines) * 2 == len(plan.silver) == len(plan.systems) - 1
    assert {str(silver.projection) for silver in plan.silver.values()} == {"paper", "best"}
    assert "world:price?lost=0.76" in engines


CHANGES: list[tuple[dict[str, Any], str]] = [
    (
        {"silver": {"s": TINY["silver"]["s"] | {"source": "world:v"}}},
        r"silver\.s: Unknown world of the plan 'v'",
    ),
    (
        {"silver": {"s": TINY["silver"]["s"] | {"engine": "world:v"}}},
        r"silver\.s: Unknown world of the plan 'v'",
    ),
    ({"silver": {"s": TINY["silver"]["s"] | {"engine": "world:w?loss=1"}}}, r"silver\.s: Unknown option"),
    ({"silver": {"s": TINY["silver"]["s"] | {"languages": ["qzz"]}}}, r"silver\.s: .*'en' into 'qzz'.*qaa"),
    ({"training": {"encoder": "world:v"}}, r"systems no\. 1 \(tc\): Unknown world of the plan 'v'"),
    (
        {"benchmarks": [{"benchmark": "mlqa", "data": "world:v"}]},
        r"benchmarks no\. 1 \(mlqa\): Unknown world of the plan 'v'",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), CHANGES)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check_plan(Plan.model_validate(TINY | change), "tiny")


def test_names_stand_for_what_was_made() -> None:
    knobs = Knobs(noise=0.1)
    sites = {"w": Site(knobs, World("i", Path("/store/worlds/i"), "c"), [Path("/e/0"), Path("/e/1")])}
    assert (named("world:w"), named("mlqa")) == ("w", "")
    assert source_of("world:w", sites) == "/store/worlds/i/train.json"
    assert source_of("squad.json", sites) == "squad.json"
    assert benchmark_of("world:w", sites) == "/store/worlds/i"
    plain = "laboratory:/store/worlds/i/world.json?noise=0.1&lost=0&split=0&moved=0"
    assert engines_of("world:w", sites) == plain
    assert engines_of("qaa=world:w,qab=world:w?lost=0.5,es=apertium", sites) == (
        f"qaa={plain},qab={plain.replace('lost=0', 'lost=0.5')},es=apertium"
    )
    assert [encoder_of("world:w", sites, [7, 8, 9], seed) for seed in (7, 8, 9)] == ["/e/0", "/e/1", "/e/0"]
    assert encoder_of("bert", sites, [7], 7) == "bert"


def test_english_of_a_world_is_not_called_squad() -> None:
    assert english_of("world:w") == "English of the world w"
    assert [english_of(source) for source in ("sample", "squad-v1.1-train")] == ["SQuAD v1.1"] * 2


@pytest.mark.prefect
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("prefect")
def test_a_world_runs_from_texts_to_report_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.worlds.world_files", lambda knobs: files.world_files(knobs, 40))
    store = tmp_path / "store"
    plan = Plan.model_validate(TINY)
    first = reproduce(plan, store=str(store), workers=2)
    assert (first["trained"], first["evaluated"], first["failed"]) == (6, 6, [])
    (manifest,) = store.glob("snapshots/squad-tc/*/manifest.json")
    rows = json.loads(manifest.read_text())["statistics"]["table1"]["pairs"]
    # Of 40 contexts about half lost their marks, and the paper's rule dropped them.
    assert 40 + 8 < rows < 40 + 32
    specs = [json.loads(path.read_text())["spec"] for path in store.glob("models/*/training.json")]
    by_seed = {spec["seed"]: spec["encoder"] for spec in specs}
    assert by_seed[1] == by_seed[3] != by_seed[2]
    assert {spec["steps"] for spec in specs} == {3}
    first_table, *_ = json.loads(Path(first["path"]).with_name("report.json").read_text())["tables"]
    sets = [row["set"] for row in first_table["rows"] if row["from"] == "here"]
    assert sets[0] == "English of the world w"
    again = reproduce(plan, store=str(store), workers=2)
    assert (again["trained"], again["evaluated"], again["report"]) == (0, 0, first["report"])
