"""No key shows anywhere: a build against a service that quotes the whole request, key included, in each of its errors.

Looked through are what the command printed, its last line of JSON and its traceback (`--debug`), all log records, the
store with its translation memory, the results of steps, and the Prefect database with logs, states and artifacts.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from prefect.blocks.system import Secret
from prefect.logging.handlers import APILogHandler
from prefect.settings import (
    PREFECT_LOCAL_STORAGE_PATH,
    PREFECT_SERVER_DATABASE_CONNECTION_URL,
    temporary_settings,
)

from flows import cli
from tests.tasks.mt.fakes.everyone import SERVICES
from tests.tasks.mt.fakes.player import Fake, Play
from tests.tasks.mt.fakes.protocol import Heard, Reply

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect", "unhurried")]

KEYED = [name for name, make in SERVICES.items() if make().keys]


def words(fake: Fake, heard: Heard) -> str:
    """The keys, then all that was sent; a short quotation of it is of keys alone."""
    sent = " ".join(f"{name}: {value}" for name, value in heard.headers.items())
    return f"{' '.join(fake.service.keys.values())} {heard.path} {sent}"


def quoting(fake: Fake) -> list[Play]:
    """Faults that pass, in the service's own words and in others."""
    return [
        lambda heard: fake.service.refusal(500, words(fake, heard)),
        lambda heard: Reply(502, f"<html>{words(fake, heard)}{heard.body.decode()}</html>".encode()),
        lambda heard: Reply(
            200, {"message": words(fake, heard), "translations": {"sent": heard.body.decode()}}
        ),
        lambda heard: Reply(429, {"error": {"message": words(fake, heard)}}),
    ]


def final(fake: Fake) -> Play:
    return lambda heard: fake.service.refusal(403, words(fake, heard))


def spellings(key: str) -> set[bytes]:
    """The key as it may stand in files."""
    shown = {
        key,
        quote(key, safe=""),
        quote_plus(key),
        json.dumps(key)[1:-1],
        base64.b64encode(key.encode()).decode(),
    }
    return {text.encode() for text in shown}


def database() -> list[Path]:
    """The files of the harness's database, journals included."""
    path = Path(str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value()).partition(":///")[2])
    return sorted(path.parent.glob(f"{path.name}*"))


@pytest.fixture
def results(tmp_path: Path) -> Iterator[Path]:
    """A folder for the results of steps."""
    folder = tmp_path / "results"
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: folder}):
        yield folder


@pytest.fixture
def keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Fake], None]]:
    """Puts the keys of a service where the test wants them."""
    blocks = []

    def put(fake: Fake) -> None:
        for name, value in fake.service.keys.items():
            if request.param == "environment":
                monkeypatch.setenv(name, value)
            else:
                monkeypatch.delenv(name, raising=False)
                blocks.append(name.lower().replace("_", "-"))
                Secret(value=value).save(blocks[-1], overwrite=True)  # type: ignore[unused-coroutine]

    yield put
    for name in blocks:
        Secret.delete(name)  # type: ignore[unused-coroutine]


@pytest.mark.parametrize(
    ("name", "keys"),
    [*((name, "environment") for name in KEYED), ("deepl", "block"), ("amazon", "block")],
    indirect=["keys"],
)
def test_a_service_that_quotes_keys_puts_them_nowhere(
    name: str,
    keys: Callable[[Fake], None],
    corpus: Path,
    tmp_path: Path,
    results: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with Fake(SERVICES[name]()) as fake:
        keys(fake)
        store = tmp_path / "store"
        given = ["--source", str(corpus), "--languages", "es", "--engine", fake.spec, "--store", str(store)]
        fake.play(*quoting(fake), final(fake))
        codes = [cli.run(["build", *given, "--json", "--debug"])]
        fake.play_at_random(0.3, quoting(fake))
        codes.append(cli.run(["build", *given, "--json", "--debug"]))
        APILogHandler().flush()
    shown = capfd.readouterr()
    assert codes == [1, 0], shown.err
    assert "Traceback" in shown.err
    assert "answered 403" in shown.err
    assert json.loads(shown.out.splitlines()[-1])["requests"] > 0
    files = [path for folder in (store, results) for path in folder.rglob("*") if path.is_file()]
    assert {"memory.sqlite", "manifest.json"} <= {path.name for path in files}
    assert any(path.is_relative_to(results) for path in files)
    texts = {path.name: path.read_bytes() for path in [*files, *database()]}
    assert any(b"answered 403" in content for content in texts.values())
    texts |= {"stdout": shown.out.encode(), "stderr": shown.err.encode(), "log": caplog.text.encode()}
    assert leaks(texts, list(fake.service.keys.values())) == []


def leaks(texts: Mapping[str, bytes], keys: Sequence[str]) -> list[str]:
    """The names of the texts that hold a key in some spelling."""
    wanted = [spelling for key in keys for spelling in spellings(key)]
    return [name for name, content in texts.items() if any(spelling in content for spelling in wanted)]
