"""Strict reading and writing of a job's spec: what every kind of spec shares."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any, ClassVar, Self

from storage.errors import UsageError

OPERATIONAL: Mapping[str, Any] = {"operational": True}
"""The metadata of a field that does not change what a job puts out."""

LATER: Mapping[str, Any] = {"later": True}
"""The metadata of a field that is part of the identity only where it is set: what came before keeps its name."""


class Spec:
    """What all specs share: strict reading, writing, identity."""

    __slots__ = ()
    job: ClassVar[str]
    logic: ClassVar[int]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The spec of a JSON object; an unknown, missing or ill-typed field raises `UsageError`."""
        given = {name: value for name, value in data.items() if name != "job"}
        known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
        for name in given:
            if name not in known:
                raise UsageError.unknown(f"field of a {cls.job} spec", name, known)
        for name, f in known.items():
            if name not in given and f.default is MISSING:
                raise UsageError(f"The {cls.job} spec lacks the field {name!r}; add it.")
        return cls(**{name: _decode(name, known[name].type, value) for name, value in given.items()})

    def to_json(self) -> dict[str, Any]:
        """The JSON object that `from_json` reads, complete with `job`."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        return {"job": self.job, **{name: _encode(value) for name, value in values.items()}}

    def identity(self) -> dict[str, Any]:
        """The fields that change what comes out, and the version of the code's logic; JSON values only."""
        left_out = {f.name for f in fields(self) if _is_left_out(f, getattr(self, f.name))}  # type: ignore[arg-type]
        kept = {name: value for name, value in self.to_json().items() if name not in left_out}
        return {**kept, "logic": self.logic}


def _is_left_out(f: Any, value: object) -> bool:
    return bool(f.metadata.get("operational") or (f.metadata.get("later") and value == f.default))


def settle(spec: object, name: str, value: object) -> None:
    """Sets a field of a frozen spec while it is being made, so that a spec only ever shows settled values."""
    object.__setattr__(spec, name, value)


def check(name: str, holds: bool, rule: str) -> None:
    """Raises `UsageError` with the rule unless it holds."""
    if not holds:
        raise UsageError(f"The field {name!r} of the job spec {rule}; correct it.")


def _decode(name: str, kind: Any, value: Any) -> Any:
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if value not in list(kind):
            raise UsageError.unknown(name, value, filter(None, kind))
        return kind(value)
    if kind is float and type(value) is int:
        return float(value)
    # By exact type: JSON's true must not pass for 1.
    if type(value) is kind:
        return value
    label = "a list of strings" if kind == tuple[str, ...] else f"of type {kind.__name__}"
    raise UsageError(f"The field {name!r} of the job spec must be {label}, not {value!r}; correct it.")


def _encode(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, StrEnum) else value
