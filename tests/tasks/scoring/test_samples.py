from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.scoring.benchmarks import Pair
from tasks.scoring.metrics import Metric
from tasks.scoring.samples import Mark, Sample, choose_samples, highlight
from tasks.scoring.score import score_pairs


@st.composite
def answered(draw: st.DrawFn) -> tuple[str, Span, Span]:
    context = draw(st.text(min_size=2))

    def span() -> Span:
        start = draw(st.integers(0, len(context) - 1))
        return Span(start, draw(st.integers(start + 1, len(context))))

    return context, span(), span()


@given(answered())
def test_highlighting_loses_nothing(case: tuple[str, Span, Span]) -> None:
    """Law: with a wide margin the pieces joined are the context, and each answer is the pieces marked for it."""
    context, gold, prediction = case
    pieces = highlight(context, gold, prediction, margin=len(context))
    assert "".join(piece.text for piece in pieces) == context
    marked = {
        name: "".join(p.text for p in pieces if p.mark in (name, Mark.BOTH))
        for name in (Mark.GOLD, Mark.PREDICTION)
    }
    assert marked[Mark.GOLD] == context[gold.start : gold.end]
    assert marked[Mark.PREDICTION] == context[prediction.start : prediction.end]


def test_what_is_far_away_is_cut_at_words() -> None:
    context = "one two three four five six seven eight nine ten eleven twelve"
    pieces = highlight(context, Span(4, 7), Span(45, 48), margin=2)
    assert [(p.text, p.mark) for p in pieces] == [
        ("one ", Mark.NONE),
        ("two", Mark.GOLD),
        (" three", Mark.NONE),
        ("", Mark.CUT),
        ("nine ", Mark.NONE),
        ("ten", Mark.PREDICTION),
        (" eleven", Mark.NONE),
        ("", Mark.CUT),
    ]


def choose(pairs: list[Pair], texts: dict[tuple[str, str], str], **options: int) -> list[Sample]:
    predictions = {
        (pair.name, e.id): texts.get((pair.context_language, e.id), "")
        for pair in pairs
        for e in pair.examples
    }
    return choose_samples(pairs, predictions, score_pairs(pairs, predictions, metric=Metric.MLQA), **options)


def test_languages_take_turns_and_no_question_is_shown_twice(pairs: list[Pair]) -> None:
    chosen = choose(pairs, {("en", "a"): "Lyon", ("ar", "a"): "ليون", ("ar", "b"): "هنا"})
    shown = [(s.right, s.context_language, s.question_language, s.example.id) for s in chosen]
    assert shown == [(True, "ar", "ar", "a"), (False, "ar", "ar", "b")]
    assert chosen[1].predicted_span == Span(10, 13)


def test_no_more_than_asked_for(pairs: list[Pair]) -> None:
    texts = {("ar", "a"): "ليون", ("ar", "b"): "كانط"}
    assert [len(choose(pairs, texts, each=each)) for each in (0, 1, 2, 9)] == [0, 2, 2, 2]
    assert [s.right for s in choose(pairs, texts, each=1)] == [True, False]
    assert [s.right for s in choose(pairs, texts, each=2)] == [True, True]


def test_a_prediction_is_shown_where_it_was_made(pairs: list[Pair]) -> None:
    pair = pairs[3]
    key = (pair.name, "a")
    scores = score_pairs([pair], {key: "e"}, metric=Metric.MLQA)
    told, looked_for = (
        choose_samples([pair], {key: "e"}, scores, starts=starts)[0] for starts in ({key: 15}, None)
    )
    assert (told.prediction_start, looked_for.prediction_start) == (15, 7)


def test_a_prediction_that_is_not_in_the_context_has_no_place(pairs: list[Pair]) -> None:
    (sample,) = choose([pairs[3]], {("en", "a"): "Paris", ("en", "b"): "Kant or so and so"}, each=1)
    assert (sample.prediction_start, sample.predicted_span) == (None, None)
