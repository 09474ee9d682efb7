"""Whatever comes back: no crash, no hang, no row whose offsets do not match. `make fuzz` runs a million strings."""

import random
import time
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.examples import Answer, Example, Span
from tasks.mt.markup import MOST_MARKS, Markup, escape, read
from tasks.projection.alignment.aligner import Aligner, fit
from tasks.projection.cleaning import leftover, settled
from tasks.projection.contexts import AnsweredContext, mark_contexts, project_examples
from tasks.projection.marking import mark, plain, recover
from tasks.projection.rules import Rule

SHARDS, SHARD = 50, 20_000
"""A million strings."""

PARTS = (
    *("<b1>", "</b1>", "<b2>", "</b2>", "<a>", "</a>", "[1]", "[/1]", "<B 1 >", "< / b1 >", "<b1", "b1>", "<b"),
    *("＜b1＞", "‹b1>", "‹/b1›", "《b1》", "【1】", "［/1］", "<b１>", "<b٣>", "《B12》", "<b99999>", "<b0>", "</b>"),
    *("<fuerte>", "</fuerte>", "<fuerte1>", "<br/>", "<!--", "-->", "<![CDATA[", "]]>", "<?x", "<", ">", "</"),
    *("[", "]", "&", ";", "&amp;", "&amp;amp;", "&lt;", "&lt;b1&gt;", "&amp;lt;b1&amp;gt;", "&#60;", "&#x3C;"),
    *("&copy", "&nbsp;", "&#", "&#;", "&#0;", "&#xD800;", "&#1114112;", "&notit;", f"&{'a' * 40};"),
    *(" ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u3000", "\u200b", "\u202e", "\x00", "\x1b"),
    *("\u241b", "\u241b\u2401", "\ufffe", "red", "old", "car", "rojo", "1904", "3.14", "中文", "हिन्दी", "مرحبا"),
    *("é", "e\u0301", "🎵", "👩\u200d👩\u200d👧", "ß", "İ", "ǆ", ",", ".", '"', "'", "«", "»", "“", "”", "(", ")"),
    *("、", "。", "-", "/", "\\", "=", "@", "#", "*", "~", "^"),
)  # fmt: skip
"""What tags, entities and texts are made of, whole and broken."""

LONG = (
    f"&#{'9' * 5_000};",
    f"&#x{'f' * 5_000};",
    f"<b{'1' * 5_000}>",
    f"<{' ' * 500}b1>",
    f"&{'amp;' * 500}lt;",
)
"""Too many digits for Python's int, and other things without end."""

CONTEXTS = (
    "the red old car, seen in 1904, was red",
    "R&D <b1> of &amp; \"[1]\" <a>x</a> 'red'",
    "中文的 red 《書》【1】，old。",
    "\u0928\u093e\u092e (red) हिन्दी था। < b 1 >",
)


ALIGNER = fit(list(zip(CONTEXTS, reversed(CONTEXTS), strict=True)), source="en", target="es")


def text(rng: random.Random, most: int = 12) -> str:
    """Parts; now and then one of them many times, or one that is long."""
    drawn = rng.random()
    if drawn < 0.01:
        return rng.choice(PARTS) * rng.randint(2, 60)
    if drawn < 0.011:
        return rng.choice(LONG) + rng.choice(PARTS)
    return "".join(rng.choices(PARTS, k=rng.randint(0, most)))


def spans_of(context: str, rng: random.Random) -> list[Span]:
    starts = [rng.randrange(len(context)) for _ in range(rng.randint(1, 4))]
    return [Span(start, min(len(context), start + rng.randint(1, 12))) for start in starts]


def broken(marked: str, rng: random.Random) -> str:
    """A marked text after some accidents: pieces lost, doubled, moved, and parts put in."""
    for _ in range(rng.randint(0, 4)):
        start = rng.randint(0, len(marked))
        end = min(len(marked), start + rng.randint(0, 8))
        piece, rest = marked[start:end], marked[:start] + marked[end:]
        place = rng.randint(0, len(rest))
        put = rng.choice(("", piece, piece * 2, rng.choice(PARTS), piece[::-1]))
        marked = rest[:place] + put + rest[place:]
    return marked


def asked(context: str, spans: list[Span]) -> list[Example]:
    answers = [Answer(context[span.start : span.end], span.start) for span in spans]
    return [Example(str(i), "", "?", context, (answer,)) for i, answer in enumerate(answers)]


def check_reading(string: str, context: str, markup: Markup) -> None:
    """Laws of reading any string: the text is what stands between the tags, and every piece lies in it."""
    found = recover(settled(string, context, markup), markup)
    for pieces in found.pieces.values():
        assert all(0 <= piece.start <= piece.end <= len(found.text) for piece in pieces)
    assert max(found.pieces.keys() | found.unbalanced, default=0) <= 18_278
    assert (
        "".join(part for part in read(string, markup) if isinstance(part, str))
        == recover(string, markup).text
    )
    leftover(found.text, context, markup)


def check_round_trip(context: str, spans: list[Span], markup: Markup) -> None:
    """Law: what `mark` cut into copies, `recover` and merging give back exactly."""
    copies = mark(context, spans, markup)
    merged: list[Span] = []
    for copy in copies:
        found = recover(copy.text, markup)
        assert (found.text, found.unbalanced) == (context, frozenset())
        assert found.pieces == {number: (span,) for number, span in enumerate(copy.spans, 1)}
        merged += copy.spans
    assert sorted(merged) == sorted(set(spans))


def check_projecting(
    examples: list[Example],
    translations: dict[str, str],
    markup: Markup,
    rule: Rule,
    aligner: Aligner | None = None,
) -> dict[str, AnsweredContext]:
    """Law: every row is kept with matching offsets and a confidence, or rejected with a reason."""
    alone = {plain(e.answers[0].text, markup): "rojo" for e in examples} if aligner else {}
    found = project_examples(
        examples, translations, rule, markup, source="en", target="es", aligner=aligner, alone=alone
    )
    assert list(found) == [example.id for example in examples]
    for got in found.values():
        assert (got.reason is None) == bool(got.answers)
        assert 0.0 <= got.confidence <= 1.0
        for answer in got.answers:
            assert answer.text.strip()
            assert got.context[answer.span.start : answer.span.end] == answer.text
    return found


def check_shard(seed: int, count: int) -> None:
    rng = random.Random(seed)
    markups, rules = list(Markup), list(Rule)
    for number in range(count):
        markup, rule = markups[number % len(markups)], rules[number % 7 == 0]
        context = rng.choice(CONTEXTS) if rng.random() < 0.8 else text(rng) or "x"
        spans = spans_of(context, rng)
        if not all(context[span.start : span.end].strip() for span in spans):
            check_round_trip(context, spans, markup)
            continue
        examples = asked(context, spans)
        sent = [marked.text for marked in mark_contexts(examples, markup)]
        wild = rng.random() < 0.4
        translations = {one: text(rng) if wild else broken(one, rng) for one in sent}
        for string in translations.values():
            check_reading(string, context, markup)
        found = check_projecting(examples, translations, markup, rule)
        if number % 20 == 0:
            assert found == check_projecting(examples, translations, markup, rule)
            check_projecting(examples, translations, markup, rule, ALIGNER)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Span]]:
    context = draw(
        st.lists(st.sampled_from(PARTS) | st.text(max_size=4), min_size=1, max_size=8).map("".join)
    )
    starts = st.integers(0, max(0, len(context) - 1))
    spans = st.tuples(starts, starts).map(lambda ends: Span(min(ends), max(ends) + 1))
    return context, draw(st.lists(spans, max_size=8)) if context else []


@pytest.mark.parametrize("markup", Markup)
@given(marked_texts())
def test_law_recover_undoes_mark(markup: Markup, case: tuple[str, list[Span]]) -> None:
    check_round_trip(*case, markup)


@pytest.mark.fuzz
@pytest.mark.parametrize("markup", Markup)
@settings(max_examples=5_000, suppress_health_check=list(HealthCheck))
@given(marked_texts())
def test_law_recover_undoes_mark_at_length(markup: Markup, case: tuple[str, list[Span]]) -> None:
    check_round_trip(*case, markup)


@pytest.mark.fuzz
@pytest.mark.parametrize("markup", Markup)
@settings(max_examples=5_000, suppress_health_check=list(HealthCheck))
@given(marked_texts(), st.data(), st.sampled_from(Rule))
def test_laws_of_projecting_at_length(
    markup: Markup, case: tuple[str, list[Span]], data: st.DataObject, rule: Rule
) -> None:
    context, spans = case
    spans = [span for span in spans if context[span.start : span.end].strip()]
    examples = asked(context, spans)
    strings = st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=12).map("".join)
    translations = {marked.text: data.draw(strings) for marked in mark_contexts(examples, markup)}
    for string in translations.values():
        check_reading(string, context, markup)
    check_projecting(examples, translations, markup, rule)


@pytest.mark.parametrize("markup", Markup)
def test_more_marks_than_a_tag_can_number(markup: Markup) -> None:
    """They go to a further copy."""
    spans = [Span(i, i + 1) for i in range(MOST_MARKS + 1)]
    copies = mark("ab" * MOST_MARKS, spans, markup)
    assert [len(copy.spans) for copy in copies] == [MOST_MARKS, 1]
    check_round_trip("ab" * MOST_MARKS, spans, markup)


def test_no_number_is_too_long_to_read() -> None:
    for string in LONG:
        for markup in Markup:
            check_reading(string, "a", markup)


def test_some_strings() -> None:
    check_shard(-1, 2_000)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(SHARDS))
def test_a_million_strings(seed: int) -> None:
    check_shard(seed, SHARD)


HEADS = ("", "<", "</", "< b", "<b1", "&", "&#", "&lt;", "&lt; b1", "[", "[1", "<a", "<x", "b1", "«")
UNITS = (
    *(" ", "\u00a0", "1", "b1", "<", "[", "a", "x ", "</", "<b1"),
    *HEADS[3:6],
    "</b1>",
    "&amp;",
    "amp;",
    "«",
)
SHORTER, TIMES = 1_000, 8


def seconds(function: Callable[[str], object], string: str) -> float:
    """Of the processor: other programs on the machine do not count."""
    began = time.process_time()
    function(string)
    return time.process_time() - began


@pytest.mark.fuzz
@pytest.mark.parametrize("what", ["settled", "recover", "leftover", "escape", "project"])
@pytest.mark.parametrize("markup", Markup)
def test_the_work_grows_with_the_length(what: str, markup: Markup) -> None:
    """Eight times the length may cost 24 times as much, which leaves room for a busy machine; its square would be 64.

    Looked at three times before it counts, and only where it takes long enough to be measured.
    """
    (example,) = asked("the red car", [Span(4, 7)])
    (sent,) = mark_contexts([example], markup)
    functions: dict[str, Callable[[str], object]] = {
        "settled": lambda string: settled(string, "a b", markup),
        "recover": lambda string: recover(string, markup),
        "leftover": lambda string: leftover(string, "a b", markup),
        "escape": lambda string: escape(string, markup),
        "project": lambda string: check_projecting([example], {sent.text: string}, markup, Rule.BEST),
    }
    slow = [pair for pair in product(HEADS, UNITS) if grows_too_fast(functions[what], *pair)]
    assert not slow


def grows_too_fast(function: Callable[[str], object], head: str, unit: str) -> bool:
    for _ in range(3):
        short, long = (seconds(function, head + unit * times) for times in (SHORTER, TIMES * SHORTER))
        if long < 0.02 or long < 3 * TIMES * short:
            return False
    return True
