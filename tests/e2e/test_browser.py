"""What a person sees: the report as a file and the run's artifacts in the Prefect UI, in a real browser."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed"),
]

BIN = Path(sys.executable).parent
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=20000",
]


def seen(url: str, folder: Path) -> str:
    """The page as the browser has it once its scripts have run."""
    arguments = ["chromium", *QUIET, f"--user-data-dir={folder}", "--dump-dom", url]
    return subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.fixture(scope="module")
def demo(server: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    store = str(tmp_path_factory.mktemp("demo") / "store")
    done = subprocess.run(
        [BIN / "silverspan", "demo", "--store", store, "--json"],
        env=server,
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_the_report_reads_without_a_network(demo: dict[str, Any], tmp_path: Path) -> None:
    page = seen(f"file://{demo['report']['path']}", tmp_path)
    assert "plumbing, not quality" in page.lower()
    assert 'dir="rtl"' in page
    assert 'src="data:image/png;base64,' in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def newest_artifact(api: str, key: str) -> str:
    """The id of the latest artifact of a key."""
    body = json.dumps({"artifacts": {"key": {"any_": [key]}}}).encode()
    headers = {"content-type": "application/json"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{api}/artifacts/latest/filter", body, headers)
    ) as answer:
        return str(json.load(answer)[0]["latest_id"])


def shown(server: dict[str, str], key: str, folder: Path, ui: str = "") -> str:
    """The page of the latest artifact of a key, as the browser has it."""
    api = server["PREFECT_API_URL"]
    place = f"{api.removesuffix('/api')}{ui}/artifacts/artifact"
    return seen(f"{place}/{newest_artifact(api, key)}", folder)


def led_to(page: str, name: str) -> str:
    """The id of the artifact that a name on a page leads to."""
    found = re.search(rf'href="\.\./artifact/([0-9a-f-]{{36}})"[^>]*>{name}</a>', page)
    assert found, f"{name} leads nowhere"
    return found[1]


@pytest.mark.parametrize("ui", ["", "/v2"])
def test_a_report_leads_to_its_reader_and_on_to_its_data(
    demo: dict[str, Any], server: dict[str, str], tmp_path: Path, ui: str
) -> None:
    api = server["PREFECT_API_URL"]
    report = shown(server, "evaluation", tmp_path, ui)
    assert "Who was evaluated" in report
    assert led_to(report, demo["reader"]["model"]) == newest_artifact(api, "reader")
    reader = shown(server, "reader", tmp_path, ui)
    assert "How its training went" in reader
    assert led_to(reader, demo["build"]["snapshots"]["tall"]) == newest_artifact(api, "silver-build")
    build = shown(server, "silver-build", tmp_path, ui)
    assert demo["build"]["snapshots"]["tall"] in build
    assert "Kept and rejected" in build
    assert led_to(build, "costs") == newest_artifact(api, "silver-costs")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("silver-examples", ["Examples of kept and rejected rows", "【", "T(C) kept, exact"]),
        ("silver-costs", ["questions and contexts", "canary set of a new engine", "USD per million"]),
        ("silver-reader", ["from the source to the report", "Plumbing, not quality."]),
    ],
)
def test_every_page_says_what_it_is_for(
    demo: dict[str, Any], server: dict[str, str], tmp_path: Path, key: str, words: list[str]
) -> None:
    page = shown(server, key, tmp_path)
    assert all(word in page for word in words)


@pytest.mark.parametrize(
    "key", ["silver-build", "silver-yield", "reader", "evaluation", "evaluation-heat-map"]
)
def test_pictures_stand_on_the_page_and_their_addresses_do_not(
    demo: dict[str, Any], server: dict[str, str], tmp_path: Path, key: str
) -> None:
    page = shown(server, key, tmp_path)
    assert 'src="data:image/png;base64,' in page
    assert "Image URL" not in page


def test_texts_are_not_cut_off(demo: dict[str, Any], server: dict[str, str], tmp_path: Path) -> None:
    """Prefect breaks no line of a table by itself: every cell has lines of its own that fit."""
    page = shown(server, "silver-examples", tmp_path)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
    lines = [re.sub(r"<[^>]+>", "", line) for cell in cells for line in re.split(r"<br\s*/?>", cell)]
    assert len(lines) > 20
    assert max(map(len, lines)) <= 60
