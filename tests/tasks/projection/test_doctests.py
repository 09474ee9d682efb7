import doctest
import importlib
import pkgutil

import pytest

import tasks.projection

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(tasks.projection.__path__, "tasks.projection.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
