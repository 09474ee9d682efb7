"""A training that is killed and begun again ends with the weights of one that was not: real processes, real kills."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
import torch
from safetensors.torch import load_file

from model.checkpoints import STATE
from model.errors import CheckpointError, DivergedError
from model.meter import Meter
from model.schedules.plain import Plain
from model.spec import TrainSpec
from model.training import train

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

Row = dict[str, Any]
Specify = Callable[..., TrainSpec]


@pytest.fixture(scope="session")
def dropping_out(toy_reader: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder that draws random numbers in each step: without the generator's state no two halves fit."""
    folder = tmp_path_factory.mktemp("encoder") / "encoder"
    shutil.copytree(toy_reader, folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.2}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture
def specify(
    toy_rows: list[Row],
    make_row: Callable[..., Row],
    write_rows: Callable[..., Path],
    dropping_out: Path,
    tmp_path: Path,
) -> Specify:
    """AT on pretended Spanish: a reader and a discriminator, two optimizers, dropout."""
    spanish = [
        make_row(
            row["source_id"], "tq", "es-en", f"¿{row['question']}", row["context"], row["answers"]["text"][0]
        )
        for row in toy_rows
    ]
    files = [str(write_rows([*toy_rows, *spanish]))]

    def make(output: str, **changes: Any) -> TrainSpec:
        base = {
            "system": "at-en-all",
            "files": files,
            "output": str(tmp_path / output),
            "encoder": "dropping-out",
            "encoder_path": str(dropping_out),
            "precision": "float32",
            "learning_rate": 1e-3,
            "batch_size": 4,
            "epochs": 5,
            "threads": 1,
            "log_interval": 4,
        }
        return TrainSpec.from_json({**base, **changes})

    return make


def start(spec: TrainSpec, folder: Path) -> "subprocess.Popen[bytes]":
    path = folder / f"{Path(spec.output).name}.json"
    path.write_text(json.dumps(spec.to_json()))
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "model.job", str(path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=log
        )


def events(process: "subprocess.Popen[bytes]") -> list[dict[str, Any]]:
    with process:
        return [json.loads(line) for line in cast(BinaryIO, process.stdout)]


def wait_for_step(process: "subprocess.Popen[bytes]", step: int) -> None:
    for line in cast(BinaryIO, process.stdout):
        event = json.loads(line)
        if event.get("stage") == "train" and event["done"] >= step:
            return
    raise AssertionError("it ended before it was killed")


def weights(spec: TrainSpec) -> dict[str, torch.Tensor]:
    return dict(load_file(Path(spec.output) / "model.safetensors"))


def record(spec: TrainSpec) -> dict[str, Any]:
    return dict(json.loads((Path(spec.output) / "training.json").read_text()))


def assert_same(one: TrainSpec, other: TrainSpec) -> None:
    left, right = weights(one), weights(other)
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)


def test_killed_in_mid_epoch_and_begun_again_it_ends_with_identical_weights(
    specify: Specify, tmp_path: Path
) -> None:
    whole, killed = specify("whole"), specify("killed", checkpoint_interval=3)
    expected = train(whole)
    process = start(killed, tmp_path)
    wait_for_step(process, 10)
    process.kill()
    process.communicate()
    assert not (Path(killed.output) / "model.safetensors").exists()
    (*_, done) = events(start(killed, tmp_path))
    assert done["event"] == "done", (tmp_path / "log").read_text()
    assert 0 < done["resumed_at"] < 40
    assert done["resumed_at"] % 8, "in the middle of an epoch"
    assert_same(whole, killed)
    found = record(killed)
    assert found["curve"] == [list(point) for point in expected.curve]
    assert found["losses"] == {name: [list(p) for p in curve] for name, curve in expected.losses.items()}
    assert not Path(f"{killed.output}.checkpoints").exists()


class Stop(Exception):
    """Ends a training from within."""


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has the meter end the next training after so many steps, and then no other."""
    add = Meter.add

    def put(step: int) -> None:
        def stopping(self: Meter, *arguments: Any) -> bool:
            if self.done == step:
                monkeypatch.setattr(Meter, "add", add)
                raise Stop
            return add(self, *arguments)

        monkeypatch.setattr(Meter, "add", stopping)

    return put


def interrupt(spec: TrainSpec) -> None:
    with pytest.raises(Stop):
        train(spec)


def step_folders(spec: TrainSpec) -> list[str]:
    folder = Path(spec.checkpoints or f"{spec.output}.checkpoints")
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("system", ["zs", "laf-psa-qs-en-all"])
def test_interrupted_twice_other_systems_end_the_same(
    specify: Specify, stop_at: Callable[[int], None], system: str
) -> None:
    whole = specify("whole", system=system)
    train(whole)
    broken = specify("broken", system=system, checkpoint_interval=2)
    for step in (3, 9):
        stop_at(step)
        interrupt(broken)
    assert train(broken).resumed_at == 8
    assert_same(whole, broken)


def test_old_checkpoints_go_and_the_last_two_and_the_best_stay(
    specify: Specify, stop_at: Callable[[int], None]
) -> None:
    spec = specify("reader", checkpoint_interval=3)
    stop_at(19)
    interrupt(spec)
    assert step_folders(spec) == ["step-00000015", "step-00000018"]
    files = {path.suffix for path in Path(f"{spec.output}.checkpoints").rglob("*") if path.is_file()}
    assert files == {".json", ".safetensors"}


@pytest.mark.parametrize("name", [STATE, "module-reader.safetensors", "optimizer-discriminator.safetensors"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(
    specify: Specify, stop_at: Callable[[int], None], name: str, damage: str
) -> None:
    whole, spec = specify("whole", epochs=2), specify("reader", epochs=2, checkpoint_interval=3)
    train(whole)
    stop_at(10)
    interrupt(spec)
    file = Path(f"{spec.output}.checkpoints") / "step-00000009" / name
    content = file.read_bytes()
    file.unlink()
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    assert train(spec).resumed_at == 6
    assert_same(whole, spec)


def test_what_a_crash_left_unfinished_is_no_checkpoint(
    specify: Specify, stop_at: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rename never came: what lies aside is not looked at, and is written over."""
    spec = specify("reader", epochs=1, checkpoint_interval=3)
    rename = Path.rename

    def fail(_: Path, __: Path) -> None:
        raise Stop

    monkeypatch.setattr(Path, "rename", fail)
    interrupt(spec)
    monkeypatch.setattr(Path, "rename", rename)
    assert step_folders(spec) == [".aside-3"]
    assert train(spec).resumed_at == 0


def test_checkpoints_of_another_training_are_not_gone_on_from(
    specify: Specify, stop_at: Callable[[int], None], tmp_path: Path
) -> None:
    shared = str(tmp_path / "shared")
    spec = specify("reader", checkpoint_interval=3, checkpoints=shared)
    stop_at(5)
    interrupt(spec)
    with pytest.raises(
        CheckpointError, match=r"shared are those of another training; name another folder\.$"
    ):
        train(replace(spec, seed=7, output=str(tmp_path / "other")))


def test_a_loss_that_is_no_number_leaves_the_last_good_checkpoint(
    specify: Specify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights are ruined in step 8, a checkpoint is due after it: the gradient's norm tells, and it is not written."""
    spec = specify("reader", system="zs", checkpoint_interval=4, log_interval=50)
    step = Plain.step
    steps = 0

    def ruined(self: Plain, batches: Any) -> Any:
        nonlocal steps
        steps += 1
        losses = step(self, batches)
        return {**losses, "gradient_norm": torch.tensor(float("nan"))} if steps == 8 else losses

    monkeypatch.setattr(Plain, "step", ruined)
    with pytest.raises(DivergedError) as caught:
        train(spec)
    said = "The gradient norm was nan at step 8; lower the learning rate or change the seed."
    assert str(caught.value).startswith(f"{said} The checkpoint of step 4, which is sound, is in ")
    assert step_folders(spec) == ["step-00000004"]


def test_the_best_step_is_chosen_also_by_an_interrupted_training(
    specify: Specify, stop_at: Callable[[int], None]
) -> None:
    """Of steps scored 8, 16, ..., the best lies before the interruption and is not the last."""
    dev = {"dev": ["toy"], "dev_files": list(specify("x").files), "learning_rate": 2e-2}
    whole, broken = specify("whole", **dev), specify("broken", **dev)
    expected = train(whole)
    scores = dict(expected.scores)
    assert list(scores) == [8, 16, 24, 32, 40]
    assert expected.best_step is not None
    assert scores[expected.best_step] == max(scores.values())
    stop_at(37)
    interrupt(broken)
    found = train(broken)
    assert (found.scores, found.best_step, found.resumed_at) == (expected.scores, expected.best_step, 32)
    assert_same(whole, broken)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def workers(launcher: int) -> list[int]:
    found = [pid for pid in children(launcher) if b"model.job" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(found) == 2
    return found


def ends_within(handle: int, seconds: float) -> bool:
    """Whether the process behind a handle of `os.pidfd_open` ends in time; the kernel says when it did."""
    ended, _, _ = select.select([handle], [], [], seconds)
    return bool(ended)


@LINUX
def test_two_processes_learn_what_one_does_and_one_that_is_lost_is_made_up_for(
    specify: Specify, tmp_path: Path
) -> None:
    """Without dropout: the share of each process in every update is its share of the gradient."""
    plain = {"preset": "tiny", "encoder": "", "encoder_path": "", "checkpoint_interval": 3}
    alone, both, broken = (specify(name, **plain) for name in ("alone", "both", "broken"))
    train(alone)
    both, broken = (replace(spec, processes=2) for spec in (both, broken))
    told = events(start(both, tmp_path))
    assert [e["done"] for e in told if e.get("stage") == "train"] == list(range(4, 41, 4))
    assert [e["event"] for e in told[-2:]] == ["progress", "done"], (tmp_path / "log").read_text()
    one, two = record(alone), record(both)
    assert two["processes"] == 2
    assert two["curve"][:3] == [[step, pytest.approx(value, rel=1e-3)] for step, value in one["curve"][:3]]

    process = start(broken, tmp_path)
    wait_for_step(process, 8)
    os.kill(workers(process.pid)[1], signal.SIGKILL)
    first = next(event for event in events(process) if event["event"] in {"error", "done"})
    assert process.returncode == 1
    assert (first["event"], first["kind"], first["retryable"]) == ("error", "ProcessLostError", True)
    done = events(start(broken, tmp_path))[-1]
    assert done["event"] == "done", (tmp_path / "log").read_text()
    assert done["resumed_at"] >= 6
    assert_same(both, broken)


@LINUX
def test_no_process_outlives_a_launcher_that_is_killed(specify: Specify, tmp_path: Path) -> None:
    process = start(specify("reader", processes=2, epochs=500), tmp_path)
    wait_for_step(process, 4)
    handles = [os.pidfd_open(pid) for pid in workers(process.pid)]
    process.kill()
    process.communicate()
    assert all(ends_within(handle, 30) for handle in handles)
