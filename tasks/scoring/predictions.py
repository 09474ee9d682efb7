"""Predictions from a file, and what is wrong with them: counted, named, and scored as the official scorers would.

Both official scorers read one JSON object from question id to text. A question without a prediction scores 0; a
prediction without a question is passed over; an empty text is scored like any other; of an id that stands twice the
last text counts, as in all of Python's JSON. At what is no text (a number, NaN, null, a list) they break off in the
middle, so such a file is refused, in one sentence; unless nobody asked that question: then they do not look.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from storage.errors import InputError

NAMED = 10
"""Of each fault so many ids are named; all are counted."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What is odd about predictions, as ids in file order: none of it stops the scoring."""

    missing: tuple[str, ...] = ()
    """Questions without a prediction: each scores 0."""
    extra: tuple[str, ...] = ()
    """Predictions without a question: passed over."""
    empty: tuple[str, ...] = ()
    """Predictions of nothing but white space: scored as they are, so 0 against any answer with a word in it."""
    repeated: tuple[str, ...] = ()
    """Ids that stand more than once: the last prediction counts."""

    def to_json(self) -> dict[str, object]:
        """Of each fault how many, and the first `NAMED` ids."""
        return {kind: {"count": len(ids), "ids": list(ids[:NAMED])} for kind, ids in self._kinds()}

    def sentences(self) -> list[str]:
        """One line for each fault there is.

        >>> Faults(missing=("a", "b"), empty=("c",)).sentences()
        ['2 questions have no prediction and score 0: a, b', '1 prediction is empty: c']
        """
        return [f"{_counted(kind, len(ids))}: {listed(ids)}" for kind, ids in self._kinds() if ids]

    def _kinds(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        return ((field.name, getattr(self, field.name)) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Predictions:
    """The text for each question that has one, and what was odd in the file."""

    texts: Mapping[str, str]
    faults: Faults


def read_predictions(path: Path, asked: Sequence[str], *, set_aside: Sequence[str] = ()) -> Predictions:
    """Predictions for the questions `asked`, by id; those for questions `set_aside` are neither used nor odd.

    Raises:
        InputError: the file cannot be read, is no JSON object, or has what is no text for a question that is asked.
    """
    content, repeated = _read_object(path)
    given = {key: content[key] for key in asked if key in content}
    texts = {key: value for key, value in given.items() if isinstance(value, str)}
    wrong = [f"{key!r} ({_kind(value)})" for key, value in given.items() if key not in texts]
    if wrong:
        raise InputError(
            f"{path}: {len(wrong):,} of its predictions are no texts, where the official scorer breaks off: "
            f"{listed(wrong)}; give texts, and an empty one for no answer."
        )
    known = {*asked, *set_aside}
    faults = Faults(
        missing=tuple(key for key in asked if key not in texts),
        extra=tuple(key for key in content if key not in known),
        empty=tuple(key for key, text in texts.items() if not text.strip()),
        repeated=repeated,
    )
    return Predictions(texts, faults)


def listed(names: Sequence[str]) -> str:
    """The first `NAMED` names, and how many more there are.

    >>> listed([str(n) for n in range(12)])
    '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more'
    """
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _read_object(path: Path) -> tuple[dict[str, object], tuple[str, ...]]:
    """The file's one object, and the ids that stand in it more than once."""
    outermost: list[tuple[str, object]] = []

    def keep(pairs: list[tuple[str, object]]) -> dict[str, object]:
        # Objects end from the inside out: the last one seen is the outermost.
        outermost[:] = pairs
        return dict(pairs)

    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=keep)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path}: not valid JSON ({error}); give an object from question id to answer."
        ) from error
    if not isinstance(content, dict):
        raise InputError(
            f"{path}: not predictions; give one JSON object from question id to the answer's text."
        )
    times = Counter(key for key, _ in outermost)
    return content, tuple(key for key, count in times.items() if count > 1)


def _kind(value: object) -> str:
    """What a JSON value is, in JSON's words; numbers that are none by their name.

    >>> [_kind(value) for value in (None, True, float("nan"), 3, [], {})]
    ['null', 'true', 'NaN', 'a number', 'a list', 'an object']
    """
    if value is None or isinstance(value, bool) or value != value:
        return json.dumps(value)
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else "a number"


_SENTENCES = {
    "missing": ("question has no prediction and scores 0", "questions have no prediction and score 0"),
    "extra": ("prediction is for no question here", "predictions are for no question here"),
    "empty": ("prediction is empty", "predictions are empty"),
    "repeated": ("id stands more than once (the last counts)", "ids stand more than once (the last counts)"),
}


def _counted(kind: str, count: int) -> str:
    return f"{count:,} {_SENTENCES[kind][count != 1]}"
