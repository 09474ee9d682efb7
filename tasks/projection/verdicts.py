"""What people said of a sample of rows: the precision of each rung, with its interval."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.errors import InputError
from tasks.projection.review import REJECTED, Stratum

Z = 1.959963984540054
"""The normal quantile of an interval of 95 %."""


class Verdict(StrEnum):
    """What a person says of a row."""

    RIGHT = "y"
    WRONG = "n"
    UNSURE = "?"


LEGEND = (
    "verdict: y = right, n = wrong, ? = cannot say; empty = not looked at",
    "a kept row is right if the marked text is the answer to the English question: no word missing, none too many",
    "a rejected row is right if the detail shows that nothing could be kept",
    "the marks are not part of the text; an apostrophe before = + - @ is not either",
    "leave all other columns as they are; then: silverspan snapshots sample --read FILE",
)

COLUMNS = ("verdict", *Stratum._fields, "rows_in_stratum")


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of some rows are right, estimated from those that people marked.

    `low` and `high` bound the 95 % interval; `marked` rows stand for `rows`.
    """

    precision: float
    low: float
    high: float
    marked: int
    rows: int


@dataclass(frozen=True, slots=True)
class Marked:
    """The verdicts on one stratum."""

    stratum: Stratum
    rows: int
    right: int
    wrong: int


def counted(
    rows: Iterable[tuple[int, Mapping[str, str]]], name: str
) -> tuple[list[Marked], Counter[Verdict | None]]:
    """The verdicts by stratum, and how many there are of each (None: not looked at).

    Args:
        rows: of a sheet, each with its line number.
        name: of the file, for messages.

    Raises:
        InputError: a verdict or a size is none.
    """
    said: dict[Stratum, Counter[Verdict | None]] = defaultdict(Counter)
    sizes: dict[Stratum, int] = {}
    for line, row in rows:
        if not row["rung"]:
            continue
        stratum = Stratum(row["language"], row["rung"], row["band"])
        size = row["rows_in_stratum"].strip()
        if not size.isdecimal() or int(size) != sizes.setdefault(stratum, int(size)):
            raise InputError(
                f"{name}, line {line}: {size!r} is not how many rows the stratum has; restore that column."
            )
        said[stratum][_verdict(row["verdict"], f"{name}, line {line}")] += 1
    marked = [Marked(s, sizes[s], said[s][Verdict.RIGHT], said[s][Verdict.WRONG]) for s in said]
    return marked, sum(said.values(), Counter())


@dataclass(frozen=True, slots=True)
class Precisions:
    """The precision of each rung, of all kept rows, and of each reason for rejection; None where nobody looked."""

    rungs: dict[str, Precision | None]
    overall: Precision | None
    rejected: dict[str, Precision | None]


def precisions(marked: Iterable[Marked]) -> Precisions:
    """The precisions that the verdicts amount to."""
    rungs: dict[str, list[Marked]] = defaultdict(list)
    reasons: dict[str, list[Marked]] = defaultdict(list)
    for one in marked:
        if one.stratum.rung == REJECTED:
            reasons[one.stratum.band].append(one)
        else:
            rungs[one.stratum.rung].append(one)
    return Precisions(
        rungs={rung: precision(found) for rung, found in sorted(rungs.items())},
        overall=precision([one for found in rungs.values() for one in found]),
        rejected={reason: precision(found) for reason, found in sorted(reasons.items())},
    )


def precision(marked: Sequence[Marked]) -> Precision | None:
    """The share of right rows, every stratum weighted by its size, with Wilson's interval at Kish's effective size.

    With w the rows of its stratum per marked row, the effective size of a sample is (sum w)^2 / sum w^2 (Kish 1965,
    Sec. 11.7); with equal weights that is the number of marked rows. Strata of which no row was marked are left out.
    """
    looked = [one for one in marked if one.right + one.wrong]
    if not looked:
        return None
    rows, count = sum(one.rows for one in looked), sum(one.right + one.wrong for one in looked)
    share = sum(one.rows * one.right / (one.right + one.wrong) for one in looked) / rows
    effective = rows**2 / sum(one.rows**2 / (one.right + one.wrong) for one in looked)
    return Precision(share, *wilson(share, effective), count, rows)


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share seen in `n` independent trials (Wilson 1927, JASA 22:209-212).

    >>> [round(bound, 4) for bound in wilson(0.9, 50)]
    [0.7864, 0.9565]
    """
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def _verdict(text: str, where: str) -> Verdict | None:
    said = text.strip().lower()
    if not said:
        return None
    if said not in set(Verdict):
        raise InputError(
            f"{where}: the verdict {said!r} is none; write {', '.join(Verdict)} or leave it empty."
        )
    return Verdict(said)
