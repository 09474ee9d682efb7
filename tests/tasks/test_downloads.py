"""Downloads as a step: what the UI shows of a source."""

import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import tasks.downloads
from storage.store import Store
from tasks.downloads import benchmark_data, download, run_name


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


def test_an_archive_with_a_benchmark_is_unpacked_once_into_the_store(store: Store, tmp_path: Path) -> None:
    archive = tmp_path / "MLQA_V1.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("MLQA_V1/test/test-context-en-question-en.json", "{}")
    folder = benchmark_data(store, "mlqa", str(archive))
    assert (folder / "MLQA_V1/test/test-context-en-question-en.json").read_text() == "{}"
    assert store.local_path("downloads") in folder.parents
    before = folder.stat().st_mtime_ns
    assert benchmark_data(store, "mlqa", str(archive)) == folder
    assert folder.stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["MLQA_V1.zip", "store"]


@pytest.mark.parametrize("name", ["folder", "file.json", "none"])
def test_what_is_no_archive_is_taken_as_it_is(store: Store, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.json").write_text("{}")
    assert benchmark_data(store, "squad", str(tmp_path / name)) == tmp_path / name
