"""What runs are called in Prefect's UI: what was done, to what, and when."""

from collections.abc import Iterable
from datetime import UTC, datetime

from tasks.mt.catalogue import split


def title(*words: str) -> str:
    """Such as `build es,de apertium 2026-11-22`, by the day's date in UTC."""
    return " ".join([*words, datetime.now(UTC).date().isoformat()])


def joined(names: Iterable[str]) -> str:
    """Names as one word.

    >>> joined(["es", "de"])
    'es,de'
    """
    return ",".join(names)


def engine_names(given: str) -> str:
    """Engines by name; files, addresses and settings are among the run's parameters, and would fill its title.

    >>> engine_names("es=table:/data/es.tsv,ca=table:/data/ca.tsv"), engine_names("es=deepl,zh=google?markup=tags")
    ('table', 'es=deepl,zh=google')
    >>> engine_names("openai:https://host/v1?model=x")
    'openai'
    """
    if "=" not in split(given)[0]:
        return split(given)[0]
    named = {
        language: split(name)[0] for language, _, name in (one.partition("=") for one in given.split(","))
    }
    names = set(named.values())
    return (
        names.pop() if len(names) == 1 else joined(f"{language}={name}" for language, name in named.items())
    )
