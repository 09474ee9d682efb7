"""Reports to look at: of one reader, of several, and of one whose every text is hostile."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from storage.examples import Answer, Example
from tasks.scoring.benchmarks import Pair
from tasks.scoring.error_analysis import Answers
from tasks.scoring.inquiry import Claim, Inquiry, Knob, Line, Price, RowAbout, Twin, World
from tasks.scoring.measures import Measure, Training
from tasks.scoring.metrics import Metric
from tasks.scoring.overlap import overlap
from tasks.scoring.report import Analysis, ReportData, Run, Stage, Vectors, Yield, analyse
from tasks.scoring.samples import Key
from tasks.scoring.score import score_pairs

EVIL = "</p><script>alert('x')</script><img src=x onerror=alert(1)>\"'&"

MakeRun = Callable[..., Run]


def answered(pairs: list[Pair], texts: Mapping[Key, str], metric: Metric = Metric.MLQA) -> Answers:
    return Answers(score_pairs(pairs, texts, metric=metric), texts)


@pytest.fixture
def make_run(pairs: list[Pair]) -> MakeRun:
    """A run of a system that answers what it is told, by id."""

    def make(system: str, right: str, **more: object) -> Run:
        texts = {
            (p.name, e.id): e.answers[0].text if e.id in right else "Rhône" for p in pairs for e in p.examples
        }
        given = {"model_id": f"model-{system}", "snapshot_id": "snapshot-1", "recipe": {"seed": 1}, **more}
        return Run(system=system, answers=answered(pairs, texts), **given)  # type: ignore[arg-type]

    return make


@pytest.fixture
def data(pairs: list[Pair]) -> ReportData:
    predictions = {(p.name, e.id): e.answers[0].text for p in pairs for e in p.examples if e.id == "a"}
    predictions["context-ar-question-ar", "b"] = "هنا"
    run = Run(
        system="tq",
        answers=answered(pairs, predictions),
        model_id="model-1",
        snapshot_id="snapshot-1",
        recipe={"seed": 42, "languages": ["en", "ar"]},
        overlap=overlap(["Kant wrote it."], pairs),
        curve=[(10, 5.5), (20, 4.25)],
        plumbing=True,
    )
    return ReportData(benchmark="mlqa", metric=Metric.MLQA, pairs=pairs, runs=[run])


@pytest.fixture
def several(pairs: list[Pair], make_run: MakeRun) -> Analysis:
    """ZS, two seeds of T(Q), curves, vectors and yields."""
    runs = [
        make_run("zs", "a", seed=1, curve=[(1, 6.0), (2, 5.0)], vectors=two_stages()),
        make_run("tq", "ab", seed=1, curve=[(1, 6.0), (2, 4.0)]),
        make_run("tq", "b", seed=2),
    ]
    yields = [Yield(part="tq/es", kept=9, reasons={"tags-lost": 1})]
    return analyse(ReportData(benchmark="mlqa", metric=Metric.MLQA, pairs=pairs, runs=runs, yields=yields))


def two_stages(questions: int = 20) -> dict[str, Vectors]:
    """Vectors that tell their language before training, and their meaning after it."""
    random = np.random.default_rng(0)
    ids = [str(n) for n in range(questions)] * 2
    languages = ["en"] * questions + ["ar"] * questions
    meaning = np.tile(random.normal(size=(questions, 8)), (2, 1))
    tongue = np.repeat([[1.0], [-1.0]], questions, axis=0) * np.ones(8)
    noise = 0.1 * random.normal(size=(2 * questions, 8))
    return {
        "before": Vectors(languages, ids, 5 * tongue + noise),
        "after": Vectors(languages, ids, meaning + noise),
    }


@pytest.fixture
def evil() -> Analysis:
    example = Example("1", EVIL, EVIL, f"before {EVIL} after", (Answer(EVIL, 7),))
    pair = Pair("en", "en", [example])
    runs = [
        Run(
            system=f"{name}{EVIL}",
            answers=answered([pair], {(pair.name, "1"): text}, Metric.SQUAD),
            model_id=EVIL,
            snapshot_id=EVIL,
            recipe={EVIL: EVIL},
        )
        for name, text in (("a", EVIL), ("b", f"after{EVIL}"))
    ]
    return analyse(ReportData(benchmark="squad", metric=Metric.SQUAD, pairs=[pair], runs=runs))


@pytest.fixture
def asked(several: Analysis) -> Analysis:
    """The same with every kind of question answered; whatever the plan says is hostile."""
    training = Training(rows=9, steps=2, seconds=1.0, losses={"adversarial": [(2, 0.5)]})
    inquiry = Inquiry(
        rows=(RowAbout(row="tq", system="tq", says=EVIL),),
        worlds=(World(name=EVIL, knobs=(Knob(name="alignment", value=EVIL, meaning=EVIL),)),),
        claims=(Claim(says=EVIL, better="tq", than="zs", controls=(EVIL,), paper=9.2),),
        twins=(
            Twin(of="zs", twin="tq", says=EVIL, figure=Measure.CONFUSION, bound=0.7),
            Twin(of="zs", twin=EVIL, says=EVIL),
        ),
        price=Price(x=EVIL, lines=(Line(name=EVIL, points=((0.24, "zs"), (1.0, "tq"))),)),
    )
    runs = [replace(run, training=training) for run in several.data.runs]
    stages = [Stage(name=EVIL, times=2, seconds=3.0)]
    return analyse(replace(several.data, runs=runs, inquiry=inquiry, stages=stages))
