"""Prefect is given its own file of deployments, `deploy/prefect.yaml`, with what people have filled in."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from prefect.settings import get_current_settings

from storage.errors import SilverspanError

_TAKEN = re.compile(r"Deployment '([^']+)' successfully")


class DeployError(SilverspanError):
    """The server did not take what it was told."""


def prefect_file() -> Path:
    """The file that names the deployments."""
    return Path(str(files("deploy"))) / "prefect.yaml"


def declared() -> dict[str, Any]:
    """What the file says, its templates not yet filled in."""
    content: dict[str, Any] = yaml.safe_load(prefect_file().read_text(encoding="utf-8"))
    return content


def applied(content: Mapping[str, Any], values: Mapping[str, str], taken: Callable[[str], None]) -> None:
    """Have Prefect read such a file.

    Args:
        content: the file.
        values: what its templates name, by name.
        taken: is told each deployment as the server has it, as `prefect deployment run` names it.

    Raises:
        DeployError: the server refuses something; its own words are in the message.
    """
    with tempfile.TemporaryDirectory(prefix="silverspan-deploy-") as folder:
        file = Path(folder) / "prefect.yaml"
        file.write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")
        with _deploying(file, values) as process:
            said = _heard(process.stdout or (), taken)
    if process.returncode:
        raise DeployError(f"Prefect did not take the deployments: {_last_words(said)}")


def _deploying(file: Path, values: Mapping[str, str]) -> "subprocess.Popen[str]":
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    # In a folder of its own, and not looking there: a folder called `flows` where the user stands is not ours.
    deploy = ["-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", file.name]
    return subprocess.Popen(
        [sys.executable, "-P", *deploy],
        cwd=file.parent,
        env={**os.environ, **settings, **values, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


def _heard(lines: Iterable[str], taken: Callable[[str], None]) -> list[str]:
    said = []
    for line in lines:
        said.append(line)
        if found := _TAKEN.search(line):
            taken(found[1])
    return said


def _last_words(lines: Iterable[str]) -> str:
    words = [line.strip(" │\n") for line in lines if line.strip(" │╭╮╰╯─\n")]
    return words[-1] if words else "it said nothing; run `prefect deploy --all` to see."
