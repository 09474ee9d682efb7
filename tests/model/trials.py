"""Systems tried in the small world, from data to score through the product's own code."""

import json
import random
from collections.abc import Sequence
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
from model.progress import ignore
from model.record import TrainingRecord
from model.spec import QuestionVector, TrainSpec
from model.texts import Texts
from model.training import train
from storage.examples import Example
from storage.silver import SilverSet
from storage.squad import read_squad
from tasks.projection.sets import Label, assemble, english_rows
from tasks.scoring.benchmarks import Pair, read_benchmark
from tasks.scoring.metrics import Metric
from tasks.scoring.score import score_pairs
from tasks.scoring.transfer import Transfer, f1_by_pair, transfer
from tests.model.world import ENGLISH, LANGUAGES, NOUNS, TRANSLATED, World, parallel

TRAINING_NAMES = 40
"""Of the world's names; the others are kept for tests."""
TRAINING_NOUNS = int(0.7 * NOUNS)
"""Training asks for these alone; tests ask for all."""
NOISE = 0.15
LENGTHS = {"max_length": 64, "doc_stride": 16}
LAST_STEPS = 50
"""Losses are looked at as means over so many last steps."""


def write_squad(path: Path, examples: Sequence[Example]) -> None:
    """A file in SQuAD's format, of examples that each have a context of their own."""
    articles = [
        {
            "title": example.title,
            "paragraphs": [
                {
                    "context": example.context,
                    "qas": [
                        {
                            "id": example.id,
                            "question": example.question,
                            "answers": [
                                {"text": answer.text, "answer_start": answer.answer_start}
                                for answer in example.answers
                            ],
                        }
                    ],
                }
            ],
        }
        for example in examples
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": "1.1", "data": articles}), encoding="utf-8")


def write_training_set(world: World, folder: Path, *, count: int, seed: int) -> Path:
    """A T(Q) set of so many English examples: English in SQuAD's format first, then silver rows."""
    rng = random.Random(1000 + seed)
    names, nouns = world.names[:TRAINING_NAMES], range(TRAINING_NOUNS)
    stories = [world.story(rng, names, nouns) for _ in range(count)]
    told = parallel(world, rng, stories, contexts=(ENGLISH,), questions=(ENGLISH, *TRANSLATED), noise=NOISE)
    write_squad(folder / "train.json", told.examples(ENGLISH, ENGLISH))
    examples = read_squad(folder / "train.json").examples
    types = ["other"] * len(examples)
    pq.write_table(english_rows(examples, types), folder / "en.parquet")
    for language in TRANSLATED:
        asked = {
            e.question: t.question for e, t in zip(examples, told.examples(ENGLISH, language), strict=True)
        }
        rows = assemble(Label(SilverSet.TQ, language, "a table"), examples, types, asked, {})
        pq.write_table(rows.kept, folder / f"tq.{language}.parquet")
    return folder


def write_benchmark(world: World, folder: Path, *, count: int, seed: int = 777) -> Path:
    """Test files named as MLQA's are: every language asked of every language, names that were never trained on."""
    rng = random.Random(seed)
    stories = [world.story(rng, world.names[TRAINING_NAMES:]) for _ in range(count)]
    told = parallel(world, rng, stories, contexts=LANGUAGES, questions=LANGUAGES)
    for context in LANGUAGES:
        for question in LANGUAGES:
            name = f"test-context-{context}-question-{question}.json"
            write_squad(folder / "test" / name, told.examples(context, question))
    return folder


@dataclass(frozen=True, slots=True)
class Laboratory:
    """An encoder, a T(Q) set and a benchmark of the small world."""

    encoder: Path
    silver: Path
    benchmark: Path
    output: Path

    def train(self, system: str, name: str = "", **settings: Any) -> tuple[Path, TrainingRecord]:
        """The reader's folder and its record. Settings that are not given are those that suit the world."""
        files = sorted(self.silver.glob("en.parquet" if system == "zs" else "*.parquet"))
        folder = self.output / (name or system)
        base = {
            "system": system,
            "files": [str(path) for path in files],
            "output": str(folder),
            "encoder": "the small world's",
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
            for language in TRANSLATED
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
