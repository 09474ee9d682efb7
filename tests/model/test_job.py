"""The job as the process that callers see: train, predict, fail."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model import job
from model.errors import OutOfMemoryError, UnexpectedError, as_job_error
from model.progress import EventStream, Progress, Stage
from storage.errors import UsageError

ROOT = Path(__file__).parents[2]
Row = dict[str, Any]


ROOM = 2**30
"""Bytes of address space beyond what torch and transformers take."""

LIMITED = f"""
import resource, sys
import model.training
from model.job import main
pages = int(open("/proc/self/statm").read().split()[0])
most = pages * resource.getpagesize() + {ROOM}
resource.setrlimit(resource.RLIMIT_AS, (most, most))
sys.exit(main(sys.argv[1:]))
"""
"""The job, in a process that may have no more than so much memory."""


def run(
    spec: dict[str, Any], folder: Path, program: Sequence[str] = ("-m", "model.job")
) -> tuple[int, list[dict[str, Any]], str]:
    path = folder / "spec.json"
    path.write_text(json.dumps(spec))
    process = subprocess.run(
        [sys.executable, *program, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    return process.returncode, [json.loads(line) for line in process.stdout.splitlines()], process.stderr


def test_a_reader_is_trained_and_used_by_processes(
    toy_rows: list[Row], write_rows: Callable[..., Path], tmp_path: Path
) -> None:
    reader = str(tmp_path / "reader")
    training = {
        "job": "train",
        "system": "zs",
        "files": [str(write_rows(toy_rows))],
        "output": reader,
        "preset": "tiny",
        "batch_size": 16,
        "epochs": 100,
        "log_interval": 50,
    }
    code, events, log = run(training, tmp_path)
    assert code == 0, log
    assert [(e["event"], e.get("stage")) for e in events] == [
        ("progress", "features"),
        ("progress", "features"),
        ("progress", "train"),
        ("progress", "train"),
        ("done", None),
    ]
    assert events[3]["loss"] < events[2]["loss"]
    done = events[-1]
    assert (done["job"], done["output"], done["steps"], done["rows"]) == ("train", reader, 100, 16)

    columns = {name: [row[name] for row in toy_rows] for name in ("question", "context")}
    pq.write_table(pa.table({"key": [row["id"] for row in toy_rows], **columns}), tmp_path / "q.parquet")
    output = str(tmp_path / "p.parquet")
    asking = {
        "job": "predict",
        "model": reader,
        "questions": str(tmp_path / "q.parquet"),
        "output": output,
        "threads": 1,
    }
    code, events, log = run(asking, tmp_path)
    assert code == 0, log
    assert (events[-1]["event"], events[-1]["predictions"]) == ("done", 16)
    assert pq.read_table(output)["prediction_text"].to_pylist() == [
        row["answers"]["text"][0] for row in toy_rows
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory")
def test_memory_that_does_not_suffice_ends_in_a_sentence_with_the_setting(
    toy_rows: list[Row], write_rows: Callable[..., Path], make_row: Callable[..., Row], tmp_path: Path
) -> None:
    """No error is made up: the kernel refuses the job what it asks for beyond a little more than it began with.

    The same batch in parts of fewer tokens fits into the same memory.
    """
    context = " ".join(row["context"] for row in toy_rows)
    rows = [make_row(f"q{n}", question=f"Who is {n}?", context=context, answer="Ada") for n in range(512)]
    training = {
        "job": "train",
        "system": "zs",
        "files": [str(write_rows(rows))],
        "preset": "tiny",
        "batch_size": 512,
        "device": "cpu",
    }
    for tokens, code in ((2**20, 1), (2**11, 0)):
        spec = {**training, "output": str(tmp_path / f"reader-{tokens}"), "max_batch_tokens": tokens}
        ended, events, log = run(spec, tmp_path, program=("-c", LIMITED))
        assert ended == code, log
        if code:
            assert (events[-1]["event"], events[-1]["kind"]) == ("error", "OutOfMemoryError"), log
            assert events[-1]["message"] == (
                "A batch does not fit into memory; use a smaller max_batch_tokens (train --max-batch-tokens), which"
                " changes nothing that is learnt, or a smaller max_length."
            )
            assert not events[-1]["retryable"]
            assert "Traceback" not in log


def test_a_wrong_spec_ends_with_one_error_event_and_without_torch(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text(
        json.dumps({"job": "train", "system": "zs", "files": ["a"], "output": "o", "colour": "red"})
    )
    code = (
        "import sys; from model import job; code = job.main(sys.argv[1:]);"
        " assert 'torch' not in sys.modules; sys.exit(code)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 1, process.stderr
    (event,) = [json.loads(line) for line in process.stdout.splitlines()]
    assert event["event"] == "error"
    assert event["kind"] == "UsageError"
    assert event["message"].startswith("Unknown field of a train spec 'colour'; choose one of:")
    assert event["retryable"] is False
    assert "Traceback" not in process.stderr


@pytest.fixture
def main(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    def call(*arguments: str) -> tuple[int, dict[str, Any]]:
        code = job.main(arguments)
        return code, json.loads(capsys.readouterr().out)

    return call


def test_it_needs_one_argument(main: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    code, event = main()
    assert (code, event["kind"]) == (1, "UsageError")
    assert "SPEC.json" in event["message"]


def test_files_that_fail_inside_of_the_job_end_the_same_way(
    main: Callable[..., tuple[int, dict[str, Any]]], tmp_path: Path
) -> None:
    path = tmp_path / "spec.json"
    files = {"files": [str(tmp_path / "none")], "output": str(tmp_path / "o")}
    path.write_text(json.dumps({"job": "train", "system": "zs", "preset": "tiny", **files}))
    code, event = main(str(path))
    assert (code, event["kind"]) == (1, "InputError")


def test_a_fault_of_the_program_is_told_as_one_and_prints_stay_off_the_pipe(
    main: Callable[..., tuple[int, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> dict[str, Any]:
        print("a library prints")
        raise KeyError("surprise")

    path = tmp_path / "spec.json"
    path.write_text(json.dumps({"job": "predict", "model": "m", "questions": "q", "output": "o"}))
    monkeypatch.setattr(job, "run", broken)
    code, event = main(str(path))
    assert (code, event["kind"], event["retryable"]) == (1, "UnexpectedError", False)
    assert "KeyError ('surprise')" in event["message"]


def test_foreign_exceptions_become_ours() -> None:
    ours = UsageError("ours")
    assert as_job_error(ours) is ours
    assert isinstance(as_job_error(MemoryError()), OutOfMemoryError)
    foreign = type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory")
    assert isinstance(as_job_error(foreign), OutOfMemoryError)
    assert "smaller max_batch_tokens (train --max-batch-tokens), which changes nothing that is learnt" in str(
        as_job_error(foreign)
    )
    cpu = RuntimeError("[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: can't allocate memory")
    assert isinstance(as_job_error(cpu), OutOfMemoryError)
    lost = RuntimeError(
        "[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:547] Connection closed by peer"
    )
    assert as_job_error(lost).retryable
    unexpected = as_job_error(ValueError("first line.\nsecond line"))
    assert isinstance(unexpected, UnexpectedError)
    assert str(unexpected) == "The job met a ValueError (first line); its log tells where."


def test_events_are_ascii_lines_without_unknown_figures() -> None:
    stream = io.StringIO()
    events = EventStream(stream)
    events.progress(Progress(Stage.TRAIN, 1, 2, loss=0.5))
    events.done({"output": "größe\n"})
    first, second = stream.getvalue().splitlines()
    assert first == '{"event": "progress", "stage": "train", "done": 1, "total": 2, "loss": 0.5}'
    assert second.isascii()
    assert json.loads(second) == {"event": "done", "output": "größe\n"}
