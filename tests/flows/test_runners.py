"""Where shards run: a crew of processes for as long as a flow runs, of the size that was named."""

import pytest

from flows.runners import LocalRunner, local_runner, task_runner
from storage.errors import UsageError
from tasks.processes import CREW, RunEnded


@pytest.mark.parametrize(("name", "size"), [("local:1", 1), ("local:16", 16)])
def test_the_named_number_of_processes(name: str, size: int) -> None:
    runner = task_runner(name)
    assert isinstance(runner, LocalRunner)
    with runner.duplicate():
        crew = CREW.get()
        assert crew is not None
        assert crew.size == size
    assert CREW.get() is None


def test_no_more_than_four_processes_unasked() -> None:
    with local_runner():
        crew = CREW.get()
        assert crew is not None
        assert 1 <= crew.size <= 4


def test_the_crew_ends_with_the_run() -> None:
    with local_runner(1):
        crew = CREW.get()
    assert crew is not None
    with pytest.raises(RunEnded):
        crew.work(dict, {})


@pytest.mark.parametrize("name", ["local:0", "local:-1", "local:x", "local:1.5", "local:²"])
def test_no_such_number(name: str) -> None:
    with pytest.raises(UsageError, match="Unknown runner"):
        task_runner(name)
