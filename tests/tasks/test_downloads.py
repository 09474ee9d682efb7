"""Downloads as a step: what the UI shows of a source."""

from types import SimpleNamespace

import pytest

import tasks.downloads
from tasks.downloads import download, run_name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("squad-v1.1-train", "download squad-v1.1-train"),
        ("https://me:secret@host/a.json?token=secret#secret", "download https://host/a.json"),
    ],
)
def test_the_name_of_a_run_holds_no_secret(monkeypatch: pytest.MonkeyPatch, source: str, name: str) -> None:
    run = SimpleNamespace(task_run=SimpleNamespace(parameters={"source": source}))
    monkeypatch.setattr(tasks.downloads, "runtime", run)
    assert run_name() == name
    assert download.task_run_name is run_name
