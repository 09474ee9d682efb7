"""Training as a whole: reproducible, recorded, and refusing what cannot work."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from model.progress import Progress, Stage
from model.record import Source, read_record, render_card
from model.spec import TrainSpec
from model.training import train
from storage.errors import InputError, UsageError

Row = dict[str, Any]
Specify = Callable[..., TrainSpec]


@pytest.fixture
def specify(toy_rows: list[Row], write_rows: Callable[..., Path], tmp_path: Path) -> Specify:
    def make(output: str = "reader", rows: list[Row] = toy_rows, **changes: Any) -> TrainSpec:
        files = [str(write_rows(rows, f"{output}.parquet"))]
        base = {
            "system": "zs",
            "files": files,
            "output": str(tmp_path / output),
            "preset": "tiny",
            "batch_size": 8,
        }
        return TrainSpec.from_json({**base, **changes})

    return make


def digest(folder: str) -> str:
    return hashlib.sha256((Path(folder) / "model.safetensors").read_bytes()).hexdigest()


def test_the_same_spec_gives_the_same_weights(specify: Specify) -> None:
    one, two, other = specify("one", epochs=2), specify("two", epochs=2), specify("other", epochs=2, seed=1)
    for spec in (one, two, other):
        train(spec)
    assert digest(one.output) == digest(two.output)
    assert digest(one.output) != digest(other.output)


def test_the_record_holds_what_was_done(
    specify: Specify, make_row: Callable[..., Row], toy_rows: list[Row]
) -> None:
    bad = [make_row("bad-1", start=2), make_row("bad-2", context="a \u200b b", answer="\u200b")]
    spec = specify(rows=[*toy_rows, *bad], epochs=3, log_interval=2)
    record = train(spec)
    written = json.loads((Path(spec.output) / "training.json").read_text(encoding="utf-8"))
    assert written["spec"] == spec.identity()
    assert (written["rows"], written["features"], written["steps"]) == (16, 16, 6)
    assert written["dropped"] == {"answer-not-at-offset": 1, "answer-without-tokens": 1}
    assert written["parts"] == {"en.en-en": 17}
    assert [step for step, _ in written["curve"]] == [2, 4, 6]
    assert written["seconds"] > 0
    assert written["samples_per_s"] > 0
    assert written["features_without_answer"] == 0
    assert record.summary()["loss"] == written["curve"][-1][1]


def test_progress_comes_in_order_and_reaches_its_end(specify: Specify) -> None:
    events: list[Progress] = []
    train(specify(epochs=2), events.append)
    assert [event.stage for event in events] == [Stage.FEATURES] * 2 + [Stage.TRAIN] * 4
    assert all(event.loss is not None for event in events if event.stage is Stage.TRAIN)
    assert (events[-1].done, events[-1].total) == (4, 4)


def test_long_contexts_train_with_windows_labelled_cls(
    specify: Specify, make_row: Callable[..., Row]
) -> None:
    context = "Ben ran home . " * 12 + "Ada wrote it."
    record = train(specify(rows=[make_row(context=context)], max_length=32, doc_stride=8))
    assert record.rows == 1
    assert record.features_without_answer == record.features - 1 > 1


def test_the_card_is_valid_for_the_hub(specify: Specify) -> None:
    spec = specify()
    record = train(spec)
    card = (Path(spec.output) / "README.md").read_text(encoding="utf-8")
    assert card == render_card(spec, record)
    _, front, body = card.split("---\n", 2)
    fields = yaml.safe_load(front)
    assert fields["pipeline_tag"] == "question-answering"
    assert fields["language"] == ["en"]
    assert "base_model" not in fields
    assert "plumbing, not quality" in body
    assert re.search(r"\| en\.en-en \| 16 \|", body)


def test_the_card_names_sources_figures_and_licences(specify: Specify) -> None:
    spec = specify(log_interval=1)
    record = train(spec)
    source = Source("squad-tq", "3fa9", {"es": "apertium 3.8"}, "CC BY-SA 4.0", "cc-by-sa-4.0")
    card = render_card(spec, read_record(Path(spec.output)), [source])
    assert yaml.safe_load(card.split("---\n", 2)[1])["license"] == "cc-by-sa-4.0"
    assert "| `squad-tq` | `3fa9` | es apertium 3.8 |" in card
    assert "- Rows of `squad-tq/3fa9`: CC BY-SA 4.0." in card
    assert f"| last loss | {record.curve[-1][1]:.4f} |" in card
    assert "One training, from seed 0" in card
    other = replace(source, hub_licence="")
    assert "license" not in yaml.safe_load(render_card(spec, record, [source, other]).split("---\n", 2)[1])


def test_a_record_is_read_as_it_was_written(specify: Specify) -> None:
    spec = specify(dev=["toy"], dev_files=list(specify().files))
    record = train(spec)
    assert read_record(Path(spec.output)) == record
    assert record.best_step == 2


def test_a_folder_with_something_in_it_is_left_alone(specify: Specify) -> None:
    spec = specify()
    Path(spec.output).mkdir()
    (Path(spec.output) / "thesis.txt").write_text("dear")
    with pytest.raises(UsageError, match="is not empty"):
        train(spec)
    assert [path.name for path in Path(spec.output).iterdir()] == ["thesis.txt"]


def test_an_output_that_cannot_be_a_folder_is_named(specify: Specify, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    spec = TrainSpec.from_json({**specify().to_json(), "output": str(tmp_path / "file")})
    with pytest.raises(UsageError, match="cannot be made"):
        train(spec)


def test_a_device_that_is_not_there_is_bad_usage(specify: Specify) -> None:
    with pytest.raises(UsageError, match="no device 'abacus'"):
        train(specify(device="abacus"))


def test_answers_without_any_token_cannot_train(specify: Specify, make_row: Callable[..., Row]) -> None:
    with pytest.raises(InputError, match="No answer of the training rows"):
        train(specify(rows=[make_row(context="a \u200b b", answer="\u200b")]))
