"""Every system of Tables 2 and 5 trains on the embedded sample, and plain transformers loads what comes out."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from flows.parameters import SAMPLE_FOLDER
from model.objectives import adversarial
from model.spec import TrainSpec
from model.systems import SYSTEMS, TYDIQA_LANGUAGES, Objective, system
from model.training import train
from storage.examples import Answer, Example
from storage.silver import SilverSet
from storage.squad import read_squad
from tasks.projection.contexts import AnsweredContext
from tasks.projection.sets import Label, assemble, english_rows
from tests.model.families import FAMILIES, save_encoder

EXAMPLES = 5
LOSSES = {
    Objective.EXTRACTION: set(),
    Objective.ADVERSARIAL: {"adversarial", "discriminator", "discriminator_accuracy"},
    Objective.SAME_ANSWER: {"same_answer"},
    Objective.SAME_ANSWER_SIMILARITY: {"same_answer", "similarity"},
}


def capitals(example: Example) -> AnsweredContext:
    """A translation of the context, so to speak; every offset stays."""
    answers = tuple(Answer(answer.text.upper(), answer.answer_start) for answer in example.answers)
    return AnsweredContext(example.context.upper(), answers, "tags", 1.0)


@pytest.fixture(scope="module")
def silver(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """T(ALL) in Spanish and Chinese, so to speak, and T(Q) in TyDiQA's languages too."""
    folder = tmp_path_factory.mktemp("silver")
    examples = read_squad(SAMPLE_FOLDER / "squad.json").examples[:EXAMPLES]
    types = ["other"] * len(examples)
    pq.write_table(english_rows(examples, types), folder / "en.parquet")
    projections = {example.id: capitals(example) for example in examples}
    wanted = [(SilverSet.TQ, language) for language in ("es", "zh", *TYDIQA_LANGUAGES)]
    wanted += [(kind, language) for kind in (SilverSet.TC, SilverSet.TQC) for language in ("es", "zh")]
    for kind, language in wanted:
        asked = {e.question: f"{language} {e.question.upper()} {language}" for e in examples}
        rows = assemble(Label(kind, language, "a table"), examples, types, asked, projections)
        assert rows.kept.num_rows == EXAMPLES
        pq.write_table(rows.kept, folder / f"{kind}.{language}.parquet")
    return [str(path) for path in sorted(folder.glob("*.parquet"))]


def specify(name: str, files: list[str], output: Path, **changes: Any) -> TrainSpec:
    languages = {"named": ["zh"], "all": ["es", "zh"]}.get(system(name).languages, [])
    base = {
        "system": name,
        "files": files,
        "output": str(output),
        "languages": languages,
        "preset": "tiny",
        "batch_size": 8,
        "log_interval": 1,
    }
    return TrainSpec.from_json({**base, **changes})


def assert_loads(folder: Path) -> None:
    network = AutoModelForQuestionAnswering.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        output = network(**tokenizer("Where ?", "In Paris .", return_tensors="pt"))
    assert torch.isfinite(output.start_logits).all()
    assert "# Reader" in (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SYSTEMS)
def test_it_trains_and_loads(name: str, silver: list[str], tmp_path: Path) -> None:
    record = train(specify(name, silver, tmp_path / "reader"))
    assert_loads(tmp_path / "reader")
    assert set(record.losses) == {"qa", "gradient_norm"} | LOSSES[system(name).objective]
    assert record.languages == tuple(sorted({"en", *specify(name, silver, tmp_path).languages}))
    asked = len(record.languages) if name != "zs" else 1
    contexts = {"tall": 3 * asked - 2}.get(name, asked)
    assert record.rows == EXAMPLES * contexts
    assert not record.dropped
    assert json.loads((tmp_path / "reader" / "training.json").read_text())["spec"]["system"] == name


@pytest.mark.parametrize("name", ["at-en-all", "laf-psa-en-zh", "laf-psa-qs-en-all"])
def test_the_joint_schedule_is_another_training(name: str, silver: list[str], tmp_path: Path) -> None:
    weights = []
    for schedule in ("faithful", "joint"):
        spec = specify(name, silver, tmp_path / schedule, schedule=schedule)
        train(spec)
        weights.append((tmp_path / schedule / "model.safetensors").read_bytes())
        assert_loads(tmp_path / schedule)
    assert weights[0] != weights[1]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ["tq", "at-en-zh", "laf-psa-qs-en-zh"])
def test_any_encoder_will_do(family: str, name: str, silver: list[str], tmp_path: Path) -> None:
    """BERT, XLM-R, mDeBERTa and ModernBERT, each with random weights and a vocabulary of its own kind."""
    examples = read_squad(SAMPLE_FOLDER / "squad.json").examples[:EXAMPLES]
    texts = [text for e in examples for text in (e.question, e.context, e.question.upper(), "zh")]
    encoder = save_encoder(family, tmp_path / "encoder", texts)
    changes = {"preset": "base", "encoder": family, "encoder_path": str(encoder)}
    lengths = {"max_length": 96, "doc_stride": 24}
    # Each window of a long context is a step of its own kind: some hold the answer, some do not.
    record = train(specify(name, silver, tmp_path / "reader", **changes, **lengths, learning_rate=1e-3))
    assert_loads(tmp_path / "reader")
    assert record.features > record.rows
    assert not record.dropped


def test_a_loss_that_is_no_number_ends_it_in_one_sentence(
    silver: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model.errors import DivergedError

    steps: list[torch.Tensor] = []

    def confusion(logits: torch.Tensor) -> torch.Tensor:
        steps.append(logits)
        return adversarial.confusion_loss(logits) * (float("nan") if len(steps) > 4 else 1)

    monkeypatch.setattr("model.schedules.adversarial.confusion_loss", confusion)
    spec = specify("at-en-all", silver, tmp_path / "reader", batch_size=2, checkpoint_interval=2)
    with pytest.raises(DivergedError, match=r"step 5.*checkpoint of step 4") as caught:
        train(spec)
    assert "\n" not in str(caught.value)
