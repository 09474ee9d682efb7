"""Engines under the conformance suite: a later engine joins with one line in `ENGINES`, a service in `SERVICES`.

Neural engines are in `LOCAL`: each opens a model that was made for `SEGMENTS`.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.laboratory.knobs import Faults, Knobs
from tasks.mt.apertium import Apertium
from tasks.mt.catalogue import open_engine
from tasks.mt.engine import Engine
from tasks.mt.laboratory import Laboratory
from tasks.mt.markup import Markup, closing, escape, opening, read
from tasks.mt.table import Table, TableRow, write_table
from tests.tasks.mt.fakes.everyone import SERVICES
from tests.tasks.mt.fakes.player import Fake

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
"""In the style `html`; `in_style` writes them in others."""


def in_style(text: str, markup: Markup) -> str:
    return "".join(
        escape(token, markup)
        if isinstance(token, str)
        else (closing if token.closing else opening)(token.number, markup)
        for token in read(text)
    )


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


def laboratory(_folder: Path) -> Engine:
    faults = Faults(lost=0.2, split=0.3, moved=0.3)
    return Laboratory(Knobs(languages=["es"], noise=0.5, faults=faults))


ENGINES: dict[str, Callable[[Path], Engine]] = {
    "apertium": apertium,
    "laboratory": laboratory,
    "table": table,
}
"""Engines without a service; each is made able to translate `SEGMENTS` from English to Spanish."""


def transformers(model: Path) -> Engine:
    from tests.tasks.mt.tiny import echoing_transformers

    return echoing_transformers(model)


def ctranslate2(model: Path) -> Engine:
    from tests.tasks.mt.tiny import converted, echoing_ctranslate2

    output = model / "ctranslate2"
    return echoing_ctranslate2(output if output.exists() else converted(model, output))


LOCAL: dict[str, Callable[[Path], Engine]] = {"ctranslate2": ctranslate2, "transformers": transformers}
"""Engines that run a model on this machine, made to give back what they are sent."""


@pytest.fixture(scope="session")
def neural(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that knows all characters of `SEGMENTS` and always ends its answers."""
    from tests.tasks.mt.tiny import marian, pieces_of

    # Punctuation is split from words, and each piece seen, so that any piece may follow any other.
    corpus = [in_style(text, Markup.LETTERS) for text in SEGMENTS if text.strip()]
    pieces = pieces_of(corpus * 3, tmp_path_factory.mktemp("spm"))
    folder = tmp_path_factory.mktemp("neural")
    return marian(pieces, folder, end_bias=1e4, source_lang="en", target_lang="es")


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, Fake]]:
    """All fake services, running."""
    fakes = {name: Fake(make()) for name, make in SERVICES.items()}
    yield fakes
    for fake in fakes.values():
        fake.close()


@pytest.fixture(params=SERVICES)
def fake(request: pytest.FixtureRequest, services: dict[str, Fake]) -> Fake:
    """Each fake service in turn, as if it had just been started."""
    found = services[request.param]
    found.clear()
    return found


@pytest.fixture(params=[*ENGINES, *LOCAL, *SERVICES])
def engine(request: pytest.FixtureRequest, tmp_path: Path, services: dict[str, Fake]) -> Engine:
    """Each engine in turn, able to translate `SEGMENTS` from English to Spanish."""
    if request.param in ENGINES:
        return ENGINES[request.param](tmp_path)
    if request.param in LOCAL:
        return LOCAL[request.param](request.getfixturevalue("neural"))
    found = services[request.param]
    found.clear()
    return open_engine(found.spec, found.keys)


@pytest.fixture
def real_apertium(tmp_path: Path) -> Engine:
    return apertium(tmp_path)


@pytest.fixture
def segments(request: pytest.FixtureRequest) -> list[str]:
    """`SEGMENTS` in the style of the engine under test, where there is one."""
    if "engine" not in request.fixturenames:
        return SEGMENTS
    markup = request.getfixturevalue("engine").markup
    return [in_style(text, markup) for text in SEGMENTS]
