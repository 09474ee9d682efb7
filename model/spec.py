"""What a job is to do, as one JSON file: everything that a training or prediction process is told.

Fields marked operational (paths, device, threads, intervals) say how a job runs and stay out of `identity()`,
which names what comes out of it; so a model keeps its identity on another machine.
"""

import json
import math
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from model.ablations import ABLATIONS_OF, Ablation
from model.fields import LATER, OPERATIONAL, Spec, check, settle
from model.pretraining.spec import PretrainSpec
from model.systems import Objective, system
from storage.errors import InputError, UsageError

TRAINING_LOGIC = 2
"""Raised whenever the same spec would give another model: it is part of every model's identity."""

PREDICTION_LOGIC = 1
"""The same for predictions."""

BATCH_SIZE = 32
"""The paper states none; this is what BERT's authors fine-tuned SQuAD with (Devlin et al., 2019, Sec. 4.2)."""

MAX_BATCH_TOKENS = 16384
"""Of one forward pass: 42 windows of the paper's length."""

VECTOR_LOGIC = 1
"""The same for the vectors of questions."""


class Preset(StrEnum):
    """Which network is trained: a small one from nothing (`tiny`) or a pre-trained encoder (`base`)."""

    TINY = "tiny"
    BASE = "base"


class UpdateSchedule(StrEnum):
    """In which order AT and LAF update: as Algorithms 1 and 2 are printed, or all at once."""

    FAITHFUL = "faithful"
    JOINT = "joint"
    """One forward pass of each input and one summed loss: another algorithm, cheaper."""


class QuestionVector(StrEnum):
    """What stands for a question before the discriminator and in the similarity of questions (Sec. 4.2)."""

    UNSET = ""
    """The system's own: [CLS] for AT, average for LAF, none for the others."""
    CLS = "cls"
    AVERAGE = "average"
    """The mean over the tokens of the question."""
    CLS_SEP = "cls-sep"
    """[CLS] and the first [SEP], concatenated."""


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


_ARBITRATION = (Objective.SAME_ANSWER, Objective.SAME_ANSWER_SIMILARITY)

SETTINGS_OF: dict[str, tuple[Objective, ...]] = {
    "schedule": (Objective.ADVERSARIAL, *_ARBITRATION),
    "question_vector": (Objective.ADVERSARIAL, Objective.SAME_ANSWER_SIMILARITY),
    "adversarial_weight": (Objective.ADVERSARIAL,),
    "discriminator_learning_rate": (Objective.ADVERSARIAL,),
    "translation_weight": _ARBITRATION,
    "same_answer_weight": _ARBITRATION,
    "similarity_weight": (Objective.SAME_ANSWER_SIMILARITY,),
    "answer_updates": _ARBITRATION,
}
"""The fields of a `TrainSpec` that not every system has, and the objectives that have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSpec(Spec):
    """One training run. Paper values (Sec. 4.2) are the defaults where the paper states them.

    `encoder` is a name on the Hub, a directory, or (with `encoder_path`, where the directory lies on this
    machine) any name that stands for it in the identity: `model.fingerprints` makes one. `encoder` and
    `learning_rate` left out are the preset's. `languages` is kept sorted and without English, which is in
    every system; empty means all. The fields of `SETTINGS_OF` may be set only where the system has them.
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
    steps: int = field(default=0, metadata=LATER)
    """Batches to learn from, in as many passes as that takes; 0: those of `epochs` passes."""
    batch_size: int = BATCH_SIZE
    learning_rate: float = 0.0
    weight_decay: float = 0.0
    warmup_ratio: float = 0.1
    max_length: int = 384
    doc_stride: int = 128
    precision: Precision = Precision.FLOAT32
    eval_interval: int = 0
    """Steps between two looks at the dev set; 0 looks at the end of each epoch."""
    dev: tuple[str, ...] = ()
    """Names, by content, of the dev set: they stand for `dev_files` in the identity."""
    schedule: UpdateSchedule = UpdateSchedule.FAITHFUL
    question_vector: QuestionVector = QuestionVector.UNSET
    adversarial_weight: float = 1.0
    """Of L_adv in AT. The paper's objectives are plain sums: it states no weights."""
    discriminator_learning_rate: float = 0.0
    """Of the discriminator's own AdamW, held constant; 0 gives it the reader's rate. The paper states none."""
    translation_weight: float = 1.0
    """Of L_QA on the translated question in LAF; 0 leaves gold answers to English alone."""
    same_answer_weight: float = 1.0
    """Of L_PSA in LAF; 0 takes its update out."""
    similarity_weight: float = 1.0
    """Of L_QS in LAF; 0 takes its update out."""
    answer_updates: int = field(default=1, metadata=LATER)
    """Updates on L_QA of each batch in LAF, each from a new forward pass: a control for LAF's larger number of them."""
    ablation: Ablation = field(default=Ablation.NONE, metadata=LATER)
    """What is broken on purpose, to see whether it is noticed."""
    dev_files: tuple[str, ...] = field(default=(), metadata=OPERATIONAL)
    """Parquet files of silver rows; the step whose reader does best on them is kept."""
    processes: int = field(default=1, metadata=OPERATIONAL)
    """Processes that share each batch; 0 is one per GPU, or one where there is none."""
    max_batch_tokens: int = field(default=MAX_BATCH_TOKENS, metadata=OPERATIONAL)
    """Tokens of one forward pass, padding included; a larger batch is worked through in parts."""
    checkpoints: str = field(default="", metadata=OPERATIONAL)
    """A folder for checkpoints, from which a retry goes on; by default `<output>.checkpoints`.

    It is removed when the reader is written.
    """
    checkpoint_interval: int = field(default=0, metadata=OPERATIONAL)
    """Steps between two checkpoints; 0 makes one at points of the curve that are five minutes apart."""
    feature_cache: str = field(default="", metadata=OPERATIONAL)
    """A folder for tokenised texts, named by content; none are kept where it is empty."""
    tensorboard: str = field(default="", metadata=OPERATIONAL)
    """A folder for TensorBoard's curves; none are written where it is empty."""
    compile: bool = field(default=False, metadata=OPERATIONAL)
    """Whether torch compiles the network before it trains."""
    device: str = field(default="auto", metadata=OPERATIONAL)
    threads: int = field(default=0, metadata=OPERATIONAL)
    """CPU threads; 0 leaves the choice to the preset, and base leaves it to torch."""
    log_interval: int = field(default=0, metadata=OPERATIONAL)
    """Steps between two points of the loss curve; 0 gives about a hundred points."""

    def __post_init__(self) -> None:
        recipe = RECIPES[self.preset]
        settle(self, "languages", system(self.system).choose_languages(self.languages))
        for name in ("snapshots", "dev"):
            settle(self, name, tuple(sorted(set(getattr(self, name)))))
        if self.preset is Preset.TINY and (self.encoder or self.encoder_path):
            raise UsageError(
                "The tiny preset brings its own network; leave out the encoder or use preset base."
            )
        if self.encoder_path and not self.encoder:
            raise UsageError("An encoder_path needs an encoder, the name that stands for it; add one.")
        settle(self, "encoder", self.encoder or recipe.encoder)
        settle(self, "learning_rate", self.learning_rate or recipe.learning_rate)
        settle(self, "threads", self.threads or recipe.threads)
        self._settle_objective()
        self._check_figures()

    def _settle_objective(self) -> None:
        """Refuses settings that the system does not have, and fills in those that it does."""
        objective = system(self.system).objective
        for f in fields(self):
            given = getattr(self, f.name) != f.default
            if given and objective not in SETTINGS_OF.get(f.name, (objective,)):
                raise UsageError(f"The system {self.system!r} has no {f.name}; leave it out.")
        if self.ablation and self.ablation not in ABLATIONS_OF[objective]:
            raise UsageError.unknown(
                f"ablation of {self.system}", str(self.ablation), ABLATIONS_OF[objective]
            )
        if objective is Objective.ADVERSARIAL:
            settle(self, "question_vector", self.question_vector or QuestionVector.CLS)
            rate = self.discriminator_learning_rate or self.learning_rate
            settle(self, "discriminator_learning_rate", rate)
        if objective is Objective.SAME_ANSWER_SIMILARITY:
            settle(self, "question_vector", self.question_vector or QuestionVector.AVERAGE)

    def _check_figures(self) -> None:
        check("files", len(self.files) > 0, "must name at least one Parquet file")
        for name in ("epochs", "batch_size", "doc_stride", "max_batch_tokens", "answer_updates"):
            check(name, getattr(self, name) >= 1, "must be at least 1")
        once = self.answer_updates == 1 or self.schedule is UpdateSchedule.FAITHFUL
        check(
            "answer_updates",
            once,
            "must be 1 where the schedule is joint, which makes one update of all losses",
        )
        intervals = ("steps", "log_interval", "eval_interval", "checkpoint_interval")
        for name in ("seed", "threads", "processes", *intervals):
            check(name, 0 <= getattr(self, name) < 2**63, "must not be negative")
        check("learning_rate", 0 < self.learning_rate < math.inf, "must be a positive number")
        weights = ("adversarial_weight", "translation_weight", "same_answer_weight", "similarity_weight")
        for name in ("weight_decay", "discriminator_learning_rate", *weights):
            check(name, 0 <= getattr(self, name) < math.inf, "must not be negative")
        check("warmup_ratio", 0 <= self.warmup_ratio <= 1, "must be between 0 and 1")
        check("max_length", self.max_length > self.doc_stride, "must be larger than doc_stride")


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSpec(Spec):
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
    precision: Precision = Precision.FLOAT32
    max_batch_tokens: int = field(default=MAX_BATCH_TOKENS, metadata=OPERATIONAL)
    """Tokens of one forward pass, padding included."""
    device: str = field(default="auto", metadata=OPERATIONAL)
    threads: int = field(default=0, metadata=OPERATIONAL)

    def __post_init__(self) -> None:
        for name in ("doc_stride", "max_answer_tokens", "n_best", "max_batch_tokens"):
            check(name, getattr(self, name) >= 1, "must be at least 1")
        check("threads", self.threads >= 0, "must not be negative")
        check("max_length", self.max_length > self.doc_stride, "must be larger than doc_stride")


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorSpec(Spec):
    """One run that turns the questions of a Parquet file (key, question) into vectors, by a reader's encoder."""

    job: ClassVar[str] = "vectors"
    logic: ClassVar[int] = VECTOR_LOGIC

    model: str = field(metadata=OPERATIONAL)
    """The reader's folder."""
    questions: str = field(metadata=OPERATIONAL)
    """Parquet with the string columns key, question."""
    output: str = field(metadata=OPERATIONAL)
    """The Parquet file to write: key, vector (a list of floats)."""
    question_vector: QuestionVector = QuestionVector.AVERAGE
    untrained: bool = False
    """Whether the vectors are those of the reader before its training."""
    encoder_path: str = field(default="", metadata=OPERATIONAL)
    """Where the encoder lies on this machine, if the reader knows it by its fingerprint."""
    max_length: int = 384
    precision: Precision = Precision.FLOAT32
    max_batch_tokens: int = field(default=16384, metadata=OPERATIONAL)
    """Tokens of one forward pass, padding included."""
    device: str = field(default="auto", metadata=OPERATIONAL)
    threads: int = field(default=0, metadata=OPERATIONAL)

    def __post_init__(self) -> None:
        known = self.question_vector is not QuestionVector.UNSET
        check("question_vector", known, "must be one of cls, average, cls-sep")
        for name in ("max_length", "max_batch_tokens"):
            check(name, getattr(self, name) >= 1, "must be at least 1")
        check("threads", self.threads >= 0, "must not be negative")


AnySpec = TrainSpec | PredictSpec | VectorSpec | PretrainSpec

SPECS: dict[str, type[TrainSpec] | type[PredictSpec] | type[VectorSpec] | type[PretrainSpec]] = {
    "train": TrainSpec,
    "predict": PredictSpec,
    "vectors": VectorSpec,
    "pretrain": PretrainSpec,
}
"""The kinds of job, by the value of `job`."""


def read_spec(path: Path) -> AnySpec:
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
