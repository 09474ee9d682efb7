"""`python -m model.job SPEC.json`: one training or prediction run in a process of its own.

Standard output carries one JSON object per line (`model.progress.EventStream`) and nothing else; libraries
that print are sent to standard error, where the log goes. Exit code 0, or 1 after an `error` event.

torch and transformers are imported only once the spec is known to be sound: a wrong spec fails at once.
"""

import logging
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from model.errors import UnexpectedError, as_job_error
from model.progress import EventStream, OnProgress
from model.spec import PredictSpec, TrainSpec, read_spec
from storage.errors import UsageError

log = logging.getLogger("model.job")


def run(spec: TrainSpec | PredictSpec, on_progress: OnProgress) -> dict[str, Any]:
    """Does what the spec says and returns the fields of the `done` event."""
    from model import runtime

    runtime.prepare(spec.threads)
    if isinstance(spec, TrainSpec):
        from model.training import train

        return {"job": spec.job, "output": spec.output, **train(spec, on_progress).summary()}
    from model.prediction import predict_file

    return {"job": spec.job, "output": spec.output, **predict_file(spec, on_progress)}


def main(arguments: Sequence[str]) -> int:
    """The process: read the spec, run it, end with exactly one `done` or `error` event."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    events = EventStream(sys.stdout)
    with redirect_stdout(sys.stderr):
        try:
            if len(arguments) != 1:
                raise UsageError("The job needs exactly one argument; call python -m model.job SPEC.json.")
            events.done(run(read_spec(Path(arguments[0])), events.progress))
        except Exception as error:
            known = as_job_error(error)
            log.error("%s", known, exc_info=error if isinstance(known, UnexpectedError) else None)
            events.error(known)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
