"""Fingerprints: an encoder's folder is known by what is in it, wherever it lies."""

import hashlib
from pathlib import Path

from storage.errors import InputError

RECORDS = frozenset({"training.json", "manifest.json"})
"""Files of an encoder's folder that tell how and when it was made, not what it is."""

FINGERPRINT = "sha256:"
"""What the name of an encoder begins with that is known by its content (`fingerprint`)."""


def fingerprint(folder: Path) -> str:
    """A name for an encoder's folder made of its content: configuration, tokenizer and weights.

    Raises `InputError` where the folder has no config.json.
    """
    if not (folder / "config.json").is_file():
        raise InputError(
            f"The encoder folder {folder} has no config.json; give a folder that transformers saved."
        )
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in {".json", ".safetensors", ".txt", ".model"} and path.name not in RECORDS:
            with path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            digest.update(f"{path.name} {content}\n".encode())
    return f"{FINGERPRINT}{digest.hexdigest()}"
