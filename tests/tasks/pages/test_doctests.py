import doctest
import importlib
from pathlib import Path

import pytest

import tasks.pages

MODULES = sorted(path.stem for path in Path(tasks.pages.__path__[0]).glob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"tasks.pages.{name}")).failed == 0
