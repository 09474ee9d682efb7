"""What was found, in sentences for one who has not read the paper: the same in page, artifact and terminal."""

from collections.abc import Sequence

from tasks.scoring.inquiry import Knob
from tasks.scoring.measures import Measure
from tasks.scoring.report.analysis import Analysis
from tasks.scoring.report.claims import ClaimFound, Finding, Held
from tasks.scoring.report.findings import Findings
from tasks.scoring.report.views import p_value
from tasks.scoring.tables import label

CHIPS = {
    Finding.HOLDS: "holds here",
    Finding.OPPOSITE: "the opposite holds here",
    Finding.UNCERTAIN: "not certain here",
    Finding.NOT_SHOWN: "not shown here",
    Finding.NOT_TESTED: "not tested",
}
"""A finding in a few words."""

ONLY_AT_FIRST = "holds here, but not against its control"

UNTESTED_CONTROL = "holds here, a control was not tested"

AGAINST = {
    Finding.HOLDS: "does hold",
    Finding.OPPOSITE: "turns into its opposite",
    Finding.UNCERTAIN: "is not certain",
    Finding.NOT_SHOWN: "is not shown",
}
"""What becomes of a claim against a control."""

GIVEN = (
    "The encoder begins with heads that attend to equal words and to the left neighbour, and is pre-trained to find "
    "masked values in texts of every language, span heads included: so even ZS has seen each language tell and ask. "
    "Pre-training knows the names of the test, but not its texts; training knows neither."
)
"""What else is put into a made-up world's encoder by hand."""

ALIGNMENT = "alignment"
"""The knob of a made-up world that is told first: it stands for what multilingual pre-training gives."""


def compared(found: Analysis) -> str:
    """What was put to what, and what the figure is."""
    findings, data = _asked(found), found.data
    sound = {one.row for one in findings.ranking}
    runs = [run for run in data.runs if run.system in sound]
    pairs = len(data.pairs)
    ways, readers = _counted(len(findings.ranking), "way"), _counted(len(runs), "reader")
    if data.crosses_languages:
        over = f" (G-XLT: the mean over {pairs} pairs of the question's language and its text's)"
    else:
        over = f" (the mean over {_counted(pairs, 'language')})" if pairs > 1 else ""
    return (
        f"{ways} to train a reader that finds the answer to a question in a text were compared: {readers}, put to "
        f"the same {data.total:,} questions. The figure is F1 in percent{over}: 100 where every answer has exactly the "
        f"right words.{_broken(found)}"
    )


def won(found: Analysis) -> str:
    """Who is best, who is last, and whom the test does not tell from the best."""
    ranking = _asked(found).ranking
    best, last = ranking[0], ranking[-1]
    if len(ranking) == 1:
        return f"{best.label} reaches {best.f1.mean:.1f}."
    rivals = [one.label for one in ranking[1:] if not one.apart]
    ends = f"Best is {best.label} with {best.f1.mean:.1f}, last is {last.label} with {last.f1.mean:.1f}."
    if not rivals:
        return f"{ends} The best is clearly better than every other."
    return f"{ends} Not clearly behind the best: {_listed(rivals)}."


def outcomes(findings: Findings) -> list[tuple[str, str]]:
    """The claims by what came of them, each with its difference: what a reader in haste reads."""
    order = (CHIPS[Finding.HOLDS], ONLY_AT_FIRST, UNTESTED_CONTROL, *CHIPS.values())
    told: dict[str, list[str]] = {chip: [] for chip in order}
    for one in findings.claims:
        difference = f" ({points(one.main.difference)})" if one.main else ""
        told[chip(one)].append(f"{one.claim.says}{difference}")
    return [(said, "; ".join(claims)) for said, claims in told.items() if claims]


def chip(found: ClaimFound) -> str:
    """A claim's finding in a few words; that it holds is not said without its controls."""
    if found.finding is Finding.HOLDS and not found.withstands:
        lost = any(one and one.finding is not Finding.HOLDS for one in found.controls)
        return ONLY_AT_FIRST if lost else UNTESTED_CONTROL
    return CHIPS[found.finding]


def controls(findings: Findings) -> str:
    """What the controls change, over all claims; empty where there are none."""
    held = [one for one in findings.claims if one.main and any(one.controls)]
    if not held:
        return ""
    changed = [
        one for one in held if any(other and other.finding is not one.finding for other in one.controls)
    ]
    if not changed:
        return f"The controls change nothing: {_counted(len(held), 'claim')} with a control, the same against it."
    named = "; ".join(f"“{one.claim.says}” {_turns(one)}" for one in changed)
    return f"What the controls change: {named}."


def held_words(held: Held) -> str:
    """Both figures, the difference, and how far it is to be trusted."""
    a, b = held.scores
    interval = f"95 % interval {points(held.interval.low)} to {points(held.interval.high)}"
    seeds = ", ".join(points(one) for one in held.by_seed.values())
    by_seed = f"; by seed {seeds}" if len(held.by_seed) > 1 else "; one seed"
    return (
        f"{label(held.better)} {a:.1f}, {label(held.than)} {b:.1f}: {points(held.difference)} points "
        f"({interval}; {_p(held.corrected)}{by_seed})."
    )


def why(found: ClaimFound) -> str:
    """What the finding rests on, where the figures alone do not say it."""
    if found.main is None:
        return "The two rows have no seed in common, or no such figure."
    if found.finding is Finding.UNCERTAIN:
        return "Over the questions that is more than chance, but not every seed shows it."
    return ""


def control_words(found: ClaimFound, control: str, held: Held | None) -> str:
    """What becomes of a claim against one of its controls."""
    name = label(control)
    if held is None:
        return f"Against the control {name} it was not tested."
    stands, holds = found.finding is Finding.HOLDS, held.finding is Finding.HOLDS
    if stands and holds:
        told = f"It holds against the control {name} as well."
    elif stands:
        becomes = AGAINST[held.finding]
        told = f"Against the control {name} it {becomes}: what that row has may account for the gain."
    elif holds:
        told = f"Against the control {name} it does hold."
    else:
        told = f"Nor does it hold against the control {name}."
    return f"{told} {held_words(held)}"


def paper_words(found: ClaimFound) -> str:
    """By how much it is so in the paper; empty where the plan does not say."""
    if found.claim.paper is None:
        return ""
    return f"In the paper: {points(found.claim.paper)} points."


def covers(findings: Findings) -> str:
    """Which variation the tests cover, and which they do not."""
    tests = _counted(findings.tests, "test")
    return (
        "p is that of Fisher’s randomisation test over the questions: of each question the mean over the seeds, its "
        f"translations dealt out together, corrected for all {tests} of these claims and controls (Holm). It asks "
        "whether other questions would have told the same of these very readers. Whether other seeds would have is "
        "seen in the difference of each seed, and in the interval, for which questions and seeds are both drawn anew "
        "(with so few seeds it is rather too narrow; those that begin with one encoder count as if they did not). "
        "A claim holds where p is below 0.05 and every seed shows the "
        "difference. In the table, a row is clearly behind where its p, corrected for every two rows, is below 0.05."
    )


def knobs_first(knobs: Sequence[Knob]) -> list[Knob]:
    """The knobs of a world, the alignment before all others."""
    return sorted(knobs, key=lambda knob: knob.name != ALIGNMENT)


def figure_words(found: ClaimFound) -> str:
    """The claim's figure, where it is not that of the whole page."""
    return "" if found.claim.figure is Measure.G_XLT else "XLT, question and text in one language: "


def points(value: float) -> str:
    """A difference with its sign, to 0.1.

    >>> points(7.06), points(-0.31), points(0.04)
    ('+7.1', '−0.3', '0.0')
    """
    shown = f"{value:+.1f}"
    return shown[1:] if not shown.strip("+-0.") else shown.replace("-", "−")


def sentences(found: Analysis) -> list[str]:
    """What was found, for a terminal: who won, and each claim with what became of it."""
    findings = found.findings
    if findings is None:
        return []
    lines = [won(found)]
    for one in findings.claims:
        figures = held_words(one.main) if one.main else why(one)
        lines.append(f"{one.claim.says}: {chip(one)}. {figure_words(one)}{figures}")
        lines += [
            f"  {control_words(one, *pair)}" for pair in zip(one.claim.controls, one.controls, strict=True)
        ]
    return lines


def _asked(found: Analysis) -> Findings:
    if found.findings is None:
        raise ValueError("there are no findings to put into words")
    return found.findings


def _broken(found: Analysis) -> str:
    broken = len({run.system for run in found.data.runs} & _asked(found).inquiry.broken)
    if not broken:
        return ""
    verb = "is" if broken == 1 else "are"
    return f" {_counted(broken, 'more way')} {verb} broken on purpose, to see whether the figures show it."


def _turns(found: ClaimFound) -> str:
    """From which finding to which, by control."""
    turned = [
        f"{AGAINST[held.finding]} against {label(name)}"
        for name, held in zip(found.claim.controls, found.controls, strict=True)
        if held and held.finding is not found.finding
    ]
    return f"({CHIPS[found.finding]}) {' and '.join(turned)}"


def _p(corrected: float) -> str:
    shown = p_value(corrected)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
