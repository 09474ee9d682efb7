"""What trainings run on, and what a grid says of a cell."""

import threading

import pytest

from model.spec import Preset, TrainSpec
from storage.snapshots import Snapshot
from tasks.answering import Trial
from tasks.reproduction import Cell, Devices, Done, GridIncomplete, Lost
from tasks.tabulation import Wanted

SPEC = TrainSpec(system="tq", files=("-",), output="-", preset=Preset.TINY)
CELL = Cell("tq", 2, SPEC, Snapshot("squad-tq", "s", {}), (Trial("", "mlqa", "x"), Trial("", "tydiqa", "y")))


@pytest.mark.parametrize(
    ("gpus", "workers", "names"),
    [
        (0, 0, ["auto"]),
        (0, 3, ["auto"] * 3),
        (2, 0, ["cuda:0", "cuda:1"]),
        (2, 1, ["cuda:0"]),
        (2, 3, ["cuda:0", "cuda:1", "cuda:0"]),
    ],
)
def test_a_training_has_a_gpu_to_itself_unless_more_are_asked_for(
    gpus: int, workers: int, names: list[str]
) -> None:
    devices = Devices(gpus, workers)
    assert devices.at_once == len(names)
    lent = [devices.lent() for _ in names]
    assert [one.__enter__() for one in lent] == names


def test_who_finds_none_free_waits_for_one() -> None:
    devices, got = Devices(1, 0), threading.Event()

    def other() -> None:
        with devices.lent():
            got.set()

    with devices.lent() as name:
        waiting = threading.Thread(target=other)
        waiting.start()
        assert name == "cuda:0"
        assert not got.is_set()
    assert got.wait(10)
    waiting.join()


def test_a_device_is_given_back_after_a_failure() -> None:
    devices = Devices(0, 1)
    with pytest.raises(ValueError), devices.lent():
        raise ValueError
    with devices.lent() as name:
        assert name == "auto"


def test_cores_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.reproduction.cores", lambda: 8)
    assert [Devices(0, 1).share(wanted) for wanted in (0, 1, 6)] == [0, 1, 6]
    assert [Devices(0, 2).share(wanted) for wanted in (0, 1, 6)] == [4, 1, 4]
    assert Devices(0, 20).share(0) == 1


def test_a_cell_says_what_was_made_in_this_run() -> None:
    done = Done(CELL, "m1", True, ({"reader": "a"}, {"reader": "b"}), (True, False))
    assert done.to_json() == {
        "system": "tq",
        "seed": 2,
        "model": "m1",
        "trained": True,
        "evaluated": {"mlqa": True, "tydiqa": False},
    }
    assert [(trial.model, trial.name, trial.data, told["reader"]) for trial, told in done.trials()] == [
        ("m1", "tq", "x", "a"),
        ("m1", "tq", "y", "b"),
    ]


def test_failures_are_told_in_one_sentence() -> None:
    error = GridIncomplete(
        [Lost(CELL, ValueError("no room.")), Lost(CELL, OSError("disk"))], {"report": None}
    )
    assert str(error) == (
        "2 of the grid's cells failed, run again to try just these: tq with seed 2: no room; tq with seed 2: disk."
    )
    assert (error.result, error.exit_code, error.retryable) == ({"report": None}, 1, False)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), True),
        (Wanted(("tq",), (2,)), True),
        (Wanted(("zs",)), False),
        (Wanted(("tq",), (1,)), False),
    ],
)
def test_whose_vectors_are_looked_at(wanted: Wanted, expected: bool) -> None:
    assert wanted.includes(Done(CELL, "m", True, (), ())) is expected
