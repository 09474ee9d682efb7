"""The choice of the best step: a reader's answers to questions that it does not train on.

The score is the overlap of places, not of words: it needs no language's rules, and favours no tokenizer. The
benchmarks' official metrics are applied to finished readers, elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from model.answering import Found, find_spans
from model.distribution import gathered
from model.errors import first_line
from model.features import Windows, make_windows
from model.network import Reader
from model.progress import OnProgress, Stage, counting
from model.spec import PredictSpec, TrainSpec
from model.texts import Texts
from storage.errors import InputError

COLUMNS = ("question", "context", "answers")

Span = tuple[int, int]

_ANSWERS = PredictSpec(model="", questions="", output="")
"""Answers are sought as a prediction seeks them."""


@dataclass(frozen=True, slots=True)
class Development:
    """Questions with known answers, tokenised once for all evaluations; `gold` has the answers' code points."""

    windows: Windows
    gold: Sequence[Sequence[Span]]
    max_batch_tokens: int

    def score(
        self, reader: Reader, device: torch.device, on_progress: OnProgress, *, process: int, processes: int
    ) -> float:
        """The mean over questions of `span_f1` of the reader's answer, in percent.

        Called by all processes, each of which answers its share of the windows.
        """
        share = self.windows.take(np.arange(process, len(self.windows), processes))
        reader.network.eval()
        try:
            found = find_spans(
                reader,
                share,
                device,
                n_best=1,
                max_answer_tokens=_ANSWERS.max_answer_tokens,
                max_batch_tokens=self.max_batch_tokens,
                on_windows=counting(Stage.EVALUATE, len(share), on_progress),
            )
        finally:
            reader.network.train()
        parts = gathered(found)
        best = Found(*(np.concatenate(column) for column in zip(*parts, strict=True))).best(1)
        spans = zip(best.rows.tolist(), best.starts.tolist(), best.ends.tolist(), strict=True)
        total = sum(max(span_f1((start, end), gold) for gold in self.gold[row]) for row, start, end in spans)
        return 100.0 * total / len(self.gold)


def span_f1(found: Span, gold: Span) -> float:
    """The harmonic mean of the shares that the spans' common code points have in each.

    >>> span_f1((0, 4), (2, 4))
    0.6666666666666666
    """
    common = min(found[1], gold[1]) - max(found[0], gold[0])
    return 2 * common / (found[1] - found[0] + gold[1] - gold[0]) if common > 0 else 0.0


def read_development(spec: TrainSpec, reader: Reader, on_progress: OnProgress) -> Development | None:
    """The spec's questions to choose by, or None where it names none.

    Raises:
        InputError: a file cannot be used.
    """
    if not spec.dev_files:
        return None
    rows = [row for file in spec.dev_files for row in _rows(Path(file))]
    if not rows:
        raise InputError(
            "The files to choose the best step by hold no questions; leave them out or fill them."
        )
    texts = Texts.of((row["question"] for row in rows), (row["context"] for row in rows))
    windows = make_windows(
        reader.tokenizer,
        texts,
        max_length=spec.max_length,
        doc_stride=spec.doc_stride,
        on_progress=on_progress,
        cache=Path(spec.feature_cache) if spec.feature_cache else None,
    )
    return Development(windows, [_spans(row["answers"]) for row in rows], spec.max_batch_tokens)


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = pq.read_table(path, columns=list(COLUMNS)).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"The questions in {path} cannot be read ({first_line(error)}); write them anew."
        ) from error
    for row in rows:
        if not (row["answers"] and row["answers"]["text"] and row["question"] and row["context"] is not None):
            raise InputError(f"{path} has a question without an answer or a context; leave it out.")
    return rows


def _spans(answers: dict[str, Any]) -> list[Span]:
    pairs = zip(answers["answer_start"], answers["text"], strict=True)
    return [(start, start + len(text)) for start, text in pairs]
