"""Plans: equal to what a run then sends, and nothing is sent or written to make one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flows.parameters import sample_examples
from storage.examples import Answer, Example
from storage.silver import Reason, SilverSet
from storage.squad import SquadFile
from storage.states import LocalStates
from tasks import planning
from tasks.desk import Desk
from tasks.mt import catalogue
from tasks.mt.bill import Sent
from tasks.mt.budget import UNBOUNDED, Budget
from tasks.mt.engine import Billing, Keys, Limits
from tasks.mt.pace import Pace, Rate
from tasks.place import Place
from tasks.planning import plan_build
from tasks.projection.again import SecondTry, second_copies
from tasks.projection.contexts import mark_contexts
from tasks.projection.marking import plain
from tasks.projection.segments import Kind
from tasks.projection.sets import translated_sets
from tasks.shards.importing import shards
from tasks.shards.translating import gates
from tasks.translation import opened
from tasks.volumes import BuildPlan, kinds_of
from tests.tasks.mt.doubles import Declared

ALL = [SilverSet.TQ, SilverSet.TC, SilverSet.TQC, SilverSet.TALL]


def accented(text: str) -> str:
    """Another text that has the same tags and entities."""
    return text.translate(str.maketrans("eiou", "éíóú"))


@dataclass
class Counting(Declared):
    """An engine that counts what it is asked; it accents vowels, or answers as `spoken` says."""

    name: str = "counting"
    spoken: Callable[[str], str | None] = accented
    limits: Limits = field(default_factory=lambda: Limits(max_segments=20, max_chars=2_500))
    workers: int = 3
    rate: Rate = field(default_factory=Rate)
    requests: int = 0
    characters: int = 0

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        self.requests += 1
        self.characters += sum(map(len, texts))
        return [self.spoken(text) for text in texts]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()

    def opened_again(_argument: str, _keys: Keys) -> Counting:
        return counting

    monkeypatch.setitem(catalogue.ENGINES, "counting", opened_again)
    monkeypatch.setattr(planning, "SHARD_ROWS", 100)
    return counting


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(str(tmp_path / "store"))


def planned(
    place: Place,
    sets: Sequence[SilverSet] = ALL,
    languages: str = "es",
    *,
    retry_markup: bool = False,
    second_try: SecondTry = SecondTry.NONE,
    sentencewise: bool = False,
) -> BuildPlan:
    source = SquadFile(sample_examples(), [])
    engines = dict.fromkeys(languages.split(","), "counting")
    return plan_build(
        place,
        source,
        engines,
        sets,
        sample_examples()[:50],
        retry_markup=retry_markup,
        second_try=second_try,
        sentencewise=sentencewise,
    )


def built(
    place: Place,
    sets: Sequence[SilverSet] = ALL,
    languages: str = "es",
    *,
    retry_markup: bool = False,
    second_try: SecondTry = SecondTry.NONE,
    sentencewise: bool = False,
) -> Sent:
    """What a build does between the source and projection, shard by shard, without Prefect."""
    translators = opened(
        place, dict.fromkeys(languages.split(","), "counting"), lambda: sample_examples()[:50]
    )
    sent = sum((translator.sent for translator in translators.values()), Sent())
    with place.memory() as memory:
        for language, translator in translators.items():
            engine = catalogue.open_engine(translator.engine)
            pace, budget = Pace(LocalStates(), "e"), Budget(LocalStates(), "run", engine)
            desk = Desk(
                engine,
                memory,
                translator.generation.id,
                language,
                None,
                pace,
                budget,
                lambda *_: None,
                sentencewise,
            )
            for kind in kinds_of(translated_sets(sets)):
                for shard in shards(sample_examples(), planning.SHARD_ROWS):
                    rows, usages = desk.rows(shard, kind, retry_markup)
                    sent += Sent.of(*usages)
                    if kind is Kind.CONTEXTS:
                        back = {row["text"]: row["translation"] for row in rows if row["translation"]}
                        copies = second_copies(mark_contexts(shard, engine.markup), back, second_try)
                        sent += Sent.of(*desk.rows_of(copies, kind)[1])
    return sent


def in_all(plan: dict[str, Any]) -> tuple[int, int]:
    """Requests and characters of the build's own segments and of the canary set."""
    return (
        plan["requests"] + plan["canary"]["requests"],
        plan["characters_sent"] + plan["canary"]["characters_sent"],
    )


@pytest.mark.parametrize("sets", [[SilverSet.TQ], [SilverSet.TC], [SilverSet.TQC], ALL], ids=str)
@pytest.mark.parametrize("languages", ["es", "ca,es"])
def test_a_run_sends_what_was_planned(
    place: Place, engine: Counting, sets: list[SilverSet], languages: str
) -> None:
    plan = planned(place, sets, languages).to_json()
    assert engine.requests == 0
    sent = built(place, sets, languages)
    assert (engine.requests, engine.characters) == (sent.requests, sent.characters)
    assert in_all(plan) == (sent.requests, sent.characters)
    assert plan["price"] + plan["canary"]["price"] == pytest.approx(20 * sent.characters / 1e6)
    again = planned(place, sets, languages).to_json()
    assert (again["requests"], again["characters_sent"], again["price"]) == (0, 0, 0)
    assert again["remembered"] == again["segments"] > 0
    assert built(place, sets, languages) == Sent()


def test_the_pace_begins_at_the_rate_that_the_engine_declares(place: Place) -> None:
    with place.memory() as memory:
        for rate in (Rate(), Rate(chars_per_s=100.0)):
            pace, _ = gates(memory, f"an engine with {rate}", Counting(rate=rate), "run", UNBOUNDED)
            assert pace.rate == rate


def test_a_plan_writes_nothing(place: Place, engine: Counting) -> None:
    planned(place)
    assert not Path(place.store_url).exists()


def test_what_is_in_the_memory_is_not_planned_again(place: Place, engine: Counting) -> None:
    built(place, [SilverSet.TQ])
    plan = planned(place)
    assert plan.languages["es"].canary.segments == 0
    assert plan.languages["es"].generation is not None
    assert plan.languages["es"].kinds[Kind.QUESTIONS].requests == 0
    assert plan.languages["es"].kinds[Kind.CONTEXTS].remembered == 0
    sent = built(place)
    assert (plan.languages["es"].total.requests, plan.languages["es"].total.characters) == (
        sent.requests,
        sent.characters,
    )


def test_sets_by_themselves(place: Place, engine: Counting) -> None:
    plan = planned(place).languages["es"]
    by_set = {silver_set: plan.of_set(silver_set).characters for silver_set in ALL}
    assert by_set[SilverSet.TQ] + by_set[SilverSet.TC] == by_set[SilverSet.TQC] == by_set[SilverSet.TALL]
    assert plan.total.characters == by_set[SilverSet.TALL] + plan.canary.characters


def test_the_json_has_the_names_of_a_build(place: Place, engine: Counting) -> None:
    plan = planned(place).to_json()
    assert {
        "requests",
        "characters_sent",
        "rejected",
        "segments",
        "remembered",
        "price",
        "at_most",
    } <= plan.keys()
    assert plan["rejected"] == {}
    assert plan["languages"]["es"]["sets"].keys() == {"tq", "tc", "tqc", "tall"}
    json.dumps(plan)


def test_a_price_that_is_not_known_is_none_and_so_is_its_sum(place: Place, engine: Counting) -> None:
    engine.price_per_million = None
    assert planned(place).to_json()["price"] is None
    engine.billing = Billing.NONE
    assert planned(place).to_json()["price"] == 0


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"retry_markup": True},
        {"second_try": SecondTry.SINGLE},
        {"second_try": SecondTry.SINGLE, "sentencewise": True},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "spoken",
    [
        lambda text: "",
        lambda text: text,
        lambda text: "x",
        lambda text: accented(text.replace("<b1>", "").replace("</b1>", "")),
    ],
    ids=["empty", "copied", "short", "first tag lost"],
)
def test_at_most_is_at_most(
    place: Place, engine: Counting, spoken: Callable[[str], str], terms: dict[str, Any]
) -> None:
    """Whatever an engine does with every text, it is not asked for more than the plan foretold."""
    whole = planned(place, **terms).to_json()
    plan = {
        name: whole["at_most"][name] + whole["canary"]["at_most"][name]
        for name in ("requests", "characters_sent")
    }
    engine.spoken = spoken
    sent = built(place, **terms)
    assert 0 < sent.requests <= plan["requests"]
    assert sent.characters <= plan["characters_sent"]
    assert built(place, **terms) == Sent()


def test_a_second_try_is_told_apart_and_bounded(place: Place, engine: Counting) -> None:
    """Before anything is translated every answer may need it; afterwards it is known which ones do."""
    engine.spoken = lambda text: accented(text.replace("<b1>", "").replace("</b1>", ""))
    before = planned(place, second_try=SecondTry.SINGLE).languages["es"].second_try
    answers = {(e.context, answer.span) for e in sample_examples() for answer in e.answers}
    assert 0 < before.segments <= len(answers)
    assert (before.requests, before.characters) == (0, 0)
    assert planned(place).languages["es"].second_try.segments == 0
    first = built(place)
    after = planned(place, second_try=SecondTry.SINGLE).languages["es"].second_try
    assert 0 < after.segments < before.segments
    more = built(place, second_try=SecondTry.SINGLE)
    assert 0 < more.requests < first.requests
    assert more.characters <= after.characters_at_most <= before.characters_at_most
    settled = planned(place, second_try=SecondTry.SINGLE).languages["es"].second_try
    assert settled.characters_at_most == 0
    assert settled.remembered == settled.segments == after.segments


def test_questions_that_are_lost_already_are_told_with_their_reason(place: Place, engine: Counting) -> None:
    lost = sample_examples()[0].question
    engine.spoken = lambda text: None if text == lost else accented(text)
    built(place)
    assert planned(place).to_json()["rejected"] == {"es": {"not-translated": 1}}
    engine.limits = Limits(20, 90)
    too_long = planned(place, [SilverSet.TC], languages="ca").to_json()["rejected"]
    assert too_long == {"ca": {"too-long": len(sample_examples())}}


def test_what_an_earlier_shard_sends_is_planned_once(place: Place, engine: Counting) -> None:
    """The same questions on other contexts, so many that they fill two shards."""
    first = sample_examples()[:100]
    second = [Example(f"{e.id} again", e.title, e.question, f"{e.context} More.", e.answers) for e in first]
    plan = plan_build(place, SquadFile([*first, *second], []), {"es": "counting"}, [SilverSet.TQ], [])
    distinct = {plain(example.question) for example in first}
    assert plan.languages["es"].kinds[Kind.QUESTIONS].segments == len(distinct)
    assert plan.languages["es"].total.characters == sum(map(len, distinct))


def test_questions_that_were_set_aside_are_told(place: Place, engine: Counting) -> None:
    source = SquadFile(sample_examples(), [("x", Reason.UNANSWERABLE)])
    plan = plan_build(place, source, {"es": "counting"}, ALL, [])
    assert plan.to_json()["rejected"] == {"en": {"unanswerable": 1}}


def test_a_desk_tells_the_reason_of_each_lost_segment(place: Place, engine: Counting) -> None:
    context = "One two three four five six seven eight nine ten eleven twelve."
    example = Example("q", "t", "How many are there?", context, (Answer("three", 8),))
    engine.spoken = lambda text: "Uno." if text.startswith("One") else accented(text)
    with place.memory() as memory:
        desk = Desk(
            engine,
            memory,
            "g",
            "es",
            None,
            Pace(LocalStates(), "e"),
            Budget(LocalStates(), "run", engine),
            lambda *_: None,
        )
        rows: Mapping[str, dict[str, str]] = {
            row["text"]: row for kind in Kind for row in desk.rows([example], kind, retry_markup=False)[0]
        }
    assert rows["How many are there?"]["translation"] == accented("How many are there?")
    lost = rows["One two <b1>three</b1> four five six seven eight nine ten eleven twelve."]
    assert (lost["translation"], lost["reason"]) == (None, "truncated")
    assert lost["detail"] == "4 characters came back for 63"
