"""Answering questions with a trained reader."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from model.answers import Candidate, Prediction, Question, read_questions, write_predictions
from model.batches import to_tensors
from model.features import Windows, make_windows
from model.nbest import Floats, best_per_row, best_spans
from model.network import Reader, open_reader
from model.progress import OnProgress, Progress, Stage, ignore
from model.runtime import open_device
from model.spec import PredictSpec
from model.texts import Ints, Texts

DEFAULTS = PredictSpec(model="", questions="", output="")


def predict(
    model_dir: Path,
    questions: Sequence[Question],
    *,
    max_length: int = DEFAULTS.max_length,
    doc_stride: int = DEFAULTS.doc_stride,
    batch_size: int = DEFAULTS.batch_size,
    max_answer_tokens: int = DEFAULTS.max_answer_tokens,
    n_best: int = DEFAULTS.n_best,
    device: str = DEFAULTS.device,
    on_progress: OnProgress = ignore,
) -> list[Prediction]:
    """Answers the questions, in their order. Every answer is an exact slice of its context.

    A context without any token gives an empty answer at 0 with an empty `n_best`.

    Raises:
        JobError: the folder holds no usable reader.
        UsageError: the device does not exist, or the lengths do not fit the reader.
    """
    reader = open_reader(model_dir)
    place = open_device(device)
    reader.network.to(place).eval()
    texts = Texts.of((q.question for q in questions), (q.context for q in questions))
    windows = make_windows(
        reader.tokenizer, texts, max_length=max_length, doc_stride=doc_stride, on_progress=on_progress
    )
    order = np.argsort(windows.lengths, kind="stable")
    found = []
    for first in range(0, len(order), batch_size):
        batch = windows.take(order[first : first + batch_size])
        found.append(_candidates(reader, batch, place, n_best=n_best, max_tokens=max_answer_tokens))
        on_progress(Progress(Stage.PREDICT, first + len(batch), len(order)))
    return _predictions(questions, found, n_best)


def ask(model_dir: Path, question: str, context: str, **options: Any) -> Prediction:
    """Answers one question; `options` are those of `predict`."""
    return predict(model_dir, [Question("", question, context)], **options)[0]


def predict_file(spec: PredictSpec, on_progress: OnProgress = ignore) -> dict[str, Any]:
    """The prediction job, Parquet to Parquet; returns the figures of its `done` event."""
    began = time.perf_counter()
    questions = read_questions(Path(spec.questions))
    predictions = predict(
        Path(spec.model),
        questions,
        max_length=spec.max_length,
        doc_stride=spec.doc_stride,
        batch_size=spec.batch_size,
        max_answer_tokens=spec.max_answer_tokens,
        n_best=spec.n_best,
        device=spec.device,
        on_progress=on_progress,
    )
    write_predictions(Path(spec.output), predictions)
    return {"predictions": len(predictions), "seconds": round(time.perf_counter() - began, 3)}


class _Candidates(NamedTuple):
    """N spans: their row, half-open code points and score, all (N,)."""

    rows: Ints
    starts: Ints
    ends: Ints
    scores: Floats


def _candidates(
    reader: Reader, windows: Windows, device: torch.device, *, n_best: int, max_tokens: int
) -> _Candidates:
    """The best spans of each of these windows, run as one batch."""
    with torch.inference_mode():
        start_logits, end_logits = reader.answer_logits(to_tensors(windows, device))
        allowed = torch.from_numpy(windows.is_context()).to(device)
        spans = best_spans(start_logits, end_logits, allowed, n_best=n_best, max_tokens=max_tokens)
    real = spans.scores > -np.inf
    owners = windows.take(np.nonzero(real)[0])
    starts, ends = owners.code_points(spans.first[real], spans.last[real])
    return _Candidates(owners.row, starts, ends, spans.scores[real])


def _predictions(questions: Sequence[Question], found: list[_Candidates], n_best: int) -> list[Prediction]:
    """The questions' answers from the candidates of all batches."""
    if not found:
        return []
    rows, starts, ends, scores = (np.concatenate(column) for column in zip(*found, strict=True))
    chosen = best_per_row(rows, starts, ends, scores, n_best)
    candidates: list[list[Candidate]] = [[] for _ in questions]
    for row, start, end, score in zip(
        rows[chosen].tolist(),
        starts[chosen].tolist(),
        ends[chosen].tolist(),
        scores[chosen].tolist(),
        strict=True,
    ):
        candidates[row].append(Candidate(questions[row].context[start:end], start, score))
    return [_prediction(question.key, own) for question, own in zip(questions, candidates, strict=True)]


def _prediction(key: str, candidates: list[Candidate]) -> Prediction:
    best = candidates[0] if candidates else Candidate("", 0, 0.0)
    return Prediction(key, best.text, best.answer_start, best.score, tuple(candidates))
