"""What a report is made of: a benchmark, and what any number of readers answered to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tasks.scoring.benchmarks import Pair
from tasks.scoring.error_analysis import Answers
from tasks.scoring.inquiry import Inquiry
from tasks.scoring.measures import Training
from tasks.scoring.metrics import Metric
from tasks.scoring.overlap import Overlap
from tasks.scoring.report.vectors import Vectors
from tasks.scoring.score import overall_signature
from tasks.scoring.tables import Table, label


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One evaluated reader: a system trained with one seed.

    `plumbing` marks a reader too small for its figures to mean anything. `curve` is the training loss by step;
    `vectors` are question vectors by stage (`vectors.BEFORE`, `vectors.AFTER`) of its training, where they were made;
    `training` is what the training tells of itself.
    """

    system: str
    answers: Answers
    model_id: str
    snapshot_id: str
    recipe: Mapping[str, object]
    seed: int | None = None
    overlap: Overlap | None = None
    curve: Sequence[tuple[int, float]] = ()
    vectors: Mapping[str, Vectors] = field(default_factory=dict)
    training: Training | None = None
    plumbing: bool = False

    @property
    def name(self) -> str:
        """The system and, where it is known, the seed, as a page calls it."""
        return label(self.system) if self.seed is None else f"{label(self.system)}, seed {self.seed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTable:
    """A table in the paper's layout, made elsewhere: what it is called, and a sentence about it."""

    title: str
    lead: str
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """How many rows of one set and language training data kept, and how many it rejected for each reason."""

    part: str
    kept: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One kind of step, how often it was done for this report, and how many seconds it took in all.

    Of a step that was killed and begun again the seconds are those of the process that ended it.
    """

    name: str
    times: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """What a report tells: readers, the benchmark they were all put to, and what came out.

    Runs of one system are its seeds; systems stand in the order of their first run, and the first one is what the
    others are held against. `limit` is how many questions of each pair were asked at most, 0 for all. `tables` take
    the place of the paper's row beside ours. `yields` tell of the training data of all runs. `inquiry` is what a plan
    asks; `stages` is what the work took, which is no part of what the report is known by.
    """

    benchmark: str
    metric: Metric
    pairs: Sequence[Pair]
    runs: Sequence[Run]
    split: str = "test"
    limit: int = 0
    tables: Sequence[PaperTable] = ()
    yields: Sequence[Yield] = ()
    inquiry: Inquiry | None = None
    stages: Sequence[Stage] = ()
    seed: int = 0

    @property
    def systems(self) -> dict[str, list[Run]]:
        """The runs of each system."""
        found: dict[str, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.system, []).append(run)
        return found

    @property
    def signature(self) -> str:
        """What must be equal for another report's figures to be comparable with these."""
        limited = f"|limit:{self.limit}" if self.limit else ""
        overall = overall_signature(self.runs[0].answers.scores, self.metric)
        return f"benchmark:{self.benchmark}|split:{self.split}|{overall}{limited}"

    @property
    def total(self) -> int:
        """Questions over all pairs."""
        return sum(len(pair.examples) for pair in self.pairs)

    @property
    def crosses_languages(self) -> bool:
        """Whether some question is asked in another language than its context's."""
        return any(pair.context_language != pair.question_language for pair in self.pairs)

    @property
    def plumbing(self) -> bool:
        """Whether the figures of some reader mean nothing."""
        return any(run.plumbing for run in self.runs)
