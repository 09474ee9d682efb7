"""A world's files: training questions in SQuAD's format, a benchmark in MLQA's, and texts to pre-train on."""

import io
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.laboratory.concepts import ENGLISH, NOUNS, Story, draw_story
from tasks.laboratory.knobs import Knobs
from tasks.laboratory.tongues import Statement, Tongue, Tongues, make_tongues

LOGIC = 1
"""Raised whenever the same knobs would give other files."""

WORLD, TRAINING, CORPUS, VOCABULARY, BENCHMARK = (
    "world.json",
    "train.json",
    "corpus.parquet",
    "vocabulary.json",
    "test",
)
"""The names of the files, and of the folder of the benchmark."""

DOCUMENTS = 24_000
"""To pre-train on, the languages in turn."""
ASKED = 0.15
"""So many of their statements are questions: their words want to be known too."""

CORPUS_SCHEMA = pa.schema(
    [
        ("language", pa.string()),
        ("statement", pa.string()),
        ("context", pa.string()),
        # Half-open, in words; (0, 0) where a statement asks instead of telling.
        *((f"{where}_{end}", pa.int32()) for where in ("told", "found") for end in ("first", "after")),
    ]
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a story, and the text that answers it."""

    key: str
    title: str
    context: Statement
    question: Statement


def world_files(knobs: Knobs, documents: int = DOCUMENTS) -> dict[str, bytes]:
    """All files of a world by their names; equal knobs give equal bytes."""
    tongues = make_tongues(knobs.seed, knobs.all_languages)
    told = {"knobs": knobs.texts(), "logic": LOGIC}
    return {
        WORLD: _json(told),
        TRAINING: _json(_squad(training_questions(knobs, tongues))),
        VOCABULARY: _json(tongues.vocabulary()),
        CORPUS: _parquet(corpus(knobs, tongues, documents)),
        **{
            f"{BENCHMARK}/{BENCHMARK}-context-{c}-question-{q}.json": _json(_squad(asked))
            for (c, q), asked in test_questions(knobs, tongues).items()
        },
    }


def training_questions(knobs: Knobs, tongues: Tongues) -> list[Asked]:
    """English questions about training names, which ask for the nouns that training covers."""
    rng = random.Random(f"{knobs.seed} training")
    covered = range(max(1, round(knobs.coverage * NOUNS)))
    stories = [draw_story(rng, tongues.training_names, covered) for _ in range(knobs.questions)]
    english = tongues.by_code[ENGLISH]
    return list(_asked("train", stories, _contexts(english, stories, rng), _questions(english, stories, rng)))


def test_questions(knobs: Knobs, tongues: Tongues) -> dict[tuple[str, str], list[Asked]]:
    """The same stories of test names in all languages, by (context language, question language)."""
    rng = random.Random(f"{knobs.seed} test")
    stories = [draw_story(rng, tongues.test_names) for _ in range(knobs.test_questions)]
    told = {code: _contexts(tongue, stories, rng) for code, tongue in tongues.by_code.items()}
    asked = {code: _questions(tongue, stories, rng) for code, tongue in tongues.by_code.items()}
    return {(c, q): list(_asked("test", stories, told[c], asked[q])) for c in told for q in asked}


def corpus(knobs: Knobs, tongues: Tongues, documents: int) -> Iterator[Mapping[str, object]]:
    """Statements, each before a text that tells it; nothing says which words of two languages mean the same."""
    rng = random.Random(f"{knobs.seed} corpus")
    codes = list(tongues.by_code)
    for number in range(documents):
        tongue = tongues.by_code[codes[number % len(codes)]]
        story = draw_story(rng, tongues.names)
        context = tongue.context(story, rng)
        say = tongue.question if rng.random() < ASKED else tongue.answered
        statement = say(story, rng)
        yield {
            "language": tongue.code,
            "statement": statement.text,
            "context": context.text,
            "told_first": statement.value[0],
            "told_after": statement.value[1],
            "found_first": context.value[0],
            "found_after": context.value[1],
        }


def _contexts(tongue: Tongue, stories: Iterable[Story], rng: random.Random) -> list[Statement]:
    return [tongue.context(story, rng) for story in stories]


def _questions(tongue: Tongue, stories: Iterable[Story], rng: random.Random) -> list[Statement]:
    return [tongue.question(story, rng) for story in stories]


def _asked(
    kind: str, stories: Sequence[Story], contexts: Sequence[Statement], questions: Sequence[Statement]
) -> Iterator[Asked]:
    for number, (story, context, question) in enumerate(zip(stories, contexts, questions, strict=True)):
        yield Asked(f"{kind}-{number}", story.name, context, question)


def _squad(asked: Iterable[Asked]) -> dict[str, object]:
    """SQuAD's layout, an article for each name in the order in which they come up."""
    articles: dict[str, list[object]] = {}
    for one in asked:
        text, start = one.context.answer
        answers = [{"text": text, "answer_start": start}]
        qas = [{"id": one.key, "question": one.question.text, "answers": answers}]
        articles.setdefault(one.title, []).append({"context": one.context.text, "qas": qas})
    data = [{"title": title, "paragraphs": paragraphs} for title, paragraphs in articles.items()]
    return {"version": "1.1", "data": data}


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _parquet(rows: Iterable[Mapping[str, object]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=CORPUS_SCHEMA), stream)
    return stream.getvalue()
