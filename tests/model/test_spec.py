"""Job specs: strict reading, settled values, identities without operational fields."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ablations import ABLATIONS_OF
from model.spec import SETTINGS_OF, Precision, PredictSpec, Preset, TrainSpec, read_spec
from model.systems import SYSTEMS, Objective
from storage.errors import InputError, UsageError

MINIMAL = {"system": "tq", "files": ["a.parquet"], "output": "out"}
PREDICT = {"model": "m", "questions": "q.parquet", "output": "p.parquet"}

operational = st.fixed_dictionaries(
    {
        "files": st.lists(st.text(min_size=1), min_size=1),
        "output": st.text(),
        "device": st.sampled_from(["auto", "cpu", "cuda:1"]),
        "threads": st.integers(0, 64),
        "log_interval": st.integers(0, 1000),
        "encoder_path": st.text(),
        "dev_files": st.lists(st.text(min_size=1)),
        "processes": st.integers(0, 8),
        "max_batch_tokens": st.integers(1, 10**6),
        "checkpoints": st.text(),
        "checkpoint_interval": st.integers(0, 1000),
        "feature_cache": st.text(),
        "tensorboard": st.text(),
        "compile": st.booleans(),
    }
)


@given(operational)
def test_operational_fields_stay_out_of_the_identity(changes: dict[str, Any]) -> None:
    """Law: the identity does not change with how or where a training runs."""
    base = TrainSpec.from_json({**MINIMAL, "encoder": "some-encoder"})
    assert set(changes) == {f.name for f in fields(TrainSpec) if f.metadata.get("operational")}
    changed = TrainSpec.from_json({**MINIMAL, "encoder": "some-encoder", **changes})
    assert changed.identity() == base.identity()


OTHER_VALUES: dict[str, Any] = {
    "system": "tc",
    "snapshots": ["id"],
    "languages": ["de"],
    "preset": "tiny",
    "encoder": "xlm-roberta-base",
    "encoder_revision": "abc",
    "seed": 1,
    "epochs": 2,
    "batch_size": 8,
    "learning_rate": 1e-4,
    "weight_decay": 0.01,
    "warmup_ratio": 0.0,
    "max_length": 256,
    "doc_stride": 64,
    "precision": "bfloat16",
    "eval_interval": 100,
    "dev": ["a name"],
    "schedule": "joint",
    "question_vector": "cls",
    "adversarial_weight": 0.5,
    "discriminator_learning_rate": 1e-4,
    "translation_weight": 0.5,
    "same_answer_weight": 0.5,
    "similarity_weight": 0.5,
    "steps": 250,
    "answer_updates": 3,
    "ablation": "adversarial-flipped",
}


def test_every_other_field_changes_the_identity() -> None:
    assert set(OTHER_VALUES) == {f.name for f in fields(TrainSpec) if not f.metadata.get("operational")}
    for name, value in OTHER_VALUES.items():
        plain = {
            **MINIMAL,
            "system": "at-en-all" if name.startswith(("ad", "ab", "di")) else "laf-psa-qs-en-all",
        }
        base = TrainSpec.from_json(plain)
        assert TrainSpec.from_json({**plain, name: value}).identity() != base.identity(), name


def value_for(name: str, objective: Objective) -> Any:
    """Not every objective can be broken in every way."""
    return str(ABLATIONS_OF[objective][0]) if name == "ablation" else OTHER_VALUES[name]


def test_a_later_field_is_in_the_identity_only_where_it_is_set() -> None:
    """So readers that were named before it came keep their names."""
    plain = TrainSpec.from_json({**MINIMAL, "system": "laf-psa-qs-en-all"})
    set_ones = {"steps": 250, "answer_updates": 3, "ablation": "labels-unshifted"}
    assert not set_ones.keys() & plain.identity().keys()
    changed = TrainSpec.from_json({**plain.to_json(), **set_ones})
    assert changed.identity() == {**plain.identity(), **set_ones}


def test_what_cannot_be_broken_so_is_refused() -> None:
    with pytest.raises(
        UsageError, match="Unknown ablation of at-en-all 'labels-unshifted'; choose one of: adv"
    ):
        TrainSpec.from_json({**MINIMAL, "system": "at-en-all", "ablation": "labels-unshifted"})
    with pytest.raises(UsageError, match=r"'answer_updates' .* must be 1 where the schedule is joint"):
        TrainSpec.from_json({**MINIMAL, "system": "laf-psa-en-all", "schedule": "joint", "answer_updates": 2})


@pytest.mark.parametrize("name", SETTINGS_OF)
def test_a_setting_belongs_to_the_systems_that_have_it(name: str) -> None:
    for system in SYSTEMS.values():
        languages = ["zh"] if system.languages == "named" else []
        spec = {**MINIMAL, "system": system.name, "languages": languages, name: OTHER_VALUES[name]}
        if system.objective in SETTINGS_OF[name]:
            spec[name] = value_for(name, system.objective)
            assert TrainSpec.from_json(spec).to_json()[name] == spec[name]
        else:
            with pytest.raises(UsageError, match=f"'{system.name}' has no {name}; leave it out"):
                TrainSpec.from_json(spec)


def test_at_and_laf_settle_what_the_paper_found_best() -> None:
    adversarial = TrainSpec.from_json({**MINIMAL, "system": "at-en-all", "learning_rate": 1e-4})
    similar = TrainSpec.from_json({**MINIMAL, "system": "laf-psa-qs-en-all"})
    alike = TrainSpec.from_json({**MINIMAL, "system": "laf-psa-en-all"})
    assert [s.question_vector for s in (adversarial, similar, alike)] == ["cls", "average", ""]
    assert adversarial.discriminator_learning_rate == 1e-4
    assert {s.schedule for s in (adversarial, similar, alike)} == {"faithful"}


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_settled_spec_settles_on_itself(name: str) -> None:
    languages = ["zh"] if SYSTEMS[name].languages == "named" else []
    spec = TrainSpec.from_json({**MINIMAL, "system": name, "languages": languages})
    assert TrainSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert replace(spec, output="elsewhere").identity() == spec.identity()


def test_a_prediction_is_identified_by_what_changes_answers() -> None:
    assert PredictSpec.from_json(PREDICT).identity() == {
        "job": "predict",
        "max_length": 384,
        "doc_stride": 128,
        "max_answer_tokens": 30,
        "n_best": 5,
        "precision": "float32",
        "logic": 1,
    }


@pytest.mark.parametrize("spec", [TrainSpec.from_json(MINIMAL), PredictSpec.from_json(PREDICT)])
def test_specs_survive_json(spec: TrainSpec | PredictSpec) -> None:
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_the_preset_fills_in_what_the_spec_leaves_out() -> None:
    base = TrainSpec.from_json(MINIMAL)
    assert (base.preset, base.encoder, base.learning_rate) == (
        Preset.BASE,
        "bert-base-multilingual-cased",
        3e-5,
    )
    tiny = TrainSpec.from_json({**MINIMAL, "preset": "tiny"})
    assert (tiny.encoder, tiny.learning_rate, tiny.precision) == ("", 1e-3, Precision.FLOAT32)
    assert (base.threads, tiny.threads) == (0, 1)


def test_languages_are_a_set_without_english() -> None:
    spec = TrainSpec.from_json({**MINIMAL, "languages": ["zh", "en", "de", "zh"]})
    assert spec.languages == ("de", "zh")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sytem": "tq"}, "Unknown field of a train spec 'sytem'"),
        ({"system": "gpt"}, "Unknown system 'gpt'"),
        ({"preset": "huge"}, "Unknown preset 'huge'"),
        ({"preset": ["tiny"]}, "Unknown preset"),
        ({"seed": True}, "'seed'.*type int"),
        ({"seed": -1}, "'seed'.*negative"),
        ({"epochs": 0}, "'epochs'.*at least 1"),
        ({"files": "a.parquet"}, "'files'.*list of strings"),
        ({"files": []}, "'files'.*at least one"),
        ({"learning_rate": float("nan")}, "'learning_rate'"),
        ({"warmup_ratio": 2}, "'warmup_ratio'"),
        ({"max_length": 128}, "'max_length'.*doc_stride"),
        ({"preset": "tiny", "encoder": "x"}, "tiny preset brings its own"),
        ({"encoder_path": "here"}, "encoder_path needs an encoder"),
        ({"system": "zs", "languages": ["de"]}, "English alone"),
        ({"system": "at-en-zh"}, "exactly one"),
        ({"schedule": "both"}, r"Unknown schedule 'both'.*faithful, joint"),
        ({"schedule": "joint"}, "'tq' has no schedule"),
        ({"system": "at-en-all", "question_vector": "max"}, r"'max'.*average, cls, cls-sep"),
        ({"system": "at-en-all", "adversarial_weight": -1}, "'adversarial_weight'.*negative"),
        (
            {"system": "at-en-all", "discriminator_learning_rate": float("inf")},
            "'discriminator_learning_rate'",
        ),
        ({"processes": -1}, "'processes'.*negative"),
        ({"max_batch_tokens": 0}, "'max_batch_tokens'.*at least 1"),
    ],
)
def test_a_wrong_field_is_refused_in_one_sentence(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        TrainSpec.from_json({**MINIMAL, **change})
    assert "\n" not in str(caught.value)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(UsageError, match="predict spec lacks the field 'model'"):
        PredictSpec.from_json({"questions": "q", "output": "o"})


def test_a_spec_file_says_which_job_it_is(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({"job": "predict", **PREDICT}))
    assert read_spec(path) == PredictSpec.from_json(PREDICT)
    path.write_text(json.dumps({"job": "dance"}))
    with pytest.raises(UsageError, match=r"Unknown job 'dance'.*predict, pretrain, train"):
        read_spec(path)


@pytest.mark.parametrize("content", ["{", "[]", "\ufeff"])
def test_a_spec_file_that_is_no_object_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "spec.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"spec\.json"):
        read_spec(path)
    with pytest.raises(InputError, match=r"none\.json.*No such file"):
        read_spec(tmp_path / "none.json")
