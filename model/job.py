"""`python -m model.job SPEC.json`: one training, prediction or encoding of questions in a process of its own.

Standard output carries one JSON object per line (`model.progress.EventStream`) and nothing else; libraries
that print are sent to standard error, where the log goes. Exit code 0, or 1 after an `error` event. A training in
several processes has one stream: the first process tells of progress and of the end, and each may say why it fails;
of several errors the first is the cause, the others follow from it.

torch and transformers are imported only once the spec is known to be sound: a wrong spec fails at once.
"""

import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from model.errors import UnexpectedError, as_job_error
from model.lifeline import end_with_parent
from model.pretraining.spec import PretrainSpec
from model.progress import EventStream, OnProgress
from model.spec import AnySpec, TrainSpec, VectorSpec, read_spec
from storage.errors import UsageError

log = logging.getLogger("model.job")


def run(spec: AnySpec, on_progress: OnProgress) -> dict[str, Any]:
    """Does what the spec says and returns the fields of the `done` event."""
    from model import runtime

    runtime.prepare(spec.threads)
    if isinstance(spec, TrainSpec):
        from model.training import train

        return {"job": spec.job, "output": spec.output, **train(spec, on_progress).summary()}
    if isinstance(spec, PretrainSpec):
        from model.pretraining.training import pretrain

        return {"job": spec.job, "output": spec.output, **pretrain(spec, on_progress)}
    if isinstance(spec, VectorSpec):
        from model.questions import vectors_file

        return {"job": spec.job, "output": spec.output, **vectors_file(spec, on_progress)}
    from model.prediction import predict_file

    return {"job": spec.job, "output": spec.output, **predict_file(spec, on_progress)}


def work(arguments: Sequence[str], events: EventStream) -> int:
    """Reads the spec, and runs it in this process or has it run in several; the exit code."""
    if len(arguments) != 1:
        raise UsageError("The job needs exactly one argument; call python -m model.job SPEC.json.")
    spec = read_spec(Path(arguments[0]))
    from model import launch

    if launch.is_worker():
        end_with_parent(signal.SIGKILL)
    elif isinstance(spec, TrainSpec) and (processes := launch.processes_of(spec)) > 1:
        return launch.launch(processes, arguments)
    result = run(spec, events.progress)
    if launch.is_first():
        events.done(result)
    launch.leave()
    return 0


def main(arguments: Sequence[str]) -> int:
    """The process: read the spec, run it, end with exactly one `done` or `error` event."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    events = EventStream(sys.stdout)
    with redirect_stdout(sys.stderr):
        try:
            return work(arguments, events)
        except Exception as error:
            known = as_job_error(error)
            log.error("%s", known, exc_info=error if isinstance(known, UnexpectedError) else None)
            events.error(known)
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
