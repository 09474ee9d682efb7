"""An encoder is known by its content."""

from pathlib import Path

import pytest

from model.fingerprints import fingerprint
from storage.errors import InputError


def test_a_fingerprint_is_of_content(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / "training.json").write_text(name)
    (tmp_path / "two" / "manifest.json").write_text('{"seconds": 7}')
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")
    (tmp_path / "two" / "model.safetensors").write_bytes(b"other weights")
    assert fingerprint(tmp_path / "one") != fingerprint(tmp_path / "two")
    with pytest.raises(InputError, match=r"config\.json"):
        fingerprint(tmp_path)
