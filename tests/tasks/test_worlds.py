"""Worlds as steps: written once, pre-trained once, made again where bytes are lost."""

from pathlib import Path

import pytest
from prefect import flow
from transformers import AutoModelForQuestionAnswering

from storage.squad import read_squad
from storage.store import Store
from tasks.laboratory import files
from tasks.laboratory.knobs import Faults, Knobs
from tasks.mt.catalogue import open_engine
from tasks.scoring.benchmarks import read_benchmark
from tasks.worlds import World, here, made_world, pretrained

TINY = Knobs(
    questions=5, test_questions=2, languages=["qaa"], unseen=[], pretraining_steps=2, checkpoints=[1, 2]
)


@flow
def both(store: str, knobs: Knobs) -> tuple[World, list[Path]]:
    place = Store(store)
    world = made_world(place, knobs)
    return world, pretrained(place, world, knobs)[0]


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect")
def test_a_world_and_its_encoders_are_made_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "DOCUMENTS", 40)
    monkeypatch.setattr("tasks.worlds.world_files", lambda knobs: files.world_files(knobs, 40))
    world, encoders = both(store.url, TINY)
    assert len(read_squad(Path(world.source)).examples) == 5
    assert len(read_benchmark("mlqa", Path(world.benchmark))) == 4
    identity = open_engine(world.engine({"noise": "0.1", "lost": "0.5"})).identity("en", "qaa")
    assert (identity.options["noise"], identity.options["lost"]) == ("0.1", "0.5")
    assert len(encoders) == 2
    for folder in encoders:
        assert AutoModelForQuestionAnswering.from_pretrained(folder).config.vocab_size > 100
    written = {path: path.stat().st_mtime_ns for path in Path(store.root).rglob("*.safetensors")}
    # The engine's knobs change neither texts nor encoders.
    again = TINY.model_copy(update={"noise": 0.5, "faults": Faults(lost=0.5)})
    assert both(store.url, again) == (world, encoders)
    assert {path: path.stat().st_mtime_ns for path in written} == written
    (encoders[0] / "model.safetensors").unlink()
    assert both(store.url, TINY) == (world, encoders)
    assert (encoders[0] / "model.safetensors").exists()


def test_a_remote_world_is_copied_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.worlds.workshop", lambda _: tmp_path)
    remote = Store("memory://silverspan-worlds")
    remote.write("worlds/a/test/x.json", b"1")
    assert (here(remote, "worlds/a") / "test" / "x.json").read_bytes() == b"1"
