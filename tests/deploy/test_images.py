"""The files that other programs read: linted and checked against those programs' own schemas."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
BIN = Path(sys.executable).parent


def checked(*command: str) -> None:
    done = subprocess.run([BIN / command[0], *command[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_is_sound() -> None:
    checked("hadolint", str(DEPLOY / "Dockerfile"))


def test_the_compose_file_is_one() -> None:
    checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml"))


def test_images_of_both_kinds_run_as_nobody_special() -> None:
    stages = dict(re.findall(r"^FROM \S+ AS (\S+)$(.*?)(?=^FROM|\Z)", text(), re.MULTILINE | re.DOTALL))
    assert "USER 1000:1000" in stages["runtime"]
    for target in ("cpu", "cuda"):
        assert f"FROM runtime AS {target}" in text()
        assert "USER" not in stages[target]


def text() -> str:
    return (DEPLOY / "Dockerfile").read_text()


def test_compose_builds_what_the_dockerfile_makes_and_shows_no_password() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    targets = {service["build"]["target"] for service in compose["services"].values() if "build" in service}
    assert targets == {"cpu", "cuda"}
    urls = re.findall(r"postgresql\S*://\S+", (DEPLOY / "compose.yaml").read_text())
    assert len(urls) == 2
    assert not [url for url in urls if ":" in url.partition("://")[2].partition("@")[0]]
    assert compose["services"]["server"]["ports"] == ["127.0.0.1:4200:4200"]


def test_the_image_holds_what_setup_would_install_to_run() -> None:
    """Extras that only tests need stay out of the images."""
    extras = set(re.findall(r"\[([a-z0-9,]+)\]", text())[0].split(","))
    assert {"dask", "postgres", "s3"} <= extras
    assert "dev" not in extras
