"""Training a reader: rows to windows, windows to items, items to updates, and the folder that comes out."""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from accelerate import PartialState
from accelerate.tracking import TensorBoardTracker

from model.batches import Features, Plan
from model.checkpoints import Checkpoints
from model.development import Development, read_development
from model.distribution import averaging, in_turn, open_processes
from model.engine import Engine, Log
from model.features import make_windows
from model.flops import peak_flops, step_flops
from model.meter import Meter, peak_memory_bytes
from model.network import Reader, new_reader
from model.pairs import pair_windows
from model.probing import Discriminator
from model.progress import OnProgress, ignore
from model.record import TrainingRecord, write_card, write_record
from model.rows import Dropped, TrainingRows, read_rows
from model.schedules.making import make_schedule
from model.spec import TrainSpec
from model.systems import system
from storage.errors import InputError, UsageError

log = logging.getLogger(__name__)


def train(spec: TrainSpec, on_progress: OnProgress = ignore) -> TrainingRecord:
    """Trains what the spec says into its output folder, which is filled by one rename.

    The same spec on the same CPU with the same number of threads and processes gives the same weights, also where
    a training that was killed is begun again: it goes on from its last checkpoint. Seeds torch's global generator.

    Raises:
        UsageError: the output folder is not empty, a language or the device does not exist, the lengths do
            not fit.
        InputError: a file cannot be used, or the files hold nothing to learn from.
        JobError: the encoder cannot be had, the loss diverged, or the checkpoints are another training's.
    """
    began = time.perf_counter()
    output = empty_folder(Path(spec.output))
    processes, device = open_processes(spec.device)
    tell = on_progress if processes.is_main_process else ignore
    torch.manual_seed(spec.seed)
    rows = read_rows([Path(file) for file in spec.files], system(spec.system), spec.languages)
    reader = replace(
        new_reader(spec, [*rows.texts.questions, *rows.texts.contexts]), precision=spec.precision
    )
    # What the first process tokenises, the others find in the cache.
    features, development = in_turn(
        processes, lambda: (make_features(reader, rows, spec, tell), read_development(spec, reader, tell))
    )
    log.info("%d rows, %d windows, dropped %s", len(rows), len(features.windows), dict(rows.dropped))
    with _tensorboard(spec) as curves:
        engine = make_engine(spec, rows, reader, features, development, processes, device, tell, curves)
        engine.fit()
    record = _record(engine, rows, time.perf_counter() - began)
    if processes.is_main_process:
        _write(output, reader, spec, record, _discriminator(engine, rows))
    engine.checkpoints.remove()
    return record


def make_features(reader: Reader, rows: TrainingRows, spec: TrainSpec, on_progress: OnProgress) -> Features:
    """The rows' labelled windows; rows whose answer has no token go to the count `rows.dropped`."""
    lengths = {"max_length": spec.max_length, "doc_stride": spec.doc_stride}
    cache = Path(spec.feature_cache) if spec.feature_cache else None
    windows = make_windows(reader.tokenizer, rows.texts, **lengths, on_progress=on_progress, cache=cache)
    visible = windows.visible(rows.spans)
    if not visible.any():
        raise InputError("No answer of the training rows has a token of the encoder; choose another encoder.")
    if not visible.all():
        rows.dropped[Dropped.NO_TOKENS] += int((~visible).sum())
        windows = windows.take(visible[windows.row])
    paired = system(spec.system).objective.paired
    if paired:
        windows = pair_windows(windows, rows, **lengths)
    positions = windows.answer_positions(rows.spans)
    return Features(windows, positions, rows.languages_of[windows.row], group=2 if paired else 1)


def make_engine(
    spec: TrainSpec,
    rows: TrainingRows,
    reader: Reader,
    features: Features,
    development: Development | None,
    processes: PartialState,
    device: torch.device,
    on_progress: OnProgress,
    curves: Log,
) -> Engine:
    """The training at its beginning: network on the device, discriminator and optimizers made."""
    count = processes.num_processes
    reader.network.to(device).train()
    if spec.compile:
        reader.network.compile(dynamic=True)
    plan = Plan(features.lengths, spec.batch_size, spec.seed, spec.epochs, count, spec.steps)
    schedule = make_schedule(
        spec, reader, languages=len(rows.question_languages), steps=plan.steps, average=averaging(processes)
    )
    # The processes began alike; what they drop out must differ.
    torch.manual_seed(spec.seed + processes.process_index)
    peak = count * peak_flops(device, spec.precision)
    folder = Path(spec.checkpoints or f"{spec.output.rstrip('/')}.checkpoints")
    return Engine(
        spec=spec,
        reader=reader,
        features=features,
        schedule=schedule,
        plan=plan,
        meter=Meter(plan.steps, spec.log_interval, on_progress, peak_flops=peak, on_point=curves),
        checkpoints=Checkpoints(folder, spec.identity(), processes),
        processes=processes,
        device=device,
        flops=step_flops(reader.network),
        development=development,
        on_progress=on_progress,
        log=curves,
    )


@contextmanager
def _tensorboard(spec: TrainSpec) -> Iterator[Log]:
    """Writes figures as TensorBoard's scalars, where the spec names a folder for them; the first process does."""
    if not spec.tensorboard:
        yield lambda *_: None
        return
    tracker = TensorBoardTracker("", spec.tensorboard)
    tracker.start()
    try:
        yield lambda step, figures: tracker.log(figures, step=step)
    finally:
        tracker.finish()


def _record(engine: Engine, rows: TrainingRows, seconds: float) -> TrainingRecord:
    features, meter = engine.features, engine.meter
    windows, curves = features.windows, meter.figures.curves
    return TrainingRecord(
        spec=engine.spec.identity(),
        languages=rows.languages,
        rows=len(np.unique(windows.row)),
        parts=rows.parts,
        dropped=dict(sorted(rows.dropped.items())),
        features=len(windows),
        features_without_answer=int((features.positions[:, 0] == windows.layout.cls).sum()),
        cut_questions=windows.cut_questions,
        steps=meter.steps,
        curve=tuple(curves["loss"]),
        losses={name: tuple(curve) for name, curve in curves.items() if name != "loss"},
        scores=tuple(engine.scores),
        best_step=engine.best_step,
        seconds=seconds,
        samples_per_s=meter.samples_per_s,
        tokens_per_s=meter.tokens_per_s,
        mfu=meter.mfu,
        peak_memory_bytes=peak_memory_bytes(engine.device),
        device=str(engine.device),
        processes=engine.processes.num_processes,
        resumed_at=engine.resumed_at,
    )


def _discriminator(engine: Engine, rows: TrainingRows) -> Discriminator | None:
    """AT's, so that what the reader gives away of a question's language can be asked again."""
    found = engine.schedule.trainables().get("discriminator")
    return Discriminator(found, rows.question_languages, engine.spec.question_vector) if found else None


def _write(
    output: Path, reader: Reader, spec: TrainSpec, record: TrainingRecord, discriminator: Discriminator | None
) -> None:
    """Fills the output folder by one rename: a reader is there whole or not at all."""
    aside = output.with_name(f".aside-{output.name}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    reader.save(aside)
    if discriminator:
        discriminator.save(aside)
    write_card(aside, spec, record)
    write_record(aside, record)
    output.rmdir()
    aside.rename(output)


def empty_folder(folder: Path) -> Path:
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
