"""Names made of content."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.hashing import ID_LENGTH, canonical_json, content_id

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_says_the_value_and_nothing_else(value: object) -> None:
    """Law: `json.loads(canonical_json(v)) == v`, in one line."""
    text = canonical_json(value)
    assert json.loads(text) == value
    assert "\n" not in text


@given(st.dictionaries(st.text(), JSON, min_size=2, max_size=6), st.randoms())
def test_the_order_of_keys_does_not_matter(value: dict[str, object], random: object) -> None:
    """Law: equal values, equal id, however they were put together."""
    keys = list(value)
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert content_id({key: value[key] for key in keys}) == content_id(value)


@given(JSON, JSON)
def test_different_texts_have_different_ids(one: object, other: object) -> None:
    """Law: ids are equal exactly where the canonical texts are."""
    assert (content_id(one) == content_id(other)) == (canonical_json(one) == canonical_json(other))


def test_an_id_is_the_start_of_a_sha256() -> None:
    """The figure is `printf '{"a":1}' | sha256sum`."""
    assert content_id({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"[:16]
    assert ID_LENGTH == 16


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_what_json_cannot_say_has_no_id(value: object) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        content_id(value)


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, 1.0), ("1", 1), ([], {}), (None, "null"), ("\u00e9", "e\u0301")]
)
def test_values_that_only_look_alike_differ(one: object, other: object) -> None:
    assert content_id([one]) != content_id([other])
