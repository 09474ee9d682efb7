"""Which answers each language loses, so that what the paper's rule keeps are the paper's counts, and in which way.

Engines lose, split, repeat and empty tags, and the paper's rule drops such rows. They also move a pair of tags to
other words, or escape it: such rows it keeps.
"""

import random
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial

from storage.examples import Example
from storage.silver import Reason
from tasks.scoring.statistics import question_type
from tests.benchmarks.full_size.corpus import SQUAD

TC = {
    "why": 5_742, "how": 39_668, "what": 190_309, "when": 26_975, "where": 16_225, "who": 42_951, "which": 21_522,
    "other": 98_298,
}  # fmt: skip
"""Pairs of T(C) and T(Q+C) by type, English included (Table 1)."""

KEPT = {"de": 87_062, "es": 77_759, "ar": 84_185, "hi": 20_981, "zh": 84_104}
"""Rows whose tags came back, by language (Sec. 3.1)."""


class Fault(StrEnum):
    """What an engine does to one pair of tags."""

    LOST = "lost"
    UNBALANCED = "unbalanced"
    SPLIT = "split"
    REPEATED = "repeated"
    EMPTIED = "emptied"
    MOVED = "moved"
    ESCAPED = "escaped"


REASONS = {
    Fault.LOST: Reason.TAGS_LOST,
    Fault.UNBALANCED: Reason.TAGS_UNBALANCED,
    Fault.SPLIT: Reason.TAGS_SPLIT,
    Fault.REPEATED: Reason.TAGS_SPLIT,
    Fault.EMPTIED: Reason.EMPTY_ANSWER,
}
"""Why the paper's rule drops a row with such a fault; it keeps those with the other faults."""

HARMLESS = (Fault.MOVED, Fault.ESCAPED)
LEFT = {Fault.LOST: Fault.UNBALANCED, Fault.ESCAPED: Fault.MOVED}
"""Faults after which no tag is seen, and what is like them but for that."""

HARMLESS_SHARE = 0.02
"""Of the rows that are kept."""


def losses_by_type() -> dict[str, dict[str, int]]:
    """How many rows of each type each language loses, so that rows and columns add up to the paper's figures."""
    left = {kind: 6 * SQUAD[kind] - TC[kind] for kind in SQUAD}
    found: dict[str, dict[str, int]] = {}
    for language, kept in KEPT.items():
        lost, all_left = sum(SQUAD.values()) - kept, sum(left.values())
        shares = {kind: lost * count // all_left for kind, count in left.items()}
        for kind in list(SQUAD)[: lost - sum(shares.values())]:
            shares[kind] += 1
        found[language] = shares
        left = {kind: count - shares[kind] for kind, count in left.items()}
    if any(left.values()):
        raise ValueError("the paper's figures do not add up")
    return found


def faults(examples: Sequence[Example], language: str) -> dict[str, Fault]:
    """What becomes of the tags of each question's answer, where anything does, by question id.

    Of a smaller corpus, proportionally fewer rows are lost.
    """
    draw, total = random.Random(language), sum(SQUAD.values())
    by_type: dict[str, list[str]] = {}
    for example in examples:
        by_type.setdefault(question_type(example.question), []).append(example.id)
    lost = [
        example_id
        for kind, count in losses_by_type()[language].items()
        for example_id in draw.sample(
            by_type.get(kind, []), _share(count, len(examples), total, len(by_type.get(kind, [])))
        )
    ]
    found = dict(zip(lost, _in_turn(REASONS, len(lost)), strict=True))
    kept = [example.id for example in examples if example.id not in found]
    some = draw.sample(kept, round(HARMLESS_SHARE * len(kept)))
    found |= dict(zip(some, _in_turn(HARMLESS, len(some)), strict=True))
    return _with_a_tag_left(examples, found)


def _share(count: int, size: int, total: int, most: int) -> int:
    return min(count * size // total, most)


def _in_turn(kinds: Sequence[Fault] | Mapping[Fault, Reason], count: int) -> list[Fault]:
    chosen = list(kinds)
    return [chosen[n % len(chosen)] for n in range(count)]


def _with_a_tag_left(examples: Sequence[Example], found: Mapping[str, Fault]) -> dict[str, Fault]:
    """In a context without a tag that is read at once all would be asked for again: there the first one is left."""
    contexts: dict[str, list[str]] = {}
    for example in examples:
        contexts.setdefault(example.context, []).append(example.id)
    bare = [ids[0] for ids in contexts.values() if all(found.get(i) in LEFT for i in ids)]
    return {**found, **{first: LEFT[found[first]] for first in bare}}


def spoiled(text: str, found: Mapping[int, Fault]) -> str:
    """A translation whose tags have these faults, by mark."""
    for number, fault in found.items():
        text = re.sub(rf"<b{number}>(.*?)</b{number}>", partial(_spoilt, fault, number), text)
    return text


def _spoilt(fault: Fault, number: int, pair: re.Match[str]) -> str:
    inner = pair[1]
    begin, end = f"<b{number}>", f"</b{number}>"
    half = len(inner) // 2
    match fault:
        case Fault.LOST:
            return inner
        case Fault.UNBALANCED:
            return f"{begin}{inner}"
        case Fault.SPLIT:
            return (
                f"{begin}{inner[:half]}{end} {begin}{inner[half:]}{end}"
                if half
                else f"{begin}{inner}{end} {begin}{inner}{end}"
            )
        case Fault.REPEATED:
            return f"{begin}{inner}{end} {begin}{inner}{end}"
        case Fault.EMPTIED:
            return f"{inner}{begin}{end}"
        case Fault.MOVED:
            cut = half if inner[half].isalnum() else 0
            return f"{inner[:cut]}{begin}{inner[cut:]}{end}"
        case Fault.ESCAPED:
            return f"&lt;b{number}&gt;{inner}&lt;/b{number}&gt;"
