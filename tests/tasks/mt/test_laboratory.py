"""The laboratory's engine: faults as often as it is told, and the same whatever else is asked."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import InputError, UsageError
from tasks.laboratory.concepts import ENGLISH
from tasks.laboratory.files import training_questions
from tasks.laboratory.knobs import Faults, Knobs
from tasks.laboratory.tongues import make_tongues
from tasks.mt.catalogue import open_engine
from tasks.mt.laboratory import Laboratory, with_options
from tasks.mt.markup import Markup, Tag, escape, read

KNOBS = Knobs(questions=400, noise=0.0)


def segments(knobs: Knobs = KNOBS) -> list[str]:
    """Contexts of the world with their answers marked."""
    asked = training_questions(knobs, make_tongues(knobs.seed, knobs.all_languages))
    marked = []
    for one in asked:
        text, start = one.context.answer
        context = one.context.text
        marked.append(f"{context[:start]}<b1>{text}</b1>{context[start + len(text) :]}")
    return marked


def marked_texts(answer: str | None) -> list[str]:
    """What each pair of tags holds."""
    found: list[str] = []
    inside = False
    for token in read(answer or "", Markup.HTML):
        if isinstance(token, Tag):
            inside = not token.closing
            found += [""] if inside else []
        elif inside:
            found[-1] += token
    return found


@pytest.fixture(scope="module")
def right() -> list[list[str]]:
    """What a faultless engine marks."""
    return [marked_texts(answer) for answer in Laboratory(KNOBS).translate(segments(), ENGLISH, "qab")]


def test_without_faults_marks_come_back_around_the_answer(right: list[list[str]]) -> None:
    asked = training_questions(KNOBS, make_tongues(KNOBS.seed, KNOBS.all_languages))
    assert [len(texts) for texts in right] == [1] * len(asked)
    tongues = make_tongues(KNOBS.seed, KNOBS.all_languages)
    english, target = tongues.by_code[ENGLISH], tongues.by_code["qab"]
    for one, (text,) in zip(asked, right, strict=True):
        meanings = [english.meanings.get(word, word) for word in one.context.answer[0].split()]
        assert text.split() == target.value(meanings)


@pytest.mark.parametrize("share", [0.0, 0.24, 1.0])
@pytest.mark.parametrize("fault", ["lost", "split", "moved"])
def test_faults_are_as_frequent_as_they_are_told_to_be(
    fault: str, share: float, right: list[list[str]]
) -> None:
    engine = Laboratory(with_options(KNOBS, f"{fault}={share}"))
    answers = [marked_texts(answer) for answer in engine.translate(segments(), ENGLISH, "qab")]
    hit = {
        "lost": [not texts for texts in answers],
        "split": [len(texts) == 2 for texts in answers],
        "moved": [len(texts) == 1 and texts != sound for texts, sound in zip(answers, right, strict=True)],
    }
    assert sum(hit[fault]) / len(answers) == pytest.approx(share, abs=0.06 if 0 < share < 1 else 0)
    others = [name for name in hit if name != fault]
    assert not any(sum(hit[name]) for name in others)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(), max_size=5), st.permutations(range(5)))
def test_law_a_text_is_translated_alike_in_any_company(texts: list[str], order: list[int]) -> None:
    """translate(batch)[i] == translate([batch[i]])[0]."""
    engine = Laboratory(Knobs(noise=0.5, faults=Faults(lost=0.3, split=0.3, moved=0.3)))
    batch = [*map(escape, texts), *segments(Knobs(questions=2))]
    shuffled = [batch[place] for place in order if place < len(batch)]
    alone = [engine.translate([text], ENGLISH, "qac")[0] for text in shuffled]
    assert engine.translate(shuffled, ENGLISH, "qac") == alone


def test_it_is_opened_by_its_file_and_options_change_its_identity(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    path.write_text(json.dumps({"knobs": Knobs(languages=["es"]).texts()}))
    plain = open_engine(f"laboratory:{path}").identity("en", "es")
    faulty = open_engine(f"laboratory:{path}?lost=0.24&noise=0").identity("en", "es")
    assert plain != faulty
    assert (faulty.options["lost"], faulty.options["noise"]) == ("0.24", "0")
    assert str(tmp_path) not in str(plain)


@pytest.mark.parametrize(
    ("argument", "error", "sentence"),
    [
        ("", UsageError, "needs the file of a world"),
        ("/none.json", InputError, "cannot be read"),
        (
            "WORLD?loss=1",
            UsageError,
            "Unknown option of the engine 'laboratory' 'loss'; choose one of: lost, moved, noise, split",
        ),
        ("WORLD?lost=2", UsageError, "give shares from 0 to 1"),
        ("WORLD?lost=0.6&moved=0.6", UsageError, "come to more than 1"),
        ("OTHER", InputError, "is not the file of a world"),
    ],
)
def test_what_is_wrong_is_told(argument: str, error: type[Exception], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "WORLD").write_text(json.dumps({"knobs": Knobs().texts()}))
    (tmp_path / "OTHER").write_text("[]")
    placed = argument.replace("WORLD", str(tmp_path / "WORLD")).replace("OTHER", str(tmp_path / "OTHER"))
    with pytest.raises(error, match=sentence):
        open_engine(f"laboratory:{placed}")
