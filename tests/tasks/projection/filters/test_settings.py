import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import UsageError
from storage.silver import Reason
from tasks.projection.filters.settings import (
    DEFAULT,
    LEAST,
    NONE,
    REASONS,
    Filter,
    Filters,
    Setting,
    parse_filters,
)

SHARES = st.floats(0, 1).map(lambda x: float(f"{x:g}"))
SETTINGS = st.dictionaries(st.sampled_from(list(Filter)), st.builds(Setting, SHARES, SHARES)).map(Filters)


@given(SETTINGS)
def test_law_what_is_written_is_read_back(filters: Filters) -> None:
    assert list(parse_filters(f"none,{filters}")) == list(filters)
    assert str(parse_filters(f"none,{filters}")) == str(filters)


def test_equal_settings_write_alike_whatever_their_order() -> None:
    one, two = parse_filters("none,digits=0.5,script=on"), parse_filters("none, script=on:0.4 ,digits=.5")
    assert str(one) == str(two) == "script=on:0.4,digits=0.5"


def test_what_is_not_named_stays_as_it_is_by_default() -> None:
    assert parse_filters("") == DEFAULT
    changed = dict(parse_filters("language=off,copied=on:0.3+0.9"))
    assert Filter.LANGUAGE not in changed
    assert changed.pop(Filter.COPIED) == Setting(0.3, 0.9)
    rest = {name: setting for name, setting in DEFAULT if name not in (Filter.LANGUAGE, Filter.COPIED)}
    assert changed == rest


def test_on_alone_takes_the_measured_threshold() -> None:
    for name in Filter:
        assert dict(parse_filters(f"none,{name}=on")) == {name: Setting(LEAST[name])}
        assert list(parse_filters(f"none,{name}=off")) == []


def test_none_is_none() -> None:
    assert str(NONE) == "none"
    assert list(parse_filters("none")) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("lenght=on", "answer-length"),
        ("digits", "digits=on"),
        ("digits=", "digits=on"),
        ("digits=2", "from 0 to 1"),
        ("digits=nan", "from 0 to 1"),
        ("digits=on:x", "from 0 to 1"),
        ("digits=0.5+", "from 0 to 1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_can(text: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        parse_filters(text)


@given(SHARES, SHARES)
def test_a_weight_never_raises_a_confidence(weight: float, score: float) -> None:
    assert weight - 1e-9 <= Setting(weight=weight).factor(score) <= 1
    assert Setting(weight=weight).factor(1.0) == 1


def test_every_filter_has_a_reason_of_its_own() -> None:
    assert set(REASONS) == set(Filter) == set(LEAST)
    assert len(set(REASONS.values())) == len(Filter)
    assert all(isinstance(reason, Reason) for reason in REASONS.values())
