"""The defaults on translations that people made: none of them is lost."""

from pathlib import Path

import pytest

from storage.squad import read_squad
from tasks.projection.contexts import AnsweredContext
from tasks.projection.filters.rows import filtered
from tasks.projection.filters.settings import DEFAULT

XQUAD = Path(__file__).parents[5] / "shared" / "data" / "xquad"


@pytest.mark.parametrize("target", ["ar", "de", "es", "hi", "zh"])
def test_no_translation_by_people_is_rejected(target: str) -> None:
    if not XQUAD.is_dir():
        pytest.skip("XQuAD is not beside this checkout")
    examples = read_squad(XQUAD / "xquad.en.json").examples
    people = {
        e.id: AnsweredContext(e.context, e.answers, "human", 1.0)
        for e in read_squad(XQUAD / f"xquad.{target}.json").examples
    }
    assert filtered(examples, people, DEFAULT, source="en", target=target) == people
