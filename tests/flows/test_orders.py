"""Orders that could not be carried out are refused before anything is paid for them."""

from typing import Any

import pytest

from flows.orders import Challenge, SilverOrder, check_order
from flows.parameters import Benchmark
from storage.errors import UsageError
from storage.silver import SilverSet
from tasks.projection.again import SecondTry

TOY: dict[str, Any] = {"preset": "tiny"}


@pytest.mark.parametrize(
    ("order", "challenge", "said"),
    [
        ({"second_try": SecondTry.HTML}, None, "asks an engine that nobody watches; order single or none"),
        ({"filters": "nonsense=on"}, None, "nonsense"),
        ({"budget": "much"}, None, "is no amount"),
        ({"sets": [SilverSet.TQ]}, {"system_name": "tall"}, "is trained on the set tall"),
        ({}, {"system_name": "at-en-zh"}, "name"),
        ({}, {"benchmark": Benchmark.XQUAD}, "No sample of xquad is embedded"),
    ],
)
def test_what_would_fail_once_it_is_paid_for_is_refused(
    order: dict[str, Any], challenge: dict[str, Any] | None, said: str
) -> None:
    wanted = None if challenge is None else Challenge(**{**TOY, **challenge})
    with pytest.raises(UsageError, match=said):
        check_order(SilverOrder(languages=["es", "ca"], **order), wanted)


def test_an_order_that_can_be_carried_out_is_taken() -> None:
    check_order(SilverOrder(languages=["es"], second_try=SecondTry.SINGLE), Challenge(**TOY))
