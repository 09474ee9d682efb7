"""What was found, in sentences: each says what the figures say, and no more."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tasks.scoring.inquiry import Claim, Inquiry, Knob, RowAbout, Twin, World
from tasks.scoring.intervals import Interval
from tasks.scoring.report import Analysis, Run, analyse, report_json, sentences, words
from tasks.scoring.report.claims import ClaimFound, Finding, Held
from tasks.scoring.report.findings import Findings
from tasks.scoring.significance import Significance

CLAIM = Claim(says="Pairs help", better="laf-psa-en-all", than="tq", controls=("tq-pairs",), paper=0.9)


def held(finding: Finding, than: str = "tq") -> Held:
    difference = {Finding.HOLDS: 7.0, Finding.OPPOSITE: -7.0}.get(finding, 0.26)
    p = 0.6 if finding is Finding.NOT_SHOWN else 0.012
    seeds = (difference - 1, difference + 1)
    return Held(
        better="laf-psa-en-all",
        than=than,
        scores=(60.0 + difference, 60.0),
        by_seed=dict(zip("12", seeds, strict=True)),
        interval=Interval(-0.54, 1.06),
        test=Significance(difference, p / 2, exact=False, units=9, changed=9, permutations=9, seed=0),
        corrected=p,
    )


def found(main: Finding, control: Finding) -> ClaimFound:
    return ClaimFound(CLAIM, (held(main), held(control, "tq-pairs")))


def findings(*claims: ClaimFound) -> Findings:
    return Findings(inquiry=Inquiry(), ranking=(), claims=claims, twins=(), price=None, measured={})


@pytest.fixture
def grid(several: Analysis) -> Analysis:
    inquiry = Inquiry(
        rows=(
            RowAbout(row="zs", system="zs"),
            RowAbout(row="tq", system="tq", says="my own words", languages=("qaa",)),
        ),
        claims=(Claim(says="They help", better="tq", than="zs", controls=("gone",)),),
    )
    return analyse(replace(several.data, inquiry=inquiry))


def test_the_figures_of_a_comparison_in_one_sentence() -> None:
    assert words.held_words(held(Finding.NOT_SHOWN)) == (
        "LAF PSA (en-all) 60.3, T(Q) 60.0: +0.3 points (95 % interval −0.5 to +1.1; p = 0.600; by seed −0.7, +1.3)."
    )


@pytest.mark.parametrize(
    ("main", "control", "said"),
    [
        (Finding.HOLDS, Finding.HOLDS, "It holds against the control tq-pairs as well."),
        (
            Finding.HOLDS,
            Finding.NOT_SHOWN,
            "Against the control tq-pairs it is not shown: what that row has may account for the gain.",
        ),
        (Finding.NOT_SHOWN, Finding.HOLDS, "Against the control tq-pairs it does hold."),
        (Finding.UNCERTAIN, Finding.NOT_SHOWN, "Nor does it hold against the control tq-pairs."),
    ],
)
def test_what_a_control_changes(main: Finding, control: Finding, said: str) -> None:
    one = found(main, control)
    assert one.finding is main
    assert words.control_words(one, "tq-pairs", one.controls[0]).startswith(said)


def test_controls_over_all_claims() -> None:
    same, other = found(Finding.HOLDS, Finding.HOLDS), found(Finding.HOLDS, Finding.NOT_SHOWN)
    assert words.controls(findings(same)).startswith("The controls change nothing: 1 claim with a control")
    assert words.controls(findings(same, other)) == (
        "What the controls change: “Pairs help” (holds here) is not shown against tq-pairs."
    )
    assert words.controls(findings()) == ""
    assert words.outcomes(findings()) == []


def test_claims_are_counted_by_what_came_of_them() -> None:
    untested = ClaimFound(CLAIM, (None, None))
    told = words.outcomes(findings(found(Finding.OPPOSITE, Finding.HOLDS), untested, untested))
    assert told == [
        ("the opposite holds here", "Pairs help (−7.0)"),
        ("not tested", "Pairs help; Pairs help"),
    ]
    assert words.why(untested) == "The two rows have no seed in common, or no such figure."
    assert words.why(found(Finding.UNCERTAIN, Finding.HOLDS)).endswith("not every seed shows it.")


def test_that_a_claim_holds_is_not_said_without_its_controls() -> None:
    kept, lost = found(Finding.HOLDS, Finding.HOLDS), found(Finding.HOLDS, Finding.NOT_SHOWN)
    assert (kept.withstands, lost.withstands) == (True, False)
    assert words.outcomes(findings(lost, kept)) == [
        ("holds here", "Pairs help (+7.0)"),
        ("holds here, but not against its control", "Pairs help (+7.0)"),
    ]


def test_who_won_and_what_was_compared(grid: Analysis) -> None:
    assert grid.findings is not None
    assert [(one.label, one.says, one.apart) for one in grid.findings.ranking] == [
        ("T(Q)", "my own words (here: qaa)", False),
        ("ZS", "English questions on English texts and nothing else (zero-shot)", False),
    ]
    assert words.won(grid) == "Best is T(Q) with 75.0, last is ZS with 50.0. Not clearly behind the best: ZS."
    assert words.compared(grid).startswith("2 ways to train a reader")
    assert "3 readers, put to the same 8 questions" in words.compared(grid)
    assert "the mean over 4 pairs" in words.compared(grid)


def test_the_terminal_has_each_claim_and_its_controls(grid: Analysis) -> None:
    lines = sentences(grid)
    assert lines[0] == words.won(grid)
    assert lines[1].startswith("They help: not shown here. T(Q) 100.0, ZS 50.0: +50.0 points")
    assert lines[2].strip() == "Against the control gone it was not tested."
    assert sentences(replace(grid, findings=None)) == []


def test_rows_that_are_broken_on_purpose_cannot_win(several: Analysis, make_run: Callable[..., Run]) -> None:
    inquiry = Inquiry(twins=(Twin(of="zs", twin="tq", says="all wrong"),))
    broken = analyse(replace(several.data, inquiry=inquiry))
    assert broken.findings is not None
    assert [one.label for one in broken.findings.ranking] == ["ZS"]
    assert words.won(broken) == "ZS reaches 50.0."
    assert words.compared(broken).endswith(
        "1 more way is broken on purpose, to see whether the figures show it."
    )


def test_alignment_is_told_first() -> None:
    knobs = [
        Knob(name="languages", value="5"),
        Knob(name="alignment", value="0.6"),
        Knob(name="noise", value="0"),
    ]
    assert [knob.name for knob in words.knobs_first(knobs)] == ["alignment", "languages", "noise"]


def test_a_made_up_world_is_in_the_title_and_the_numbers(several: Analysis) -> None:
    world = World(name="w", knobs=(Knob(name="alignment", value="0.6", meaning="m"),))
    made_up = analyse(replace(several.data, inquiry=Inquiry(worlds=(world,))))
    assert made_up.title == "a made-up world, in the format of MLQA"
    told = report_json(made_up)["findings"]
    assert isinstance(told, dict)
    assert told["worlds"][0]["knobs"][0]["value"] == "0.6"
    assert "findings" not in report_json(several)
