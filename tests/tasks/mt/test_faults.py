"""Every engine that speaks to a service against every fault of its fake: the right class, one request, no key shown."""

import traceback

import pytest

from storage.errors import EngineError
from tasks.mt import http
from tasks.mt.catalogue import open_engine
from tasks.mt.engine import Engine
from tasks.mt.errors import (
    BrokenAnswer,
    FinalError,
    KeyRefused,
    QuotaSpent,
    RequestRefused,
    RetryLater,
    SlowDown,
    TooLarge,
    UnknownPair,
)
from tests.tasks.mt.fakes.everyone import SERVICES
from tests.tasks.mt.fakes.faults import RETRY_AFTER_S, Fault
from tests.tasks.mt.fakes.player import Fake
from tests.tasks.mt.fakes.protocol import Reply

TEXTS = ["Nothing is marked.", "He was late."]
TIMEOUT_S = 1.0

FAULTS: dict[Fault, type[EngineError]] = {
    Fault.SLOW_DOWN: SlowDown,
    Fault.SLOW_DOWN_SECONDS: SlowDown,
    Fault.SLOW_DOWN_DATE: SlowDown,
    Fault.SERVER_ERROR: RetryLater,
    Fault.BAD_GATEWAY: RetryLater,
    Fault.UNAVAILABLE: RetryLater,
    Fault.UNAVAILABLE_SECONDS: RetryLater,
    Fault.GATEWAY_TIMEOUT: RetryLater,
    Fault.TOO_LARGE: TooLarge,
    Fault.EXPIRED_KEY: KeyRefused,
    Fault.PAYMENT: QuotaSpent,
    Fault.QUOTA: QuotaSpent,
    Fault.NOT_FOUND: RequestRefused,
    Fault.TEAPOT: RequestRefused,
    Fault.REDIRECT: RequestRefused,
    Fault.HANG: RetryLater,
    Fault.HANG_UP: RetryLater,
    Fault.RESET: RetryLater,
    Fault.TRICKLE: RetryLater,
    Fault.TRICKLE_HEADERS: RetryLater,
    Fault.CUT_OFF: RetryLater,
    Fault.GARBLED: BrokenAnswer,
    Fault.HUGE: BrokenAnswer,
    Fault.TRUNCATED_JSON: BrokenAnswer,
    Fault.NOT_UTF8: BrokenAnswer,
    Fault.HTML: BrokenAnswer,
    Fault.EMPTY_BODY: BrokenAnswer,
    Fault.NONSENSE: BrokenAnswer,
    Fault.NONSENSE_LIST: BrokenAnswer,
    Fault.TOO_FEW: BrokenAnswer,
    Fault.TOO_MANY: BrokenAnswer,
    Fault.NULLS: BrokenAnswer,
    Fault.NUMBERS: BrokenAnswer,
    Fault.SURROGATE: BrokenAnswer,
}
"""Those that show in the answer itself; `test_what_no_protocol_tells` has the rest."""

SPECIALS: dict[str, dict[str, type[EngineError]]] = {
    "amazon": {
        "400 throttling": SlowDown,
        "429 too many": SlowDown,
        "400 too long": TooLarge,
        "400 pair": UnknownPair,
        "400 unknown key": KeyRefused,
        "403 signature": KeyRefused,
        "400 denied": KeyRefused,
        "400 limit": QuotaSpent,
        "400 internal": RetryLater,
        "400 anything else": RequestRefused,
    },
    "apertium-apy": {"400 pair": UnknownPair, "400 form": RequestRefused, "503 stuck": RetryLater},
    "azure": {
        "403001 quota": QuotaSpent,
        "403000 not allowed": KeyRefused,
        "408001 preparing": RetryLater,
        "429001 burst": SlowDown,
        "400050 too long": TooLarge,
        "400072 too many": TooLarge,
        "400077 too large": TooLarge,
        "400036 target": UnknownPair,
        "400023 pair": UnknownPair,
        "400074 body": RequestRefused,
        "401 without a body": KeyRefused,
    },
    "deepl": {
        "456 quota": QuotaSpent,
        "529 busy": SlowDown,
        "400 target": UnknownPair,
        "400 too many texts": TooLarge,
        "400 anything else": RequestRefused,
    },
    "google": {
        "403 user rate limit": SlowDown,
        "403 rate limit": SlowDown,
        "403 daily limit": QuotaSpent,
        "403 not enabled": KeyRefused,
        "429 resource exhausted": SlowDown,
        "429 for the day": QuotaSpent,
        "400 too many segments": TooLarge,
        "400 too large": TooLarge,
        "400 bad pair": UnknownPair,
        "400 key not valid": KeyRefused,
        "400 anything else": RequestRefused,
    },
    "libretranslate": {
        "429 slow down": SlowDown,
        "403 ban": QuotaSpent,
        "400 too long": TooLarge,
        "400 key wanted": KeyRefused,
        "400 language": UnknownPair,
        "500 pair": UnknownPair,
        "500 anything else": RetryLater,
    },
    "openai": {
        "429 rate": SlowDown,
        "429 quota": QuotaSpent,
        "400 context": TooLarge,
        "400 temperature": RequestRefused,
        "400 content filter": TooLarge,
        "404 model": RequestRefused,
        "length": TooLarge,
        "refusal": TooLarge,
        "filtered": TooLarge,
        "tool call": BrokenAnswer,
        "no JSON": BrokenAnswer,
        "an object": BrokenAnswer,
        "no ids": BrokenAnswer,
        "ids as words": BrokenAnswer,
    },
    "watson": {"400 too large": TooLarge, "404 no model": UnknownPair, "400 anything else": RequestRefused},
}
SPECIALS["google-v3"] = SPECIALS["google"]


def opened(fake: Fake, option: str = f"timeout_s={TIMEOUT_S}") -> Engine:
    return open_engine(f"{fake.spec}{'&' if '?' in fake.spec else '?'}{option}", fake.keys)


def texts(engine: Engine) -> list[str]:
    return TEXTS[: engine.limits.max_segments]


def raised(fake: Fake, play: Fault | Reply) -> EngineError:
    """The error of one call against the fault, after what holds for all of them has been checked."""
    engine = opened(fake)
    fake.play(play)
    with pytest.raises(EngineError) as caught:
        engine.translate(texts(engine), "en", "es")
    assert len(fake.heard) == 1, "one attempt of one request, whatever comes"
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error)
    assert not [key for key in fake.service.keys.values() if key in shown]
    assert fake.url not in str(error)
    assert str(error).endswith(".")
    assert "\n" not in str(error)
    return error


def test_the_matrix_is_complete(services: dict[str, Fake]) -> None:
    assert {*FAULTS, Fault.SWAPPED, Fault.EMPTY_STRINGS} == set(Fault)
    for name, fake in services.items():
        assert set(SPECIALS[name]) == set(fake.service.specials)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_the_right_error(fake: Fake, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 50_000)
    error = raised(fake, fault)
    assert type(error) is FAULTS[fault], error
    if isinstance(error, RetryLater):
        told = fault in (Fault.SLOW_DOWN_SECONDS, Fault.SLOW_DOWN_DATE, Fault.UNAVAILABLE_SECONDS)
        assert error.retry_after_s == (RETRY_AFTER_S if told else None)


@pytest.mark.parametrize(
    ("name", "special"), [(name, special) for name in SERVICES for special in SPECIALS[name]]
)
def test_every_refusal_of_a_service_is_the_right_error(
    services: dict[str, Fake], name: str, special: str
) -> None:
    fake = services[name]
    fake.clear()
    error = raised(fake, fake.service.specials[special])
    assert type(error) is SPECIALS[name][special], error
    assert error.retryable == (type(error) in (RetryLater, SlowDown, BrokenAnswer))


def test_what_no_protocol_tells(fake: Fake) -> None:
    """Empty translations are given back for the client to judge; a swapped order shows only where it is numbered."""
    engine = opened(fake)
    fake.play(Fault.EMPTY_STRINGS)
    assert engine.translate(texts(engine), "en", "es") == ["" for _ in texts(engine)]
    fake.play(Fault.SWAPPED)
    if engine.name == "openai":
        with pytest.raises(BrokenAnswer):
            engine.translate(TEXTS, "en", "es")
    else:
        swapped = engine.translate(texts(engine), "en", "es")
        assert swapped == engine.translate(texts(engine), "en", "es")[::-1]


def test_a_working_service_is_asked_on_after_any_fault(fake: Fake) -> None:
    engine = opened(fake)
    expected = engine.translate(texts(engine), "en", "es")
    for fault in (Fault.RESET, Fault.TRICKLE, Fault.CUT_OFF, Fault.SLOW_DOWN, Fault.HANG_UP, Fault.HTML):
        fake.play(fault)
        with pytest.raises(EngineError):
            engine.translate(texts(engine), "en", "es")
        assert engine.translate(texts(engine), "en", "es") == expected


def test_nothing_listens(fake: Fake) -> None:
    spec = fake.spec.replace(fake.url, "http://127.0.0.1:9")
    engine = open_engine(spec, fake.keys)
    with pytest.raises(RetryLater, match="could not be reached"):
        engine.translate(["a"], "en", "es")


def test_a_missing_key_is_told_at_first_use_and_nothing_is_sent(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    engine = open_engine(fake.spec)
    assert engine.targets("en")
    assert engine.identity("en", "es")
    if not fake.service.keys:
        return
    if engine.name in ("openai", "libretranslate"):  # a server of one's own may do without
        with pytest.raises(KeyRefused):
            engine.translate(["a"], "en", "es")
        return
    with pytest.raises(KeyRefused, match=next(iter(fake.service.keys))):
        engine.translate(["a"], "en", "es")
    assert fake.heard == []


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "sch\u00fcssel", ""])
def test_a_key_that_fits_no_header_is_refused_unseen(fake: Fake, key: str) -> None:
    if not fake.service.keys:
        pytest.skip("this service has no key")
    engine = open_engine(fake.spec, lambda _: key)
    with pytest.raises(KeyRefused) as caught:
        engine.translate(["a"], "en", "es")
    assert fake.heard == []
    assert not key or key not in str(caught.value)


def test_keys_travel_in_headers_and_bodies_only(fake: Fake) -> None:
    engine = opened(fake)
    engine.translate(texts(engine), "en", "es")
    (heard,) = fake.heard
    for key in fake.service.keys.values():
        assert key not in heard.path
    assert "cookie" not in heard.headers


def test_final_errors_are_final() -> None:
    kinds: list[type[FinalError]] = [FinalError, *FinalError.__subclasses__()]
    assert not any(kind.retryable for kind in kinds)
