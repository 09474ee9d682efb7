"""What watches, rebuilds and challenges show in the Prefect UI; every text of the data is made harmless."""

from collections.abc import Sequence

from prefect.artifacts import create_markdown_artifact

from storage.diffing import SilverDiff
from tasks.pages.challenge import alarm_page, challenge_page
from tasks.pages.diff import diff_page
from tasks.pages.watch import watch_page
from tasks.scoring.markdown import Link
from tasks.scoring.promotion import Decision, Duel
from tasks.steps import Json
from tasks.trail import Thing, leading_to

WATCH, DIFF, ALARM, CHALLENGE = "engine-watch", "silver-diff", "rebuild-alarm", "challenge"
"""The keys of artifacts: each run adds a version to what earlier ones showed."""


def show_watch(findings: Sequence[Json], errors: Sequence[BaseException]) -> None:
    """What each language's watch found, with the most changed segments side by side."""
    page = watch_page(findings, errors)
    create_markdown_artifact(page, key=WATCH, description="Whether engines changed, and what they write now.")


def show_diff(diff: SilverDiff, path: str) -> None:
    """Rows gained, lost and changed, by language and reason, with pairs of examples."""
    ids = {*diff.before.values(), *diff.after.values()}
    links = {name: leading_to(Thing.SNAPSHOT, name) for name in sorted(ids)}
    page = diff_page(diff, path, links)
    create_markdown_artifact(page, key=DIFF, description="Rows gained, lost and changed by a rebuild.")


def show_alarm(
    what: str, sentence: str, details: Sequence[str], commands: Sequence[str] = (), *, compared: bool = False
) -> None:
    """Why a rebuild ended, and how it left things; `compared` says whether a diff was shown before."""
    also = f"What it changed: [{DIFF}](../key/{DIFF})." if compared else ""
    page = alarm_page(what, sentence, details, commands, also)
    create_markdown_artifact(page, key=ALARM, description="A rebuild that failed or lost too much.")


def show_challenge(
    challenger: str, champion: str, found: Duel | None, decision: Decision, report: str = ""
) -> None:
    """Both readers' figures, the test, and who is champion now; `report` is the challenger's."""
    new, old, own = (
        _link(Thing.READER, challenger),
        _link(Thing.READER, champion),
        _link(Thing.REPORT, report),
    )
    page = challenge_page(new, old, found, decision, own)
    create_markdown_artifact(page, key=CHALLENGE, description="Whether a new reader became champion.")


def _link(thing: Thing, name: str) -> Link:
    return leading_to(thing, name) if name else Link("", "")
