"""What a training tells of itself: its curves, its speed, and whether its numbers are still numbers."""

import math
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from model.distribution import total
from model.errors import DivergedError
from model.progress import OnProgress, Progress, Stage

CURVE_POINTS = 100
"""About as many points has a curve where the spec sets no interval."""

Curve = list[tuple[int, float]]
"""(step, mean since the point before)."""


@dataclass(slots=True)
class Work:
    """What has been done, from the first step on; whole after a resumption."""

    windows: int = 0
    tokens: int = 0
    """Real ones: padding counts as nothing."""
    flops: float = 0.0
    """`model.flops.step_flops`."""
    seconds: float = 0.0
    """In the training loop; evaluations and checkpoints are left out."""


@dataclass(slots=True)
class Figures:
    """All that a training knows of itself at a step; JSON."""

    curves: dict[str, Curve] = field(default_factory=dict)
    """By the name of the loss; `loss` is what the reader minimises."""
    work: Work = field(default_factory=Work)
    pending: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    """Windows and losses of the steps since the last point."""

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Figures":
        """What `to_json` wrote."""
        curves = {name: [(step, value) for step, value in curve] for name, curve in data["curves"].items()}
        return cls(curves, Work(**data["work"]), [(windows, losses) for windows, losses in data["pending"]])


class Meter:
    """Keeps the curves and reports progress, looking at the device only at the points of the curves.

    All processes of a training call it alike: the means are over all of their windows.
    """

    def __init__(
        self,
        steps: int,
        interval: int,
        on_progress: OnProgress,
        *,
        peak_flops: float = math.inf,
        on_point: Callable[[int, dict[str, float]], None] = lambda *_: None,
    ) -> None:
        self.steps = steps
        self.figures = Figures()
        self.done = 0
        self._interval = interval or max(1, steps // CURVE_POINTS)
        self._on_progress, self._on_point = on_progress, on_point
        self._peak_flops = peak_flops
        self._fresh: list[tuple[int, dict[str, torch.Tensor]]] = []
        self._began = time.perf_counter()

    def resume(self, done: int, figures: Figures) -> None:
        """Goes on from a checkpoint."""
        self.done, self.figures = done, figures
        self.start()

    def start(self) -> None:
        """The clock runs again, after something that is no training."""
        self._began = time.perf_counter()

    def stop(self) -> None:
        """Looks at all losses so far, and the clock stands: an evaluation or a checkpoint comes.

        Raises:
            DivergedError: one of the losses is no number.
        """
        self._look()

    def add(self, losses: Mapping[str, torch.Tensor], work: Work, windows: int) -> bool:
        """Takes in one step; whether it was a point of the curves.

        Args:
            losses: means over this process's windows, on the device.
            work: what all processes did; its seconds are not looked at.
            windows: this process's.

        Raises:
            DivergedError: a loss is no number.
        """
        self.done += 1
        did = self.figures.work
        did.windows += work.windows
        did.tokens += work.tokens
        did.flops += work.flops
        self._fresh.append((windows, dict(losses)))
        point = self.done % self._interval == 0 or self.done == self.steps
        if point:
            self._point()
        return point

    @property
    def samples_per_s(self) -> float:
        """Windows per second."""
        return self.figures.work.windows / max(self.figures.work.seconds, 1e-9)

    @property
    def tokens_per_s(self) -> float:
        """Real tokens per second."""
        return self.figures.work.tokens / max(self.figures.work.seconds, 1e-9)

    @property
    def mfu(self) -> float:
        """The share of the devices' arithmetic that was used, as `model.flops` counts it."""
        return self.figures.work.flops / max(self.figures.work.seconds, 1e-9) / self._peak_flops

    def _look(self) -> None:
        if self._fresh:
            self.figures.pending += _means(self._fresh)
            self._fresh = []
            self._check()
        now = time.perf_counter()
        self.figures.work.seconds += now - self._began
        self._began = now

    def _check(self) -> None:
        first = self.done - len(self.figures.pending) + 1
        for step, (_, losses) in enumerate(self.figures.pending, first):
            for name, value in losses.items():
                if not math.isfinite(value):
                    what = name.replace("_", " ")
                    raise DivergedError(
                        f"The {what} was {value} at step {step}; lower the learning rate or change the seed."
                    )

    def _point(self) -> None:
        self._look()
        pending, self.figures.pending = self.figures.pending, []
        windows = sum(count for count, _ in pending)
        names = {name for _, losses in pending for name in losses}
        means = {
            name: sum(count * losses[name] for count, losses in pending) / windows for name in sorted(names)
        }
        for name, value in means.items():
            self.figures.curves.setdefault(name, []).append((self.done, value))
        self._on_point(self.done, {**means, "samples_per_s": self.samples_per_s, "mfu": self.mfu})
        self._on_progress(
            Progress(
                Stage.TRAIN,
                self.done,
                self.steps,
                loss=means["loss"],
                samples_per_s=round(self.samples_per_s, 3),
                tokens_per_s=round(self.tokens_per_s, 1),
                mfu=round(self.mfu, 4),
            )
        )


def _means(fresh: list[tuple[int, dict[str, torch.Tensor]]]) -> list[tuple[int, dict[str, float]]]:
    """Each step's windows and mean losses over all processes."""
    names = sorted(fresh[0][1])
    device = fresh[0][1][names[0]].device
    counts = torch.tensor([count for count, _ in fresh], dtype=torch.float32, device=device)
    table = torch.stack([torch.stack([losses[name].float() for name in names]) for _, losses in fresh])
    sums = total(torch.cat([counts[:, None], counts[:, None] * table], dim=1)).tolist()
    return [(int(row[0]), dict(zip(names, (x / row[0] for x in row[1:]), strict=True))) for row in sums]


def peak_memory_bytes(device: torch.device) -> int:
    """The most memory that was in use at once: of the GPU's, or of this process on the CPU."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
