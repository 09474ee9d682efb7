"""The small world: its texts answer its questions, and its files are those that the product reads."""

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.silver import SILVER_SCHEMA
from tasks.scoring.benchmarks import read_benchmark
from tests.model.encoder import make_tokenizer
from tests.model.trials import TRAINING_NAMES, write_benchmark, write_training_set
from tests.model.world import ENGLISH, KINDS, LANGUAGES, OF_A_KIND, TRANSLATED, World, parallel

WORLD = World()


@given(st.integers(0, 2**32), st.sampled_from(LANGUAGES), st.sampled_from(LANGUAGES))
def test_the_answer_stands_in_the_context(seed: int, context: str, question: str) -> None:
    """Law: the value of the fact asked for is where the example says, in the words of the context's language."""
    rng = random.Random(seed)
    story = WORLD.story(rng, WORLD.names)
    told = parallel(WORLD, rng, [story], contexts=[context], questions=[question], noise=0.15)
    (example,) = told.examples(context, question)
    (answer,) = example.answers
    assert example.context[answer.answer_start :].startswith(answer.text)
    own = WORLD.words[context]
    assert sorted(answer.text.split()) == sorted(own.get(part, part) for part in story.facts[0].value)


@given(st.integers(0, 2**32))
def test_only_the_noun_tells_the_answer(seed: int) -> None:
    """Law: enough other facts have values of the same kind, and no noun stands twice."""
    story = WORLD.story(random.Random(seed), WORLD.names)
    nouns = [fact.noun for fact in story.facts]
    assert len(set(nouns)) == len(nouns)
    assert sum(noun % KINDS == nouns[0] % KINDS for noun in nouns) >= OF_A_KIND
    assert sorted(story.order) == list(range(len(nouns)))


def test_every_word_is_a_word_of_one_language_and_one_token() -> None:
    assert len(set(WORLD.vocabulary)) == len(WORLD.vocabulary)
    tokenizer = make_tokenizer(WORLD)
    assert tokenizer.tokenize(" ".join(WORLD.vocabulary)) == list(WORLD.vocabulary)
    assert World() == WORLD


def test_noise_garbles_translations_and_spares_english() -> None:
    rng = random.Random(0)
    stories = [WORLD.story(rng, WORLD.names) for _ in range(50)]
    told = parallel(WORLD, rng, stories, contexts=[ENGLISH], questions=[ENGLISH, "qaa"], noise=0.5)
    names = {
        language: sum(s.name in q.words for s, q in zip(stories, told.questions[language], strict=True))
        for language in (ENGLISH, "qaa")
    }
    assert names[ENGLISH] == 50
    assert names["qaa"] < 45
    assert all(question.words[-1] == "?" for question in told.questions["qaa"])


def test_its_files_are_silver_data_and_a_benchmark(tmp_path: Path) -> None:
    (tmp_path / "silver").mkdir()
    write_training_set(WORLD, tmp_path / "silver", count=20, seed=0)
    tables = {path.stem: pq.read_table(path) for path in (tmp_path / "silver").glob("*.parquet")}
    assert tables.keys() == {"en", *(f"tq.{language}" for language in TRANSLATED)}
    assert all(table.schema.equals(SILVER_SCHEMA) and table.num_rows == 20 for table in tables.values())
    titles = set(tables["en"]["title"].to_pylist())
    assert titles <= set(WORLD.names[:TRAINING_NAMES])
    pairs = read_benchmark("mlqa", write_benchmark(WORLD, tmp_path / "benchmark", count=7))
    assert [(p.context_language, p.question_language) for p in pairs] == [
        (context, question) for context in sorted(LANGUAGES) for question in sorted(LANGUAGES)
    ]
    assert {len(pair.examples) for pair in pairs} == {7}
    asked = {example.title for pair in pairs for example in pair.examples}
    assert not asked & set(WORLD.names[:TRAINING_NAMES])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_statement_tells_what_the_question_asks(language: str) -> None:
    story = WORLD.story(random.Random(3), WORLD.names)
    told = WORLD.answered(language, story, random.Random(0))
    asked = WORLD.question(language, story, random.Random(0))
    first, after = told.value
    which = WORLD.words[language][f"which {story.facts[0].kind % 4}"]
    assert (*told.words[:first], which, *told.words[after:]) == asked.words
