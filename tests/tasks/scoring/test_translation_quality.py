from pathlib import Path

import pytest

from tasks.scoring.translation_quality import PairedTestKind, bleu_tokenizer, compare_engines, quality


@pytest.fixture(autouse=True)
def fixed_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SACREBLEU_SEED", raising=False)


@pytest.fixture
def flores(shared_data: Path) -> Path:
    """What real engines made of FLORES dev, with people's translations."""
    folder = shared_data / "mt-outputs"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here: outputs of real engines")
    return folder


def lines(path: Path, count: int | None = None) -> list[str]:
    return path.read_text("utf-8").removesuffix("\n").split("\n")[:count]


def test_a_perfect_translation_has_the_best_score() -> None:
    text = ["The cat sat on the mat.", "It was warm there, and it slept."]
    found = quality(text, text, "en")
    assert (found.bleu.score, found.chrf.score) == (pytest.approx(100.0), pytest.approx(100.0))
    assert found.bleu.p_value is found.bleu.margin is None


def test_signatures_say_how_it_was_scored() -> None:
    found = quality(["里昂在那里"], ["里昂在这里"], "zh")
    bleu, chrf = (figure.signature.partition("|version:")[0] for figure in (found.bleu, found.chrf))
    assert bleu == "nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp"
    assert chrf == "nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no"


def test_bleu_by_hand() -> None:
    """Five of six words, three of five bigrams, two of four trigrams, one of three 4-grams, nothing for brevity."""
    found = quality(["the cat sat on a mat"], ["the cat sat on the mat"], "en")
    precisions = (5 / 6, 3 / 5, 2 / 4, 1 / 3)
    product = 1.0
    for precision in precisions:
        product *= precision
    assert found.bleu.score == pytest.approx(100 * product**0.25)


def test_the_published_figure(flores: Path) -> None:
    """48.8 is what mozilla/firefox-translations-models publishes (evaluation/en-zh/flores-dev.google.zh.bleu)."""
    found = quality(lines(flores / "zh" / "google.txt"), lines(flores / "zh" / "reference.txt"), "zh")
    assert round(found.bleu.score, 1) == 48.8


@pytest.mark.parametrize("kind", PairedTestKind)
def test_a_better_engine_is_better_and_equal_ones_are_equal(flores: Path, kind: PairedTestKind) -> None:
    names = {"google": "google", "again": "google", "argos": "argos"}
    outputs = {name: lines(flores / "hi" / f"{file}.txt", 300) for name, file in names.items()}
    found = compare_engines(
        outputs, lines(flores / "hi" / "reference.txt", 300), "hi", test=kind, samples=200
    )
    assert list(found) == ["google", "again", "argos"]
    assert found["google"].bleu.p_value is None
    assert found["again"].bleu.p_value == found["again"].chrf.p_value == 1.0
    assert found["argos"].bleu.p_value == found["argos"].chrf.p_value == 1 / 201
    assert found["argos"].bleu.score < found["google"].bleu.score
    assert f"{kind}:200|seed:12345" in found["argos"].bleu.signature
    assert (found["argos"].bleu.margin is None) == (kind is PairedTestKind.RANDOMISATION)


def test_scores_are_the_same_alone_and_compared(flores: Path) -> None:
    outputs = {name: lines(flores / "de" / f"{name}.txt", 200) for name in ("google", "bergamot-tiny")}
    references = lines(flores / "de" / "reference.txt", 200)
    compared = compare_engines(outputs, references, "de", samples=10)
    for name, hypotheses in outputs.items():
        alone = quality(hypotheses, references, "de")
        assert compared[name].bleu.score == pytest.approx(alone.bleu.score)
        assert compared[name].chrf.score == pytest.approx(alone.chrf.score)


@pytest.mark.parametrize(("hypotheses", "references"), [([], []), (["a"], ["a", "b"]), (["a", "b"], ["a"])])
def test_every_segment_needs_its_reference(hypotheses: list[str], references: list[str]) -> None:
    with pytest.raises(ValueError, match="segments have"):
        quality(hypotheses, references, "es")
    with pytest.raises(ValueError, match="segments have"):
        compare_engines({"x": references, "y": hypotheses}, references, "es")


def test_one_engine_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="two engines or more, not 1"):
        compare_engines({"x": ["a"]}, ["a"], "es")


def test_languages_without_spaces_are_cut_into_characters() -> None:
    assert [bleu_tokenizer(code) for code in ("th", "zh_Hans", "hi")] == ["char", "zh", "13a"]
    assert quality(["ไทยไทย"], ["ไทยไทย"], "th").bleu.score == pytest.approx(100.0)
