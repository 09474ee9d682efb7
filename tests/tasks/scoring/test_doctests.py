import doctest
import importlib
from pathlib import Path

import pytest

import tasks.scoring

ROOM = Path(tasks.scoring.__path__[0])
MODULES = sorted(".".join(path.relative_to(ROOM).with_suffix("").parts) for path in ROOM.rglob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"tasks.scoring.{name}")).failed == 0
