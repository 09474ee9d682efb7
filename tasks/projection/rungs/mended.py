"""Tags that an engine doubled, misspelt or left empty in another place, yet that leave no doubt what they stand for."""

from storage.examples import Span
from tasks.projection.rungs.case import Candidate, Case, expected_place, hull
from tasks.projection.wording import runs_at, snapped, wording

_SCORE = 0.9


def mended(case: Case) -> Candidate | None:
    """The one thing that they enclose; where the engine wrote that twice, the one nearer to the expected place.

    Of several things it is the one that the answer is alone, and of a tag that lacks its partner what the answer is
    alone if that begins or ends there.
    """
    if case.sound and len(case.pieces) == 1:
        return None
    pieces = list(dict.fromkeys(case.pieces)) if case.pieces else _begun(case)
    if len(pieces) > 1 and not _repeats(case, pieces):
        pieces = _said_alone(case, pieces)
    if not pieces:
        return None
    place = expected_place(case) if len(pieces) > 1 else 0.0
    return Candidate(min(pieces, key=lambda piece: abs((piece.start + piece.end) / 2 - place)), _SCORE)


def _begun(case: Case) -> list[Span]:
    """What begins or ends where a tag without its partner stands, and says what the answer says alone."""
    if not case.alone:
        return []
    places = dict.fromkeys(case.loose)
    return list(dict.fromkeys(span for place in places for span in runs_at(case.text, place, case.alone)))


def _said_alone(case: Case, pieces: list[Span]) -> list[Span]:
    """The pieces that say what the answer says alone, unless all pieces together do."""
    if not case.alone:
        return []
    whole = hull(pieces)
    wanted = wording(case.alone)
    if wording(case.text[whole.start : whole.end]) == wanted:
        return []
    return [piece for piece in pieces if snapped(case.text, piece, case.alone)]


def _repeats(case: Case, pieces: list[Span]) -> bool:
    """Whether all pieces say the same, though the answer does not say it twice."""
    said = {case.text[piece.start : piece.end].strip().casefold() for piece in pieces}
    words = case.answer.casefold().split()
    return len(said) == 1 and len(set(words)) == len(words)
