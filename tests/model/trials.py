"""Systems tried in a made-up world (`tasks.laboratory`), from data to score through the product's own code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import torch

from model.answers import Question
from model.batches import Features, collate
from model.features import make_windows
from model.network import open_reader
from model.pooling import question_vectors
from model.prediction import predict
from model.pretraining.spec import PretrainSpec
from model.pretraining.training import pretrain
from model.progress import ignore
from model.record import TrainingRecord
from model.spec import QuestionVector, TrainSpec
from model.texts import Texts
from model.training import train
from storage.silver import SilverSet
from storage.squad import read_squad
from tasks.laboratory.concepts import ENGLISH
from tasks.laboratory.files import CORPUS, TRAINING, VOCABULARY, world_files
from tasks.laboratory.knobs import Knobs
from tasks.mt.laboratory import Laboratory as Engine
from tasks.projection.sets import Label, assemble, english_rows
from tasks.scoring.benchmarks import Pair, read_benchmark
from tasks.scoring.metrics import Metric
from tasks.scoring.score import score_pairs
from tasks.scoring.transfer import Transfer, f1_by_pair, transfer

LENGTHS = {"max_length": 64, "doc_stride": 16}
LAST_STEPS = 50
"""Losses are looked at as means over so many last steps."""


def write_world(knobs: Knobs, folder: Path) -> Path:
    """The world's files, and a T(Q) set of them in `silver/`: English first, then each language's rows."""
    for name, content in world_files(knobs).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    silver = folder / "silver"
    silver.mkdir()
    examples = read_squad(folder / TRAINING).examples
    types = ["other"] * len(examples)
    pq.write_table(english_rows(examples, types), silver / "en.parquet")
    engine = Engine(knobs)
    for language in knobs.languages:
        asked = {example.question: _translated(engine, example.question, language) for example in examples}
        rows = assemble(Label(SilverSet.TQ, language, "a table"), examples, types, asked, {})
        pq.write_table(rows.kept, silver / f"tq.{language}.parquet")
    return folder


def _translated(engine: Engine, text: str, language: str) -> str:
    (answer,) = engine.translate([text], ENGLISH, language)
    assert answer
    return answer


def write_encoder(world: Path, folder: Path, **changes: Any) -> Path:
    """An encoder that is pre-trained on the world."""
    files = {"corpus": str(world / CORPUS), "vocabulary": str(world / VOCABULARY), "output": str(folder)}
    pretrain(PretrainSpec.from_json({"world": "w", **files, "device": "cpu", **changes}))
    return folder


def laboratory(knobs: Knobs, folder: Path, **pretraining: Any) -> "Laboratory":
    """A world's encoder, T(Q) set and benchmark, made in the folder."""
    world = write_world(knobs, folder / "world")
    encoder = write_encoder(world, folder / "encoder", **pretraining)
    return Laboratory(encoder, world / "silver", world, folder, tuple(knobs.languages))


@dataclass(frozen=True, slots=True)
class Laboratory:
    """An encoder, a T(Q) set and a benchmark of a world."""

    encoder: Path
    silver: Path
    benchmark: Path
    output: Path
    languages: tuple[str, ...]

    def train(self, system: str, name: str = "", **settings: Any) -> tuple[Path, TrainingRecord]:
        """The reader's folder and its record. Settings that are not given are those that suit the world."""
        files = sorted(self.silver.glob("en.parquet" if system == "zs" else "*.parquet"))
        folder = self.output / (name or system)
        base = {
            "system": system,
            "files": [str(path) for path in files],
            "output": str(folder),
            "encoder": "the world's",
            "encoder_path": str(self.encoder),
            "batch_size": 16 if system.startswith("laf") else 32,
            "learning_rate": 1e-3,
            "weight_decay": 0.01,
            "warmup_ratio": 0.2,
            "log_interval": LAST_STEPS,
            "device": "cpu",
            "threads": 1,
        }
        return folder, train(TrainSpec.from_json({**base, **LENGTHS, **settings}))

    def transfer(self, reader: Path) -> Transfer:
        """Token F1 over all pairs of languages."""
        pairs = read_benchmark("mlqa", self.benchmark)
        questions = [
            Question(f"{pair.name} {example.id}", example.question, example.context)
            for pair in pairs
            for example in pair.examples
        ]
        answers = predict(reader, questions, **LENGTHS, device="cpu", n_best=1)
        given = {tuple(answer.key.split(" ")): answer.text for answer in answers}
        return transfer(f1_by_pair(score_pairs(pairs, given, metric=Metric.MLQA)))  # type: ignore[arg-type]

    def retrieval(self, reader: Path) -> float:
        """How often a translated question is nearest to its English original among all of them, in percent.

        By the cosine of averages over question tokens, each question on its English context.
        """
        pairs = {
            pair.question_language: pair
            for pair in read_benchmark("mlqa", self.benchmark)
            if pair.context_language == ENGLISH
        }
        english = _vectors(reader, pairs[ENGLISH])
        hits = [
            (_vectors(reader, pairs[language]) @ english.T).argmax(1) == torch.arange(len(english))
            for language in self.languages
        ]
        return 100 * torch.cat(hits).float().mean().item()


def _vectors(folder: Path, pair: Pair) -> torch.Tensor:
    """(N, H) the questions' averages, of length 1."""
    reader = open_reader(folder)
    reader.network.eval()
    texts = Texts.of([e.question for e in pair.examples], [e.context for e in pair.examples])
    windows = make_windows(reader.tokenizer, texts, **LENGTHS, on_progress=ignore)
    nothing = windows.question_spans
    features = Features(windows, nothing, windows.row * 0)
    batch = collate(features, windows.row, torch.device("cpu"))
    with torch.inference_mode():
        hidden = reader.encode(batch.inputs).hidden
    vectors = question_vectors(hidden, batch.questions, QuestionVector.AVERAGE)
    return torch.nn.functional.normalize(vectors, dim=-1)
