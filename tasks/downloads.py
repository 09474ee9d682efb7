"""Downloads as a step: a source by name, URL or path becomes a local file."""

import hashlib
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from prefect import runtime, task

from storage.downloads.archives import unpack, unpacked
from storage.downloads.datasets import DATASETS, OFFICIAL
from storage.downloads.fetching import obtain
from storage.downloads.urls import shown
from storage.store import Store
from tasks.progress import Progress

FOLDER = "downloads"

OFFICIAL_FILES = {
    "squad": ["squad-v1.1-dev"],
    "mlqa": ["mlqa"],
    "xquad": [name for name in DATASETS if name.startswith("xquad-")],
    "tydiqa": ["tydiqa-goldp-dev"],
}
"""The names in `storage.downloads.datasets.DATASETS` of each benchmark's files."""

MAX_UNPACKED_BYTES = 1 << 30
MAX_UNPACKED_FILES = 1_000


def downloaded(store: Store, source: str, mirror: str = "", *, refresh: bool = False) -> Path:
    """The local file that `source` means: fetched, checked and kept, or the path itself.

    What a URL gave once is not asked for again, unless `refresh` is set: then its server is asked whether it changed.

    Raises:
        DownloadError, InputError, UsageError: it cannot be had.
    """
    if Path(source).exists():
        return Path(source)
    return Path(download(store.url, source, mirror, refresh))


def benchmark_data(store: Store, benchmark: str, data: str, mirror: str = "") -> Path:
    """The folder or file with a benchmark: as given, or the official one where `data` is `official`.

    An archive (zip, tar) is unpacked into the store, once, under the digest of its bytes.

    Raises:
        DownloadError, InputError, UsageError: it cannot be had.
    """
    if data != OFFICIAL:
        return unpacked_here(store, Path(data)) if is_archive(Path(data)) else Path(data)
    files = [downloaded(store, name, mirror) for name in OFFICIAL_FILES[benchmark]]
    if files[0].suffix == ".zip":
        return unpacked(files[0], max_bytes=MAX_UNPACKED_BYTES, max_files=MAX_UNPACKED_FILES)
    return _side_by_side(files, store.local_path(f"{FOLDER}/{benchmark}")) if len(files) > 1 else files[0]


def is_archive(path: Path) -> bool:
    """Whether a path is a file that holds others."""
    return path.is_file() and (zipfile.is_zipfile(path) or tarfile.is_tarfile(path))


def unpacked_here(store: Store, archive: Path) -> Path:
    """The folder in the store with the files of an archive that lies elsewhere.

    Raises:
        DownloadError: it is damaged, or holds more than it should.
    """
    with archive.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    folder = store.local_path(f"{FOLDER}/{digest}/unpacked")
    if folder.is_dir():
        return folder
    return unpack(archive, folder, max_bytes=MAX_UNPACKED_BYTES, max_files=MAX_UNPACKED_FILES)


def _side_by_side(files: Sequence[Path], folder: Path) -> Path:
    """One folder with all files of a benchmark, which are kept apart by content."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        place = folder / file.name
        if not (place.exists() and place.samefile(file)):
            place.unlink(missing_ok=True)
            place.hardlink_to(file)
    return folder


def run_name() -> str:
    """The source as it may be shown: credentials and queries of a URL stay out of the UI and the logs."""
    return f"download {shown(runtime.task_run.parameters['source'])}"


@task(
    name="download",
    description="Fetch a file once: resumable, checked against its checksum, bounded in size.",
    task_run_name=run_name,
    # Retries are the fetcher's own: it goes on where a transfer broke off.
    persist_result=False,
)
def download(store: str, source: str, mirror: str, refresh: bool) -> str:
    """The path of the fetched file; what is there already, and on `refresh` still current, is not fetched again."""
    folder = Store(store).local_path(FOLDER)
    with Progress(f"download {Path(shown(source)).name}") as progress:
        found = obtain(source, folder, mirror=mirror or None, on_progress=progress.advance, refresh=refresh)
        return str(found)
