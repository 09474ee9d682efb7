"""What the engines of services send and mean, beyond what conformance and faults say of all."""

import importlib
import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from storage.errors import UsageError
from storage.examples import Span
from tasks.mt.catalogue import open_engine
from tasks.mt.engine import Billing
from tasks.mt.errors import EngineMissing, KeyRefused, RequestRefused, TooLarge
from tasks.mt.http import Http, Request
from tasks.mt.markup import Markup, escape, read
from tasks.mt.pace import Rate
from tasks.projection.marking import mark
from tasks.projection.rules import Projection, project
from tests.tasks.mt.fakes.amazon import Amazon
from tests.tasks.mt.fakes.everyone import spanish
from tests.tasks.mt.fakes.openai import OpenAI, completion
from tests.tasks.mt.fakes.player import Fake
from tests.tasks.mt.fakes.protocol import Asked, Heard
from tests.tasks.mt.fakes.respelling import of_text, respelled, unspelled

CONTEXT = 'The old dog & the "red" car cost < 5 [sic] <b1> [1] <a> euro;\r\nthen it\'s R&D: 7 > 6.'
SPANS = [Span(4, 11), Span(4, 7), Span(14, 27), Span(33, 36), Span(66, 75)]

STYLES = [
    ("amazon", Markup.HTML),
    ("apertium-apy", Markup.HTML),
    ("apertium-apy", Markup.BRACKETS),
    *(("azure", markup) for markup in (Markup.HTML, Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)),
    *(("deepl", markup) for markup in Markup),
    *(("google", markup) for markup in (Markup.HTML, Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)),
    *(("google-v3", markup) for markup in (Markup.HTML, Markup.LETTERS)),
    ("libretranslate", Markup.TAGS),
    *(("openai", markup) for markup in (Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)),
    *(("watson", markup) for markup in (Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)),
]


def with_option(spec: str, option: str) -> str:
    return f"{spec}{'&' if '?' in spec else '?'}{option}"


def context_for(markup: Markup) -> str:
    """What looks like a letter tag in the source is translated by a service that is sent letter tags."""
    return CONTEXT.replace("<a>", "<7>") if markup is Markup.LETTERS else CONTEXT


def whole(language: str, markup: Markup) -> str:
    """The context's translation; services that read plain text leave alone all that looks like a tag."""
    if markup in (Markup.HTML, Markup.XML):
        return respelled(context_for(markup), language)
    tokens = read(of_text(escape(context_for(markup), markup), language), markup)
    return "".join(token for token in tokens if isinstance(token, str))


@pytest.mark.parametrize(("name", "markup"), STYLES)
def test_answers_are_found_again_through_every_service_and_style(
    services: dict[str, Fake], name: str, markup: Markup
) -> None:
    """Marked, sent, translated, read: each answer is its own translation, and all else as if it had no marks."""
    fake, language = services[name], spanish(name)
    fake.clear()
    engine = open_engine(with_option(fake.spec, f"markup={markup}"), fake.keys)
    assert engine.markup is markup
    for marked in mark(context_for(markup), SPANS, markup):
        (answer,) = engine.translate([marked.text], "en", "es")
        # Without languages: what the fakes write has no articles to be put right.
        projected = project(marked, answer)
        assert projected.context == whole(language, markup)
        for outcome in projected.outcomes:
            assert isinstance(outcome, Projection), outcome
            asked = CONTEXT[outcome.source.start : outcome.source.end]
            assert projected.context[outcome.span.start : outcome.span.end] == outcome.text
            assert outcome.text == respelled(asked, language)


def test_full_requests_are_taken_and_fuller_ones_are_too_large(fake: Fake) -> None:
    engine = open_engine(fake.spec, fake.keys)
    limits = engine.limits
    most = limits.max_bytes or limits.max_chars
    many = ["a"] * limits.max_segments
    assert len(engine.translate(many, "en", "es")) == len(many)
    for letter in ("a", "é"):
        size = min(most // len(letter.encode()), limits.max_chars) // min(limits.max_segments, 20)
        full = [letter * size] * min(limits.max_segments, 20)
        assert len(engine.translate(full, "en", "es")) == len(full)
    if engine.name != "apertium-apy":  # which has no limit but its time
        with pytest.raises(TooLarge):
            engine.translate(["a" * 200_000], "en", "es")


def test_billing_and_prices(fake: Fake) -> None:
    engine = open_engine(fake.spec)
    paid = {"amazon": 15.0, "azure": 10.0, "deepl": 25.0, "google": 20.0}
    assert engine.price_per_million == paid.get(engine.name)
    if engine.name in paid:
        assert engine.billing is Billing.CHARACTERS


def test_versions_are_what_answers_tell(fake: Fake) -> None:
    told = {
        "deepl": "quality_optimized",
        "google": "nmt",
        "openai": "gpt-fake-2026-01-01 fp_0123456789",
        "watson": "en-es",
    }
    engine = open_engine(fake.spec, fake.keys)
    assert engine.identity("en", "es").version == "not reported"
    engine.translate(["a"], "en", "es")
    version = engine.identity("en", "es").version
    if fake.spec.endswith("global"):
        assert version.endswith("models/general/nmt")
    else:
        assert version == told.get(engine.name, "not reported")


def test_identities_hold_what_decides_and_no_key(fake: Fake) -> None:
    operational = "timeout_s=5&requests_per_s=9&chars_per_s=900"
    engine = open_engine(with_option(fake.spec, operational), fake.keys)
    engine.translate(["a"], "en", "es")
    identity = engine.identity("en", "es")
    assert identity.options["markup"] == engine.markup
    assert identity.options["url"] == fake.url + ("/v1" if engine.name == "openai" else "")
    assert not {"timeout_s", "requests_per_s", "chars_per_s", "region", "project"} & set(identity.options)
    shown = json.dumps(asdict(identity))
    assert not [key for key in fake.service.keys.values() if key in shown]


OFFICIAL = [
    "google",
    "deepl",
    "azure",
    "azure:westeurope",
    "amazon:eu-west-1",
    "apertium-apy",
    "libretranslate",
    "openai:gpt-x",
]


@pytest.mark.parametrize("spec", OFFICIAL)
def test_official_addresses_stay_out_of_identities(spec: str) -> None:
    assert "url" not in open_engine(spec).identity("en", "es").options


@pytest.mark.parametrize("spec", OFFICIAL)
def test_a_hosted_service_is_asked_no_faster_than_its_accounts_bear(spec: str) -> None:
    declared = open_engine(spec).rate
    assert declared.requests_per_s or declared.chars_per_s
    assert open_engine(with_option(spec, "requests_per_s=0.5&chars_per_s=70")).rate == Rate(0.5, 70)
    slower = open_engine(with_option(spec, "requests_per_s=0.5")).rate
    assert slower == Rate(0.5, declared.chars_per_s)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost:5000", True),
        ("127.0.0.1:5000", True),
        ("[::1]", True),
        ("10.1.2.3", True),
        ("gateway", True),
        ("translate.example.org", False),
        ("8.8.8.8", False),
    ],
)
def test_a_service_of_ones_own_is_asked_as_fast_as_it_answers(host: str, own: bool) -> None:
    assert (open_engine(f"libretranslate:http://{host}").rate == Rate()) is own


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("watson", "needs the address of its service"),
        ("openai", "needs a model"),
        ("openai:http://127.0.0.1/v1", "needs a model"),
        ("openai:gpt-x?temperature=warm", "a number from 0 to 2"),
        ("deepl:here", "not one; write for instance"),
        ("deepl:ftp://host", "not one"),
        ("deepl:http://host:port", "not one"),
        ("deepl:http://", "not one"),
        ("deepl:http://host/#x", "not one"),
        ("deepl:https://us3r:s3cr3t@host", "holds a user or a password"),
        (
            "deepl:?api_key=s3cr3t",
            "Unknown option of the engine 'deepl' 'api_key'; choose one of: .*formality",
        ),
        ("google:?markup=xml", "Unknown markup of the engine 'google' 'xml'; choose one of: brackets, html"),
        ("azure:?timeout_s=soon", "timeout_s .* must be a number above 0"),
        ("azure:?timeout_s=0", "timeout_s .* must be a number above 0"),
        ("azure:?chars_per_s=-1", "chars_per_s .* must be a number above 0"),
    ],
)
def test_bad_arguments_are_bad_usage_and_not_repeated(spec: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        open_engine(spec)
    assert "s3cr3t" not in str(caught.value)


def sent(
    monkeypatch: pytest.MonkeyPatch, spec: str, keys: dict[str, str], target: str = "es"
) -> list[Request]:
    """The request that would leave for an official service."""
    requests: list[Request] = []

    class Stopped(Exception):
        pass

    def stop(_: Http, request: Request) -> None:
        requests.append(request)
        raise Stopped

    monkeypatch.setattr(Http, "post", stop)
    with pytest.raises(Stopped):
        open_engine(spec, keys.get).translate(["a"], "en", target)
    return requests


def test_a_free_key_of_deepl_goes_to_the_free_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, host in (("k1-pro", "api.deepl.com"), ("k1-free:fx", "api-free.deepl.com")):
        (request,) = sent(monkeypatch, "deepl", {"DEEPL_API_KEY": key})
        assert request.url == f"https://{host}/v2/translate"
    (request,) = sent(monkeypatch, "deepl:https://proxy.test/deepl/", {"DEEPL_API_KEY": "k1-free:fx"})
    assert request.url == "https://proxy.test/deepl/v2/translate"


def test_amazon_goes_to_the_host_of_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": "s3cr3t"}
    (request,) = sent(monkeypatch, "amazon:eu-west-1", keys)
    assert request.url == "https://translate.eu-west-1.amazonaws.com/"
    assert "AKIAX/" in request.headers["Authorization"]
    assert "s3cr3t" not in str(request.headers)


def test_amazon_without_a_region_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    keys = {"AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": "s3cr3t"}
    with pytest.raises(RequestRefused, match="needs a region"):
        open_engine("amazon", keys.get).translate(["a"], "en", "es")


def test_amazon_takes_a_profile_of_boto3_and_names_one_that_is_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    service = Amazon()
    names = {
        "aws_access_key_id": "AWS_ACCESS_KEY_ID",
        "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
        "aws_session_token": "AWS_SESSION_TOKEN",
    }
    lines = [f"{name} = {service.keys[key]}" for name, key in names.items()]
    (tmp_path / "credentials").write_text("\n".join(["[silver]", *lines]))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "silver")
    with Fake(service) as fake:
        assert open_engine(fake.spec).translate(["a"], "en", "es") == [respelled("a", "es")]
        monkeypatch.setenv("AWS_PROFILE", "none")
        with pytest.raises(KeyRefused, match="ProfileNotFound"):
            open_engine(fake.spec).translate(["a"], "en", "es")


def test_boto3_is_asked_for_in_one_sentence_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    engine = open_engine("amazon:eu-west-1", lambda _: "s3cr3t")
    monkeypatch.setattr(importlib, "import_module", missing)
    assert engine.identity("en", "es").name == "amazon"
    with pytest.raises(EngineMissing, match=r"pip install 'silverspan\[amazon\]'"):
        engine.translate(["a"], "en", "es")


@pytest.mark.parametrize(
    ("spec", "target", "code"),
    [
        ("google", "zh", '"target":"zh-CN"'),
        ("google", "he", '"target":"iw"'),
        ("deepl", "zh", '"target_lang":"ZH-HANS"'),
        ("deepl", "pt", '"target_lang":"PT-PT"'),
        ("deepl", "deu", '"target_lang":"DE"'),
        ("libretranslate", "zh", '"target":"zh-Hans"'),
        ("openai:gpt-x", "hi", "from English to Hindi"),
    ],
)
def test_codes_are_those_of_the_service(
    spec: str, target: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (request,) = sent(
        monkeypatch, spec, dict.fromkeys(["GOOGLE_API_KEY", "DEEPL_API_KEY", "OPENAI_API_KEY"], "k"), target
    )
    assert code in request.body.decode()


def test_the_languages_of_the_paper_are_there() -> None:
    for spec in (
        "google",
        "azure",
        "amazon",
        "deepl",
        "libretranslate",
        "openai:m",
        "watson:http://h",
        "apertium-apy",
    ):
        assert {"ar", "de", "es", "hi", "vi", "zh"} <= set(open_engine(spec).targets("en")), spec


def test_a_model_that_refuses_a_temperature_says_how_to_go_on(services: dict[str, Fake]) -> None:
    fake = services["openai"]
    fake.clear()
    fake.play(fake.service.specials["400 temperature"])
    with pytest.raises(RequestRefused, match="temperature=default"):
        open_engine(fake.spec, fake.keys).translate(["a"], "en", "es")
    engine = open_engine(with_option(fake.spec, "temperature=default"), fake.keys)
    engine.translate(["a"], "en", "es")
    first, second = (heard.json() for heard in fake.heard)
    assert first["temperature"] == 0
    assert "temperature" not in second
    assert engine.identity("en", "es").options["temperature"] == "default"


def test_a_text_that_a_model_refuses_has_no_translation_when_it_is_alone(services: dict[str, Fake]) -> None:
    fake = services["openai"]
    fake.clear()
    engine = open_engine(fake.spec, fake.keys)
    for special in ("refusal", "filtered", "400 content filter"):
        fake.play(fake.service.specials[special])
        assert engine.translate(["a", " "], "en", "es") == [None, " "]


def test_an_answer_of_a_model_may_stand_alone_or_in_a_fence(services: dict[str, Fake]) -> None:
    fake = services["openai"]
    fake.clear()
    engine = open_engine(fake.spec, fake.keys)
    for written in ('[{"id": 1, "text": "uno"}]', '\n```\n[{"id": 1, "text": "uno"}]\n```\n'):
        fake.play(completion(written))
        assert engine.translate(["one"], "en", "es") == ["uno"]


def test_xml_that_deepl_cannot_parse_is_one_text_without_a_translation(services: dict[str, Fake]) -> None:
    fake = services["deepl"]
    fake.clear()
    engine = open_engine(fake.spec, fake.keys)
    with pytest.raises(TooLarge):
        engine.translate(["<b1>", "b"], "en", "es")
    assert engine.translate(["<b1>"], "en", "es") == [None]


def test_characters_that_xml_forbids_come_back(services: dict[str, Fake]) -> None:
    fake = services["deepl"]
    fake.clear()
    engine = open_engine(fake.spec, fake.keys)
    context = "a\x00b\x0bc\x1f\ufffe \u241b\u2400 \r\n \t"
    (marked,) = mark(context, [Span(0, 3)], engine.markup)
    (answer,) = engine.translate([marked.text], "en", "es")
    assert answer is not None
    plain = "".join(token for token in read(answer, engine.markup) if isinstance(token, str))
    assert unspelled(plain, "ES") == context


def test_blank_texts_are_not_sent(fake: Fake) -> None:
    engine = open_engine(fake.spec, fake.keys)
    assert engine.translate([" "], "en", "es") == [" "]
    assert fake.heard == []
    answers = engine.translate(["", "a"], "en", "es")
    assert answers[0] == ""
    assert fake.served == ["a"]
    assert fake.characters == 1


def test_half_a_surrogate_pair_is_sent_as_a_replacement(fake: Fake) -> None:
    engine = open_engine(fake.spec, fake.keys)
    (answer,) = engine.translate(["a\ud800b"], "en", "es")
    assert answer is not None
    assert answer[1] == "\ufffd"


class NoKeys(OpenAI):
    """A server of one's own, which wants no key."""

    def asked(self, heard: Heard) -> Asked:
        return super().asked(replace(heard, headers={**heard.headers, **KEY}))


KEY = {"authorization": "Bearer sk-s3cr3t-openai"}


def test_a_local_server_may_do_without_a_key() -> None:
    with Fake(NoKeys()) as fake:
        assert open_engine(fake.spec).translate(["a"], "en", "es") == [respelled("a", "Spanish")]
        assert "authorization" not in fake.heard[0].headers
