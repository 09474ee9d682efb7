"""The training loop: updates, points of the curves, evaluations, checkpoints, and the choice of the best step."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from accelerate import PartialState

from model.batches import Features, Plan, collate, micro_batches
from model.checkpoints import Checkpoints
from model.development import Development
from model.distribution import gathered
from model.errors import DivergedError
from model.meter import Curve, Figures, Meter, Work
from model.network import Reader
from model.progress import OnProgress
from model.schedules.schedule import Schedule
from model.spec import TrainSpec
from model.texts import Ints

log = logging.getLogger(__name__)

CHECKPOINT_S = 300.0
"""Seconds between two checkpoints, at least, where the spec sets no interval in steps."""

Log = Callable[[int, dict[str, float]], None]
"""Is given figures by name, for a step."""


@dataclass(slots=True)
class Engine:
    """One training in this process. All processes of a training do the same at the same time."""

    spec: TrainSpec
    reader: Reader
    features: Features
    schedule: Schedule
    plan: Plan
    meter: Meter
    checkpoints: Checkpoints
    processes: PartialState
    device: torch.device
    flops: Callable[[Ints], float]
    development: Development | None = None
    on_progress: OnProgress = lambda _: None
    log: Log = lambda *_: None
    scores: Curve = field(default_factory=list)
    """(step, score in percent) of each evaluation."""
    resumed_at: int = 0
    """The step after which this process took over; 0 where it began."""
    _saved_s: float = 0.0

    def fit(self) -> None:
        """Trains to the end, from the last checkpoint if there is one, and leaves the best step's weights.

        Raises:
            DivergedError: a loss is no number. The last checkpoint was written while all of them were.
        """
        self._resume()
        self._saved_s = time.monotonic()
        self.meter.start()
        try:
            for items in self.plan.updates(self.meter.done):
                point = self.update(items)
                evaluated = self._evaluate()
                if self.meter.done < self.plan.steps and (evaluated or self._is_checkpoint(point)):
                    self._save()
        except DivergedError as error:
            raise DivergedError(f"{error}{self._kept()}") from None
        if self.best_step not in (None, self.plan.steps):
            log.info("the best step was %d of %d", self.best_step, self.plan.steps)
            for name, module in self.schedule.trainables().items():
                self.checkpoints.load_module(self.best_step or 0, name, module)

    @property
    def best_step(self) -> int | None:
        """The first of the steps with the highest score; None without an evaluation."""
        return max(self.scores, key=lambda point: (point[1], -point[0]))[0] if self.scores else None

    def update(self, items: Ints) -> bool:
        """Learns from the items; whether this was a point of the curves."""
        group = self.features.group
        parts = micro_batches(
            items,
            self.plan.lengths,
            max_tokens=self.spec.max_batch_tokens,
            group=group,
            process=self.processes.process_index,
            processes=self.processes.num_processes,
        )
        losses = self.schedule.step([collate(self.features, part, self.device) for part in parts])
        whole = self.features.windows.take(self.features.members(items)).lengths
        work = Work(windows=len(whole), tokens=int(whole.sum()), flops=self.flops(whole))
        return self.meter.add(losses, work, group * sum(map(len, parts)))

    def _evaluate(self) -> bool:
        """Scores the reader where that is due; whether it was."""
        done, interval = self.meter.done, self.spec.eval_interval or self.plan.steps_per_epoch
        if self.development is None or (done % interval and done < self.plan.steps):
            return False
        self.meter.stop()
        score = self.development.score(
            self.reader,
            self.device,
            self.on_progress,
            process=self.processes.process_index,
            processes=self.processes.num_processes,
        )
        self.scores.append((done, score))
        self.log(done, {"dev_span_f1": score})
        log.info("step %d of %d: dev span F1 %.2f", done, self.plan.steps, score)
        self.meter.start()
        return True

    def _is_checkpoint(self, point: bool) -> bool:
        if interval := self.spec.checkpoint_interval:
            return self.meter.done % interval == 0
        # Clocks differ: the first process's counts for all.
        return point and bool(gathered(time.monotonic() - self._saved_s >= CHECKPOINT_S)[0])

    def _save(self) -> None:
        self.meter.stop()
        state = {
            "figures": self.meter.figures.to_json(),
            "scores": self.scores,
            "best_step": self.best_step,
        }
        self.checkpoints.save(self.meter.done, self.schedule, self.device, state)
        self._saved_s = time.monotonic()
        self.meter.start()

    def _resume(self) -> None:
        state: dict[str, Any] | None = self.checkpoints.restore(self.schedule, self.device)
        if state is None:
            return
        self.resumed_at = int(state["step"])
        self.meter.resume(self.resumed_at, Figures.from_json(state["figures"]))
        self.scores = [(step, score) for step, score in state["scores"]]
        log.info("going on from the checkpoint of step %d of %d", self.resumed_at, self.plan.steps)

    def _kept(self) -> str:
        steps = self.checkpoints.steps()
        return (
            f" The checkpoint of step {steps[0]}, which is sound, is in {self.checkpoints.folder}."
            if steps
            else ""
        )
