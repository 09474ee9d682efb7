"""Vectors of questions, to see how much of their language is in them: the paper's abstract claims it is little.

A question is encoded with an empty context, so that its vector tells of the question alone: beside one context, a
question and its translation would be alike for the context's sake.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer

from model.batches import micro_batches, on_device, to_tensors
from model.errors import ReaderUnusableError, first_line
from model.features import Windows, make_windows
from model.fingerprints import FINGERPRINT, fingerprint
from model.network import Reader, new_reader, open_reader
from model.pooling import question_vectors, vector_width
from model.progress import OnProgress, Stage, counting, ignore
from model.record import RECORD_NAME
from model.runtime import open_device
from model.spec import Preset, QuestionVector, TrainSpec, VectorSpec
from model.texts import Texts
from storage.errors import InputError, UsageError

Floats = npt.NDArray[np.float32]

QUESTION_COLUMNS = ("key", "question")
VECTOR_SCHEMA = pa.schema([("key", pa.string()), ("vector", pa.list_(pa.float32()))])


class Asked(NamedTuple):
    """N questions and the caller's own keys for them."""

    keys: list[str]
    questions: list[str]


def vectors_file(spec: VectorSpec, on_progress: OnProgress = ignore) -> dict[str, Any]:
    """The job, Parquet to Parquet; returns the figures of its `done` event.

    Raises:
        JobError: the folder holds no usable reader, or the encoder that it began with is not to be had.
        InputError: the questions cannot be read.
    """
    began = time.perf_counter()
    asked = _read(Path(spec.questions))
    folder = Path(spec.model)
    reader = untrained(folder, spec.encoder_path) if spec.untrained else open_reader(folder)
    rows = vectors_of(
        replace(reader, precision=spec.precision),
        asked.questions,
        kind=spec.question_vector,
        max_length=spec.max_length,
        max_batch_tokens=spec.max_batch_tokens,
        device=spec.device,
        on_progress=on_progress,
    )
    _write(Path(spec.output), asked.keys, rows)
    return {"vectors": len(rows), "width": rows.shape[1], "seconds": round(time.perf_counter() - began, 3)}


def vectors_of(
    reader: Reader,
    questions: Sequence[str],
    *,
    kind: QuestionVector,
    max_length: int,
    max_batch_tokens: int,
    device: str = "auto",
    on_progress: OnProgress = ignore,
) -> Floats:
    """The questions' vectors, (N, H) float32, or (N, 2H) for `cls-sep`; rows in the order of the questions."""
    place = open_device(device)
    reader.network.to(place).eval()
    texts = Texts.of(questions, [""] * len(questions))
    # Nothing is shared between neighbouring windows where each question has one.
    windows = make_windows(
        reader.tokenizer, texts, max_length=max_length, doc_stride=0, on_progress=on_progress
    )
    rows = np.zeros((len(questions), vector_width(reader.hidden_size, kind)), dtype=np.float32)
    more = counting(Stage.PREDICT, len(windows), on_progress)
    for chosen in micro_batches(np.arange(len(windows)), windows.lengths, max_tokens=max_batch_tokens):
        batch = windows.take(chosen)
        rows[batch.row] = _encoded(reader, batch, kind, place)
        more(len(chosen))
    return rows


def untrained(folder: Path, encoder_path: str = "") -> Reader:
    """A reader as it was before its training: its encoder from the Hub or `encoder_path`, or tiny weights drawn again.

    Raises:
        EncoderUnavailableError: the encoder is not to be had from the Hub.
        ReaderUnusableError: the folder does not say how the reader was trained, or the encoder cannot be used.
    """
    spec = _spec_of(folder)
    torch.manual_seed(spec.seed)
    if spec.preset is not Preset.TINY:
        return new_reader(_placed(spec, encoder_path), ())
    # Its vocabulary came from the training texts and is kept with it; its weights follow from the seed.
    network = AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(folder))
    return Reader(network, AutoTokenizer.from_pretrained(folder))


def _placed(spec: TrainSpec, encoder_path: str) -> TrainSpec:
    """The spec with the place of its encoder, where it knows that by its content alone."""
    if not spec.encoder.startswith(FINGERPRINT):
        return spec
    if not encoder_path or fingerprint(Path(encoder_path)) != spec.encoder:
        raise ReaderUnusableError(
            f"The reader began with an encoder that is not at hand ({spec.encoder}); give its folder."
        )
    return replace(spec, encoder_path=encoder_path)


def _spec_of(folder: Path) -> TrainSpec:
    """How the reader says that it was trained; where its data and its own place were is not kept."""
    try:
        told = dict(json.loads((folder / RECORD_NAME).read_bytes())["spec"])
        told.pop("logic")
        return TrainSpec.from_json({**told, "files": ["-"], "output": "-"})
    except (OSError, ValueError, KeyError, TypeError, UsageError) as error:
        raise ReaderUnusableError(
            f"The reader in {folder} does not say what it was before its training ({first_line(error)});"
            " only readers that this program trained do."
        ) from error


def _encoded(reader: Reader, batch: Windows, kind: QuestionVector, device: torch.device) -> Floats:
    with torch.inference_mode():
        hidden = reader.encode(to_tensors(batch, device)).hidden
        spans = on_device(batch.question_spans, device)
        vectors: Floats = question_vectors(hidden, spans, kind, batch.layout.cls).cpu().numpy()
    return vectors


def _read(path: Path) -> Asked:
    try:
        table = pq.read_table(path, columns=list(QUESTION_COLUMNS))
        keys, questions = (table[name].cast(pa.string()) for name in QUESTION_COLUMNS)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"The questions in {path} cannot be read ({first_line(error)}); write them anew."
        ) from error
    if keys.null_count or questions.null_count:
        raise InputError(f"The questions in {path} have empty cells; fill key and question in every row.")
    return Asked(keys.to_pylist(), questions.to_pylist())


def _write(path: Path, keys: Sequence[str], rows: Floats) -> None:
    """One row per question; the file appears whole or not at all."""
    table = pa.table(
        {"key": pa.array(keys, pa.string()), "vector": pa.array(list(rows), pa.list_(pa.float32()))}
    )
    aside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.cast(VECTOR_SCHEMA), aside)
        aside.replace(path)
    except OSError as error:
        raise InputError(
            f"The vectors cannot be written to {path} ({error.strerror}); choose another."
        ) from error
