"""A model's files on this machine: found or downloaded, and known by their content."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from tasks.mt.errors import EngineMissing

FILES = ("*.safetensors", "*.json", "*.model", "*.spm", "*.txt", "model.bin")
"""What makes a model: weights, configuration, tokenizer. Pickled weights (`pytorch_model.bin`) are none of it."""


def model_folder(name: str) -> Path:
    """A model's directory; one of the Hugging Face Hub is downloaded unless it is here already."""
    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    remedy = "check the name, or download the model and give its directory"
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", repository):
        raise EngineMissing(f"There is no model {name} on this machine; {remedy}.")
    with needed("huggingface_hub"):
        import huggingface_hub
    try:
        return Path(
            huggingface_hub.snapshot_download(
                repository, revision=revision or None, allow_patterns=list(FILES)
            )
        )
    except Exception as error:
        raise EngineMissing(
            f"The model {name} is no directory here and cannot be had from the Hugging Face Hub "
            f"({type(error).__name__}); {remedy}."
        ) from error


Fingerprint = tuple[tuple[str, int, int], ...]
"""Paths of files with their sizes and times of change."""


def fingerprint(folder: Path) -> Fingerprint:
    """The model's files with size and time of change: whether what this process once read of them still holds."""
    paths = sorted({path for pattern in FILES for path in folder.glob(pattern)})
    stats = ((path, path.stat()) for path in paths)
    return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in stats)


@lru_cache(maxsize=64)
def digest(files: Fingerprint) -> str:
    """Hash of the names and hashes of a model's files."""
    whole = hashlib.sha256()
    for path, *_ in files:
        with Path(path).open("rb") as file:
            whole.update(f"{Path(path).name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


@contextmanager
def needed(package: str) -> Iterator[None]:
    """Round the import of a heavy package where it is first used: in one sentence what to do where it is missing."""
    try:
        yield
    except ImportError as error:
        extra = {"ctranslate2": "[ctranslate2]", "sentencepiece": "[local]"}.get(package, "")
        raise EngineMissing(
            f"The package {package} is not installed; install it: pip install -e .{extra}."
        ) from error
