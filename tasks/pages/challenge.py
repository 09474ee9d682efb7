"""The pages of what is decided: a challenge's outcome, and why a rebuild was not put in place."""

from collections.abc import Sequence

from tasks.scoring.markdown import Cell, Figure, Link, escape, fenced, link, table
from tasks.scoring.promotion import Decision, Duel

ROLLBACK = "silverspan refs rollback models/champion"


def challenge_page(
    challenger: Link, champion: Link, found: Duel | None, decision: Decision, report: Link
) -> str:
    """Both readers' figures, the test, and who is champion now."""
    now = challenger if decision.promoted else champion
    sections = [
        "# Champion and challenger",
        escape(decision.why),
        f"Champion now: {_named(now)}. The challenger's report: {_named(report)}. To go back to the champion before:",
        fenced(ROLLBACK),
    ]
    if found is not None:
        rows: list[list[Cell]] = [
            ["challenger", challenger, Figure(f"{found.challenger_f1:.2f}")],
            ["champion", champion, Figure(f"{found.champion_f1:.2f}")],
        ]
        test = found.test
        sections += [
            "## The test",
            table(["reader", "id", "F1"], rows),
            f"Fisher's randomisation test: p = {test.p_value:.4f} over {test.units:,} questions, of which"
            f" {test.changed:,} differ ({'exact' if test.exact else f'{test.permutations:,} deals'}).",
            fenced(found.signature),
        ]
    return "\n\n".join(sections)


def alarm_page(what: str, sentence: str, details: Sequence[str], commands: Sequence[str], also: str) -> str:
    """Why a rebuild ended, how it left things, and what can be done.

    Args:
        what: what kind of alarm it is.
        sentence: what happened.
        details: facts, each on a line of its own.
        commands: what to type in order to accept it all the same; none where that cannot be.
        also: Markdown that leads to where one sees more.
    """
    facts = "\n".join(f"- {escape(detail)}" for detail in details)
    accept = ["## To accept it all the same", fenced("\n".join(commands))] if commands else []
    return "\n\n".join([f"# {escape(what)}", escape(sentence), facts, *([also] if also else []), *accept])


def _named(one: Link) -> str:
    return link(one.text, one.target) if one.text else "none"
