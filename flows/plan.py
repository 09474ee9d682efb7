"""A plan: which systems are trained on what and with which seeds, and what they are put to. `reproduce` follows it.

`flows.plan_files` reads it from TOML. A row of the tables is a system under a name of its
own, with settings of its own: so a control (a system trained longer, or with a loss taken out) is one more row.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from flows.parameters import ALL_SETS, SAMPLE, SAMPLE_FOLDER, Benchmark, resolve_data
from model.ablations import Ablation
from model.spec import SETTINGS_OF, Precision, Preset, QuestionVector, UpdateSchedule
from model.systems import system
from storage.silver import SilverSet
from tasks.laboratory.knobs import Knobs
from tasks.projection.rules import Rule
from tasks.scoring.inquiry import Claim, Price, Twin

REPLAY = SAMPLE_FOLDER / "apertium.tsv"
"""What Apertium made of the embedded sample."""


class Part(BaseModel):
    """A part of a plan: read strictly, so that a misspelt field is told of and not passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Silver(Part):
    """Training sets that are built before anything is trained, as `silverspan build` would."""

    source: str = Field(
        SAMPLE,
        description="A SQuAD-format file, a URL, the name of a data set, `sample`, or `world:NAME`.",
    )
    languages: list[str] = Field(min_length=1, description="Languages to translate into.")
    sets: list[SilverSet] = Field(list(ALL_SETS), min_length=1, description="Which sets to publish.")
    engine: str = Field(
        "apertium",
        description="One engine, or one per language; `sample` replays the sample's, `world:NAME?lost=0.24` is a"
        " world's, with options of its own.",
    )
    projection: Rule = Field(Rule.BEST, description="How answers are found again.")
    filters: str = Field("", description="Which projected rows to drop or to trust less.")
    retry_markup: bool = False
    sentencewise: bool = False
    answers_alone: bool = False
    budget: str = Field("", description="The most that the build may spend.")

    @property
    def engines(self) -> str:
        """The engine as builds know it."""
        return f"table:{REPLAY}" if self.engine == SAMPLE else self.engine


class Training(Part):
    """Settings of `model.spec.TrainSpec`; those left out are the preset's, or the paper's where it states them."""

    preset: Preset | None = None
    encoder: str | None = None
    encoder_revision: str | None = None
    epochs: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    warmup_ratio: float | None = None
    max_length: int | None = None
    doc_stride: int | None = None
    precision: Precision | None = None
    schedule: UpdateSchedule | None = None
    question_vector: QuestionVector | None = None
    adversarial_weight: float | None = None
    discriminator_learning_rate: float | None = None
    translation_weight: float | None = None
    same_answer_weight: float | None = None
    similarity_weight: float | None = None
    answer_updates: int | None = None
    ablation: Ablation | None = None

    def settings(self) -> dict[str, Any]:
        """The fields that are set."""
        return self.model_dump(exclude_none=True)


class System(Part):
    """A row of the tables: a system of the paper, by default under its own name and as the whole plan trains."""

    system: str
    name: str = Field("", description="What the tables call it; by default the system's name.")
    silver: str = Field("", description="The name of the sets that it trains on; by default the first.")
    languages: list[str] = Field(
        [], description="Languages to train on; by default all that the system may have."
    )
    says: str = Field("", description="What is special about it, in words for the report.")
    training: Training = Training()

    @property
    def label(self) -> str:
        """Its name."""
        return self.name or self.system


class Exam(Part):
    """A benchmark that systems are put to."""

    benchmark: Benchmark
    data: str = Field(
        "official",
        description="Its folder or file, `sample`, `official` to download it, or `world:NAME` (as mlqa).",
    )
    split: str = "test"
    languages: list[str] = Field([], description="Only pairs of these languages; by default all pairs.")
    limit: int = Field(0, ge=0, description="So many questions of each pair; 0 for all.")
    systems: list[str] = Field([], description="Which rows are put to it; by default all.")

    @property
    def path(self) -> str:
        """Its folder, or what stands for one."""
        return resolve_data(self.data, self.benchmark)


class Invariance(Part):
    """Whose question vectors are looked at, before and after training, on the parallel questions of the benchmarks."""

    systems: list[str] = Field([], description="Which rows; by default all.")
    seeds: list[int] = Field([], description="Which of the seeds; by default all.")
    question_vector: QuestionVector = QuestionVector.AVERAGE


class Plan(Part):
    """Everything that a grid of systems and seeds is."""

    title: str = Field(description="What the run and its report are called.")
    seeds: list[int] = Field(min_length=1, description="Each system is trained with each of them.")
    worlds: dict[str, Knobs] = Field(
        {},
        description="Made-up worlds by name: `world:NAME` then stands for a source, engine, benchmark or encoder.",
    )
    silver: dict[str, Silver] = Field(min_length=1, description="Sets of training data by name.")
    training: Training = Training()
    systems: list[System] = Field(min_length=1, description="The rows of the tables.")
    benchmarks: list[Exam] = Field(min_length=1, description="What the rows are put to.")
    invariance: Invariance | None = None
    claims: list[Claim] = Field([], description="What the report is to test, all of it one family.")
    twins: list[Twin] = Field([], description="Rows that are broken on purpose.")
    price: Price | None = Field(None, description="A curve of F1 by the share of tags that come back.")

    def silver_of(self, row: System) -> str:
        """The name of the training data of a row."""
        return row.silver or next(iter(self.silver))

    def settings_of(self, row: System) -> dict[str, Any]:
        """How a row is trained: as the whole plan is, as far as its system has these settings, and by its own."""
        objective = system(row.system).objective
        shared = self.training.settings().items()
        fitting = {name: value for name, value in shared if objective in SETTINGS_OF.get(name, (objective,))}
        return fitting | row.training.settings()

    def rows_of(self, exam: Exam) -> list[System]:
        """The rows that are put to a benchmark, in the plan's order."""
        return [row for row in self.systems if not exam.systems or row.label in exam.systems]
