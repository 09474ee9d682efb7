"""Jobs of the model's whose progress is shown while they run: in the Prefect UI, the run's log and the terminal."""

from prefect import get_run_logger

from tasks.jobs import run_job
from tasks.progress import Progress
from tasks.steps import Json


def run_shown(what: str, spec: Json) -> Json:
    """`run_job` within a task; `what` is what it is called.

    Raises:
        JobFailed, JobInterrupted: as `run_job`.
    """
    with Progress(what) as progress:
        return run_job(
            spec,
            on_progress=lambda event: progress.advance(event["done"], event["total"]),
            on_line=get_run_logger().info,
        )
