"""Training a reader: rows to windows, windows to batches, batches to steps, and the folder that comes out."""

import logging
import math
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from model.batches import collate, epoch_batches
from model.errors import DivergedError
from model.features import Windows, make_windows
from model.network import Reader, new_reader
from model.progress import OnProgress, Progress, Stage, ignore
from model.record import TrainingRecord, write_card, write_record
from model.rows import Dropped, TrainingRows, read_rows
from model.runtime import open_device
from model.spec import TrainSpec
from model.steps import STEPS, make_update
from model.systems import system
from model.texts import Ints
from storage.errors import InputError, UsageError

log = logging.getLogger(__name__)

CURVE_POINTS = 100
"""About as many points has a loss curve where the spec sets no interval."""


@dataclass(frozen=True, slots=True)
class Features:
    """W labelled windows: `positions` (W, 2) are the answer's first and last token, or [CLS] twice."""

    windows: Windows
    positions: Ints


def train(spec: TrainSpec, on_progress: OnProgress = ignore) -> TrainingRecord:
    """Trains what the spec says into its output folder, training.json last.

    The same spec on the same CPU with the same number of threads gives the same weights.
    Seeds torch's global generator.

    Raises:
        UsageError: the output folder is not empty, a language or the device does not exist, the lengths do
            not fit.
        InputError: a file cannot be used, or the files hold nothing to learn from.
        JobError: the encoder cannot be had, or the loss diverged.
    """
    began = time.perf_counter()
    folder = _empty_folder(Path(spec.output))
    device = open_device(spec.device)
    torch.manual_seed(spec.seed)
    rows = read_rows([Path(file) for file in spec.files], system(spec.system), spec.languages)
    reader = replace(
        new_reader(spec, [*rows.texts.questions, *rows.texts.contexts]), precision=spec.precision
    )
    features = make_features(reader, rows, spec, on_progress)
    log.info("%d rows, %d windows, dropped %s", len(rows), len(features.windows), dict(rows.dropped))
    meter = fit(reader, features, spec, device, on_progress)
    record = _record(spec, rows, features, meter, device, time.perf_counter() - began)
    reader.save(folder)
    write_card(folder, spec, record)
    write_record(folder, record)
    return record


def make_features(reader: Reader, rows: TrainingRows, spec: TrainSpec, on_progress: OnProgress) -> Features:
    """The rows' labelled windows; rows whose answer has no token go to the count `rows.dropped`."""
    lengths = {"max_length": spec.max_length, "doc_stride": spec.doc_stride}
    windows = make_windows(reader.tokenizer, rows.texts, **lengths, on_progress=on_progress)
    visible = windows.visible(rows.spans)
    if not visible.any():
        raise InputError("No answer of the training rows has a token of the encoder; choose another encoder.")
    if not visible.all():
        rows.dropped[Dropped.NO_TOKENS] += int((~visible).sum())
        windows = windows.take(visible[windows.row])
    return Features(windows, windows.answer_positions(rows.spans))


def fit(
    reader: Reader, features: Features, spec: TrainSpec, device: torch.device, on_progress: OnProgress
) -> "Meter":
    """All epochs of the system's objective; raises `DivergedError` when the loss is no number."""
    windows = features.windows
    plan = [
        batch
        for epoch in range(spec.epochs)
        for batch in epoch_batches(windows.lengths, spec.batch_size, spec.seed, epoch)
    ]
    network = reader.network.to(device).train()
    update = make_update(
        network.parameters(),
        learning_rate=spec.learning_rate,
        weight_decay=spec.weight_decay,
        steps=len(plan),
        warmup_ratio=spec.warmup_ratio,
    )
    step = STEPS[system(spec.system).objective](reader, update)
    meter = Meter(len(plan), spec.log_interval, on_progress)
    for chosen in plan:
        meter.add(step(collate(windows, features.positions, chosen, device)), len(chosen))
    return meter


class Meter:
    """Keeps the loss curve and reports progress, looking at the device only at the points of the curve."""

    def __init__(self, steps: int, interval: int, on_progress: OnProgress) -> None:
        self.steps = steps
        self.curve: list[tuple[int, float]] = []
        self.samples_per_s = 0.0
        self._interval = interval or max(1, steps // CURVE_POINTS)
        self._on_progress = on_progress
        self._pending: list[torch.Tensor] = []
        self._done = self._samples = 0
        self._began = time.perf_counter()

    def add(self, loss: torch.Tensor, samples: int) -> None:
        """Takes in one step's loss over so many windows; raises `DivergedError` where it is no number."""
        self._done += 1
        self._samples += samples
        self._pending.append(loss)
        if self._done % self._interval == 0 or self._done == self.steps:
            self._point()

    def _point(self) -> None:
        loss = float(torch.stack(self._pending).mean())
        self._pending.clear()
        if not math.isfinite(loss):
            raise DivergedError(f"The loss was {loss} at step {self._done}; lower the learning rate.")
        self.samples_per_s = self._samples / (time.perf_counter() - self._began)
        self.curve.append((self._done, loss))
        self._on_progress(Progress(Stage.TRAIN, self._done, self.steps, loss, round(self.samples_per_s, 3)))


def _record(
    spec: TrainSpec,
    rows: TrainingRows,
    features: Features,
    meter: Meter,
    device: torch.device,
    seconds: float,
) -> TrainingRecord:
    windows = features.windows
    return TrainingRecord(
        spec=spec.identity(),
        languages=rows.languages,
        rows=len(np.unique(windows.row)),
        parts=rows.parts,
        dropped=dict(sorted(rows.dropped.items())),
        features=len(windows),
        features_without_answer=int((features.positions[:, 0] == windows.layout.cls).sum()),
        cut_questions=windows.cut_questions,
        steps=meter.steps,
        curve=tuple(meter.curve),
        seconds=seconds,
        samples_per_s=meter.samples_per_s,
        device=str(device),
    )


def _empty_folder(folder: Path) -> Path:
    """Makes the folder; it must not hold anything, so that a reader is never a mixture of two."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        filled = any(folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"The output folder {folder} cannot be made ({error.strerror}); choose another."
        ) from error
    if filled:
        raise UsageError(f"The output folder {folder} is not empty; name a new one.")
    return folder
