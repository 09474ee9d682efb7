"""Answering questions with a trained reader."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from model.answering import Found, find_spans
from model.answers import Prediction, Question, read_questions, write_predictions
from model.features import make_windows
from model.network import open_reader
from model.progress import OnProgress, Stage, counting, ignore
from model.runtime import open_device
from model.spec import Precision, PredictSpec
from model.texts import Texts

DEFAULTS = PredictSpec(model="", questions="", output="")


def predict(
    model_dir: Path,
    questions: Sequence[Question],
    *,
    max_length: int = DEFAULTS.max_length,
    doc_stride: int = DEFAULTS.doc_stride,
    max_batch_tokens: int = DEFAULTS.max_batch_tokens,
    max_answer_tokens: int = DEFAULTS.max_answer_tokens,
    n_best: int = DEFAULTS.n_best,
    precision: Precision = DEFAULTS.precision,
    device: str = DEFAULTS.device,
    on_progress: OnProgress = ignore,
) -> list[Prediction]:
    """Answers the questions, in their order. Every answer is an exact slice of its context.

    A context without any token gives an empty answer at 0 with an empty `n_best`.

    Raises:
        JobError: the folder holds no usable reader.
        UsageError: the device does not exist, or the lengths do not fit the reader.
    """
    reader = replace(open_reader(model_dir), precision=precision)
    place = open_device(device)
    reader.network.to(place).eval()
    texts = Texts.of((q.question for q in questions), (q.context for q in questions))
    windows = make_windows(
        reader.tokenizer, texts, max_length=max_length, doc_stride=doc_stride, on_progress=on_progress
    )
    found = find_spans(
        reader,
        windows,
        place,
        n_best=n_best,
        max_answer_tokens=max_answer_tokens,
        max_batch_tokens=max_batch_tokens,
        on_windows=counting(Stage.PREDICT, len(windows), on_progress),
    )
    return predictions_of(questions, found.best(n_best))


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
        max_batch_tokens=spec.max_batch_tokens,
        max_answer_tokens=spec.max_answer_tokens,
        n_best=spec.n_best,
        precision=spec.precision,
        device=spec.device,
        on_progress=on_progress,
    )
    write_predictions(Path(spec.output), predictions)
    return {"predictions": len(predictions), "seconds": round(time.perf_counter() - began, 3)}


def predictions_of(questions: Sequence[Question], best: Found) -> list[Prediction]:
    """The questions' answers; `best` is sorted by row, best first."""
    bounds = np.searchsorted(best.rows, np.arange(len(questions) + 1)).tolist()
    starts, ends, scores = best.starts.tolist(), best.ends.tolist(), best.scores.tolist()
    found = []
    for question, (first, last) in zip(questions, pairwise(bounds), strict=True):
        begins, text = starts[first:last], question.context
        texts = [text[start:end] for start, end in zip(begins, ends[first:last], strict=True)]
        found.append(Prediction(question.key, tuple(texts), tuple(begins), tuple(scores[first:last])))
    return found
