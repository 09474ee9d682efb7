"""What a person sees: the report as a file and the run's artifacts in the Prefect UI, in a real browser."""

import json
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
    assert '<img src="data:image/png;base64,' in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def newest_artifact(api: str, key: str) -> str:
    """The id of the latest artifact of a key."""
    body = json.dumps({"artifacts": {"key": {"any_": [key]}}}).encode()
    headers = {"content-type": "application/json"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{api}/artifacts/latest/filter", body, headers)
    ) as answer:
        return str(json.load(answer)[0]["latest_id"])


def test_the_artifacts_are_shown(demo: dict[str, Any], server: dict[str, str], tmp_path: Path) -> None:
    api = server["PREFECT_API_URL"]
    artifact = newest_artifact(api, "silver-build")
    page = seen(f"{api.removesuffix('/api')}/artifacts/artifact/{artifact}", tmp_path)
    assert demo["build"]["snapshots"]["tall"] in page
    assert "Kept and rejected" in page
