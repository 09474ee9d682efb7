"""The words of the translation that are aligned with the words of the answer, whatever became of the tags."""

from tasks.projection.alignment.spans import find_span
from tasks.projection.rungs.case import Candidate, Case, window


def aligned(case: Case) -> Candidate | None:
    """The aligner's span in the window, with the aligner's score."""
    if case.alignment is None:
        return None
    found = find_span(case.alignment, case.span, window(case))
    return Candidate(found.span, found.score) if found else None
