"""What a job is to do, as one JSON file: everything that a training or prediction process is told.

Fields marked operational (paths, device, threads, intervals) say how a job runs and stay out of `identity()`,
which names what comes out of it; so a model keeps its identity on another machine.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Self

from model.systems import ENGLISH, system
from storage.errors import InputError, UsageError

OPERATIONAL: Mapping[str, Any] = {"operational": True}
"""The metadata of a field that does not change what a job puts out."""

TRAINING_LOGIC = 1
"""Raised whenever the same spec would give another model: it is part of every model's identity."""

PREDICTION_LOGIC = 1
"""The same for predictions."""


class Preset(StrEnum):
    """Which network is trained: a small one from nothing (`tiny`) or a pre-trained encoder (`base`)."""

    TINY = "tiny"
    BASE = "base"


class Precision(StrEnum):
    """The arithmetic of the forward pass; weights and loss are float32 in both."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a preset brings where the spec does not say."""

    encoder: str
    learning_rate: float
    threads: int


RECIPES: dict[Preset, Recipe] = {
    # A network that starts from nothing needs the larger rate. Its matrices are so small that two threads are no
    # faster than one, and ten times slower where they must share their cores with other work.
    Preset.TINY: Recipe(encoder="", learning_rate=1e-3, threads=1),
    # The paper's encoder (Sec. 2) and learning rate (Sec. 4.2).
    Preset.BASE: Recipe(encoder="bert-base-multilingual-cased", learning_rate=3e-5, threads=0),
}


class _Spec:
    """What both specs share: strict reading, writing, identity."""

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
        operational = {f.name for f in fields(self) if f.metadata.get("operational")}  # type: ignore[arg-type]
        kept = {name: value for name, value in self.to_json().items() if name not in operational}
        return {**kept, "logic": self.logic}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSpec(_Spec):
    """One training run. Paper values (Sec. 4.2) are the defaults where the paper states them.

    `encoder` is a name on the Hub, a directory, or (with `encoder_path`, where the directory lies on this
    machine) any name that stands for it in the identity: `fingerprint` makes one. `encoder` and
    `learning_rate` left out are the preset's. `languages` is kept sorted and without English, which is in
    every system; empty means all.
    """

    job: ClassVar[str] = "train"
    logic: ClassVar[int] = TRAINING_LOGIC

    system: str
    files: tuple[str, ...] = field(metadata=OPERATIONAL)
    """Parquet files of silver rows; which of the rows count is the system's business."""
    output: str = field(metadata=OPERATIONAL)
    """A folder that is new or empty."""
    snapshots: tuple[str, ...] = ()
    """Ids of the snapshots that `files` belong to: they stand for the data in the identity."""
    languages: tuple[str, ...] = ()
    preset: Preset = Preset.BASE
    encoder: str = ""
    encoder_revision: str = "main"
    encoder_path: str = field(default="", metadata=OPERATIONAL)
    seed: int = 0
    epochs: int = 1
    batch_size: int = 32
    learning_rate: float = 0.0
    weight_decay: float = 0.0
    warmup_ratio: float = 0.1
    max_length: int = 384
    doc_stride: int = 128
    precision: Precision = Precision.FLOAT32
    device: str = field(default="auto", metadata=OPERATIONAL)
    threads: int = field(default=0, metadata=OPERATIONAL)
    """CPU threads; 0 leaves the choice to the preset, and base leaves it to torch."""
    log_interval: int = field(default=0, metadata=OPERATIONAL)
    """Steps between two points of the loss curve; 0 gives about a hundred points."""

    def __post_init__(self) -> None:
        recipe = RECIPES[self.preset]
        _settle(self, "languages", tuple(sorted(set(self.languages) - {ENGLISH})))
        _settle(self, "snapshots", tuple(sorted(set(self.snapshots))))
        if self.preset is Preset.TINY and (self.encoder or self.encoder_path):
            raise UsageError(
                "The tiny preset brings its own network; leave out the encoder or use preset base."
            )
        if self.encoder_path and not self.encoder:
            raise UsageError("An encoder_path needs an encoder, the name that stands for it; add one.")
        _settle(self, "encoder", self.encoder or recipe.encoder)
        _settle(self, "learning_rate", self.learning_rate or recipe.learning_rate)
        _settle(self, "threads", self.threads or recipe.threads)
        system(self.system).check_languages(self.languages)
        self._check_figures()

    def _check_figures(self) -> None:
        _check("files", len(self.files) > 0, "must name at least one Parquet file")
        for name in ("epochs", "batch_size", "doc_stride"):
            _check(name, getattr(self, name) >= 1, "must be at least 1")
        for name in ("seed", "threads", "log_interval"):
            _check(name, 0 <= getattr(self, name) < 2**63, "must not be negative")
        _check("learning_rate", 0 < self.learning_rate < math.inf, "must be a positive number")
        _check("weight_decay", 0 <= self.weight_decay < math.inf, "must not be negative")
        _check("warmup_ratio", 0 <= self.warmup_ratio <= 1, "must be between 0 and 1")
        _check("max_length", self.max_length > self.doc_stride, "must be larger than doc_stride")


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSpec(_Spec):
    """One prediction run: the questions of a Parquet file (key, question, context) answered by a reader."""

    job: ClassVar[str] = "predict"
    logic: ClassVar[int] = PREDICTION_LOGIC

    model: str = field(metadata=OPERATIONAL)
    """The reader's folder."""
    questions: str = field(metadata=OPERATIONAL)
    """Parquet with the string columns key, question, context."""
    output: str = field(metadata=OPERATIONAL)
    """The Parquet file to write."""
    max_length: int = 384
    doc_stride: int = 128
    max_answer_tokens: int = 30
    n_best: int = 5
    batch_size: int = field(default=32, metadata=OPERATIONAL)
    device: str = field(default="auto", metadata=OPERATIONAL)
    threads: int = field(default=0, metadata=OPERATIONAL)

    def __post_init__(self) -> None:
        for name in ("doc_stride", "max_answer_tokens", "n_best", "batch_size"):
            _check(name, getattr(self, name) >= 1, "must be at least 1")
        _check("threads", self.threads >= 0, "must not be negative")
        _check("max_length", self.max_length > self.doc_stride, "must be larger than doc_stride")


SPECS: dict[str, type[TrainSpec] | type[PredictSpec]] = {"train": TrainSpec, "predict": PredictSpec}
"""The kinds of job, by the value of `job`."""


def read_spec(path: Path) -> TrainSpec | PredictSpec:
    """Reads a job's file; raises `InputError` where it is no JSON object, `UsageError` for its fields."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"The job spec {path} cannot be read ({error.strerror}); check the path.") from error
    except ValueError as error:
        raise InputError(f"The job spec {path} is no JSON ({error}); write it anew.") from error
    if not isinstance(data, dict):
        raise InputError(f"The job spec {path} holds no JSON object; write it anew.")
    job = data.get("job")
    if not isinstance(job, str) or job not in SPECS:
        raise UsageError.unknown("job", str(job), SPECS)
    return SPECS[job].from_json(data)


def fingerprint(folder: Path) -> str:
    """A name for an encoder's folder made of its content: configuration, tokenizer and weights.

    Raises `InputError` where the folder has no config.json.
    """
    if not (folder / "config.json").is_file():
        raise InputError(
            f"The encoder folder {folder} has no config.json; give a folder that transformers saved."
        )
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in {".json", ".safetensors", ".txt", ".model"} and path.name != "training.json":
            with path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            digest.update(f"{path.name} {content}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def _decode(name: str, kind: Any, value: Any) -> Any:
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if value not in list(kind):
            raise UsageError.unknown(name, value, kind)
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


def _settle(spec: object, name: str, value: object) -> None:
    """Sets a field of a frozen spec while it is being made, so that a spec only ever shows settled values."""
    object.__setattr__(spec, name, value)


def _check(name: str, holds: bool, rule: str) -> None:
    if not holds:
        raise UsageError(f"The field {name!r} of the job spec {rule}; correct it.")
