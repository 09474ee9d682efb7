"""Engines under the conformance suite: a later engine joins with one line in `ENGINES`."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.mt.apertium import Apertium
from tasks.mt.engine import Engine
from tasks.mt.table import Table, TableRow, write_table

SEGMENTS = [
    "The <b1>old dog</b1> saw the <b2>red <b3>blue car</b3></b2> in <b4>Zorblax</b4>.",
    "Nothing is marked here.",
    "Q&amp;A of &lt;b1&gt; costs <b1>5 &amp; 6</b1> [sic] {a} ^b$ \\ @c /d *e #f ~g.",
    "First line\nand <b1>second\nline</b1>\n\nthird.",
    "He was late",
    "The <b1>house</b1> included <b2>ten million</b2> dogs",
    " ",
    "",
]


def apertium(_folder: Path) -> Engine:
    if shutil.which("apertium") is None:
        pytest.skip("Apertium is not installed")
    engine = Apertium()
    if "es" not in engine.targets("en"):
        pytest.skip("apertium-eng-spa is not installed")
    return engine


def table(folder: Path) -> Engine:
    path = folder / "table.tsv"
    write_table(path, [TableRow("en", "es", text, text.swapcase()) for text in SEGMENTS if text.strip()])
    return Table(path)


ENGINES: dict[str, Callable[[Path], Engine]] = {"apertium": apertium, "table": table}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Each engine in turn, able to translate `SEGMENTS` from English to Spanish."""
    return ENGINES[request.param](tmp_path)


@pytest.fixture
def real_apertium(tmp_path: Path) -> Engine:
    return apertium(tmp_path)


@pytest.fixture
def segments() -> list[str]:
    return SEGMENTS
