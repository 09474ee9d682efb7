"""Keys of translation services: from the environment of whoever runs the step, or from a Prefect Secret block.

This is the one place below flows/ that reads the environment: a key must be looked up where it is used, on the machine
of the worker, because whatever is handed to a task is stored in plain text.
"""

import contextlib
import os
from collections.abc import Callable
from functools import cache
from typing import Any, cast


def keys_of_this_step() -> Callable[[str], str | None]:
    """Looks up keys, each once: a step that runs on after a key was changed keeps the one that it began with."""
    return cache(find_key)


def find_key(name: str) -> str | None:
    """The key of that name (`DEEPL_API_KEY`), or None.

    A Secret block bears the same name in small letters with dashes: `deepl-api-key`.
    """
    return os.environ.get(name) or _from_block(name.lower().replace("_", "-"))


def _from_block(name: str) -> str | None:
    from prefect.blocks.system import Secret

    with contextlib.suppress(ValueError):
        return str(cast(Any, Secret.load(name)).get())
    return None
