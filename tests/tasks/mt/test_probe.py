import json
import shutil
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.cli import run
from flows.probing import _styled
from storage.examples import Span
from tasks.mt.apertium import Apertium
from tasks.mt.engine import Billing, Engine, Identity, Limits
from tasks.mt.markup import Markup, Tag, closing, opening, read
from tasks.mt.probe import Fate, Segment, best, fate, segments, survival, table

PARAGRAPH = "The Broncos won in 2016. It was late. Dr. Newton & Co. played for Carolina in Santa Clara."


def spans(*words: str) -> list[Span]:
    return [Span(PARAGRAPH.index(word), PARAGRAPH.index(word) + len(word)) for word in words]


class Styled:
    """Speaks in capitals, and does to marks what is written for its style."""

    name = "styled"
    markups: Sequence[Markup] = tuple(Markup)
    billing = Billing.NONE
    price_per_million: float | None = None
    limits = Limits(1000, 100_000)
    workers = 1

    def __init__(self, markup: Markup) -> None:
        self.markup = markup

    def identity(self, source: str, target: str) -> Identity:
        return Identity(self.name, "1")

    def targets(self, source: str) -> list[str]:
        return ["es"]

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        return [self._say(list(read(text, self.markup))) for text in texts]

    def _say(self, tokens: list[str | Tag]) -> str | None:
        marked = any(isinstance(token, Tag) for token in tokens)
        if marked and self.markup is Markup.XML:
            return None
        said = "".join(self._token(token) for token in tokens)
        if marked and self.markup is Markup.LETTERS:
            said += f"{opening(1, self.markup)}more{closing(1, self.markup)}"
        return said

    def _token(self, token: str | Tag) -> str:
        if isinstance(token, str):
            return token.upper()
        if self.markup is Markup.BRACKETS and token.closing:
            return ""
        return (closing if token.closing else opening)(token.number, self.markup)


def ask(engine: Engine, texts: Sequence[str]) -> Mapping[str, str | None]:
    return dict(zip(texts, engine.translate(texts, "en", "es"), strict=True))


def test_sentences_with_answers_are_taken_and_crossing_answers_are_not() -> None:
    found = segments(
        [(PARAGRAPH, spans("Broncos", "2016", "late. Dr", "Newton & Co.", "& Co. played", "Carolina"))]
    )
    assert [(s.text, [s.text[x.start : x.end] for x in s.spans]) for s in found] == [
        ("The Broncos won in 2016.", ["Broncos", "2016"]),
        ("Dr. Newton & Co. played for Carolina in Santa Clara.", ["Newton & Co.", "Carolina"]),
    ]
    assert segments([(PARAGRAPH, spans("late"))] * 3) == [Segment("It was late.", (Span(7, 11),))]
    assert segments([]) == []


def test_fifty_are_taken_from_all_over() -> None:
    many = [(f"Answer number {i} is here.", [Span(0, 6)]) for i in range(1000)]
    found = segments(many)
    assert len(found) == 50
    assert found[-1].text == "Answer number 980 is here."


def test_each_style_is_counted_by_what_became_of_its_marks() -> None:
    sample = segments([(PARAGRAPH, spans("Broncos", "2016", "late", "Carolina"))])
    found = {markup: survival(sample, Styled(markup), ask) for markup in Markup}
    assert found[Markup.HTML].fates == found[Markup.TAGS].fates == {Fate.EXACT: 3}
    assert found[Markup.LETTERS].fates == {Fate.SPLIT: 3}
    assert found[Markup.LETTERS].changed_share == 100
    assert found[Markup.BRACKETS].fates == {Fate.LOST: 3}
    assert found[Markup.XML].fates == {Fate.UNANSWERED: 3}
    assert found[Markup.XML].compared == 0
    assert best(found.values()).markup is Markup.HTML
    lines = table(list(found.values()))
    assert len(lines) == 6
    assert lines[1].split() == ["html", "*", "100", "%", "0", "%", "0", "%", "0", "%", "0", "%"]


@given(st.permutations([1, 2, 3]), st.sampled_from(list(Markup)))
def test_whole_marks_are_exact_in_any_order_and_style(order: list[int], markup: Markup) -> None:
    answer = " ".join(f"{opening(n, markup)}w{n}{closing(n, markup)}" for n in order)
    assert fate(answer, 3, markup) is Fate.EXACT
    assert fate(answer, 2, markup) is Fate.SPLIT
    assert fate(answer, 4, markup) is Fate.LOST
    assert fate(answer.replace("w2", " "), 3, markup) is Fate.LOST
    assert fate(answer + closing(2, markup), 3, markup) is Fate.LOST


@pytest.mark.parametrize(
    ("name", "styles", "kept"),
    [
        ("deepl", None, ""),
        ("transformers:some/model?beams=2&markup=html", {"letters", "tags", "html", "brackets"}, "beams"),
    ],
)
def test_every_style_that_an_engine_takes_is_tried(name: str, styles: set[str] | None, kept: str) -> None:
    engines = _styled(name)
    found = {str(engine.markup) for engine in engines}
    assert len(engines) == len(found) == len(engines[0].markups)
    assert styles in (None, found)


def test_the_command_on_the_real_apertium(capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("apertium") is None or "es" not in Apertium().targets("en"):
        pytest.skip("apertium-eng-spa is not installed")
    command = ["engines", "check", "apertium", "--languages", "es", "--segments", "20"]
    assert run([*command, "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    styles = result["languages"]["es"]["styles"]
    assert result["segments"] == 20
    assert result["languages"]["es"]["best"] == "html"
    assert styles.keys() == {"html"}
    assert sum(styles["html"][str(fate)] for fate in Fate) == pytest.approx(100)
    assert styles["html"]["exact"] + styles["html"]["split"] >= 90
    assert run(command) == 0
    assert "html *" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gogle", "--languages", "es"], "Unknown engine 'gogle'"),
        (["apertium", "--languages", ""], "Name at least one language"),
        (["apertium", "--languages", "es", "--segments", "0"], "at least one language and one segment"),
    ],
)
def test_bad_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["engines", "check", *arguments]) == 2
    assert message in capsys.readouterr().err
