"""What a plan asks, as JSON and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tasks.scoring.inquiry import Claim, Inquiry, Knob, Line, Price, RowAbout, Twin, World
from tasks.scoring.measures import Measure

WORDS = st.text(max_size=8)
SHARES = st.floats(0, 1)
INQUIRIES = st.builds(
    Inquiry,
    rows=st.tuples(st.builds(RowAbout, row=WORDS, system=WORDS, says=WORDS)),
    worlds=st.tuples(st.builds(World, name=WORDS, knobs=st.tuples(st.builds(Knob, name=WORDS, value=WORDS)))),
    claims=st.tuples(
        st.builds(
            Claim,
            says=WORDS,
            better=WORDS,
            than=WORDS,
            controls=st.tuples(WORDS),
            figure=st.sampled_from([Measure.G_XLT, Measure.XLT]),
            paper=st.none() | st.floats(-100, 100),
        )
    ),
    twins=st.tuples(
        st.builds(Twin, of=WORDS, twin=WORDS, says=WORDS, figure=st.none() | st.sampled_from(Measure))
    ),
    price=st.none()
    | st.builds(
        Price,
        x=WORDS,
        lines=st.tuples(st.builds(Line, name=WORDS, points=st.tuples(st.tuples(SHARES, WORDS)))),
    ),
)


@given(INQUIRIES)
def test_it_survives_json(inquiry: Inquiry) -> None:
    """Law: from_json(json(to_json(i))) == i."""
    assert Inquiry.from_json(json.loads(json.dumps(inquiry.to_json()))) == inquiry


@pytest.mark.parametrize(
    ("kind", "given_", "fault"),
    [
        (Claim, {"says": "s", "better": "a", "than": "b", "papre": 1.0}, "papre"),
        (Claim, {"says": "s", "better": "a", "than": "b", "figure": "retrieval"}, "figure"),
        (Twin, {"of": "a", "twin": "b", "says": "s", "figure": "f2"}, "figure"),
        (Line, {"name": "n", "points": []}, "points"),
        (Line, {"name": "n", "points": [[1.5, "a"]]}, "points"),
    ],
)
def test_a_misspelt_or_impossible_field_is_told(kind: Any, given_: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(given_)
    assert fault in str(caught.value.errors()[0]["loc"])


def test_rows_of_twins_are_the_broken_ones() -> None:
    assert Inquiry(twins=(Twin(of="a", twin="b", says="s"),)).broken == {"b"}
    assert Claim(says="s", better="a", than="b", controls=("c",)).others() == ("b", "c")
