"""Files and values shared by the tests of scoring."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.examples import Answer, Example
from tasks.scoring.benchmarks import Pair

DATA = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Real data that is not part of the project."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not here: real data for tests")
    return DATA


def example(key: str, context: str, answer: str, *more: str, question: str = "Who?") -> Example:
    answers = tuple(Answer(text, context.index(text)) for text in (answer, *more))
    return Example(key, "title", question, context, answers)


@pytest.fixture
def make_example() -> Callable[..., Example]:
    return example


@pytest.fixture
def write_squad(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, examples: list[Example]) -> Path:
        paragraphs = [
            {
                "context": e.context,
                "qas": [
                    {
                        "id": e.id,
                        "question": e.question,
                        "answers": [{"text": a.text, "answer_start": a.answer_start} for a in e.answers],
                    }
                ],
            }
            for e in examples
        ]
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"version": "1.0", "data": [{"title": "t", "paragraphs": paragraphs}]}
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        return path

    return write


@pytest.fixture
def pairs() -> list[Pair]:
    """Two languages, four pairs, parallel by id."""
    contexts = {
        "en": [example("a", "Lyon lies on the Rhône.", "Lyon"), example("b", "Kant wrote it.", "Kant")],
        "ar": [example("a", "تقع ليون على نهر الرون", "ليون"), example("b", "كتبه كانط هنا", "كانط")],
    }
    return [Pair(c, q, contexts[c]) for c in ("ar", "en") for q in ("ar", "en")]
