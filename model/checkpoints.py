"""Checkpoints: all that a training needs to go on as if it had never been interrupted.

A checkpoint is a folder `step-<n>` of safetensors and JSON, never of pickles. It is written aside, brought to the
disk, and appears by one rename; of the older ones the last few and the best are kept. What is not in it follows
from the spec: the data, and the order in which items are learnt from (`model.batches.Plan`).
"""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, load_model, save_file, save_model

from model.errors import CheckpointError
from model.schedules.schedule import Learning

KEPT = 2
"""So many of the last checkpoints are kept: should the disk have damaged one, there is another."""

STATE = "state.json"
_ASIDE = ".aside-"


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints of one training, in a folder that all of its processes see."""

    folder: Path
    identity: Mapping[str, Any]
    """`TrainSpec.identity()`: what is resumed must be what was begun."""
    processes: PartialState

    def steps(self) -> list[int]:
        """The steps that have a checkpoint, the last one first."""
        found = (path.name.removeprefix("step-") for path in self.folder.glob("step-*"))
        return sorted((int(name) for name in found if name.isdigit()), reverse=True)

    def save(self, step: int, schedule: Learning, device: torch.device, state: Mapping[str, Any]) -> None:
        """Writes the checkpoint of a step; `state` are JSON values that come back from `restore`.

        Called by all processes.
        """
        aside, main = self.folder / f"{_ASIDE}{step}", self.processes.is_main_process
        if main:
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
        self.processes.wait_for_everyone()
        save_file(_random_state(device), aside / f"random-{self.processes.process_index}.safetensors")
        self.processes.wait_for_everyone()
        if main:
            _write(aside, schedule, {**state, "identity": self.identity, "step": step})
            _appear(aside, self._path(step))
            self._prune(keep=state.get("best_step"))
        self.processes.wait_for_everyone()

    def restore(self, schedule: Learning, device: torch.device) -> dict[str, Any] | None:
        """Puts the last sound checkpoint into the schedule's modules, and torch's generators; its state, or None.

        Raises:
            CheckpointError: the folder's checkpoints are those of another training.
        """
        for step in self.steps():
            state = _sound(self._path(step))
            if state is None:
                continue
            if state["identity"] != self.identity:
                raise CheckpointError(
                    f"The checkpoints in {self.folder} are those of another training; name another folder."
                )
            _read(self._path(step), schedule, state["optimizers"])
            self._restore_random(step, device)
            return state
        return None

    def load_module(self, step: int, name: str, module: torch.nn.Module) -> None:
        """One module's weights as they were at a step."""
        load_model(module, self._path(step) / f"module-{name}.safetensors")

    def remove(self) -> None:
        """All of them: the training is over."""
        if self.processes.is_main_process:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.processes.wait_for_everyone()

    def _path(self, step: int) -> Path:
        return self.folder / f"step-{step:08}"

    def _prune(self, keep: int | None) -> None:
        for step in self.steps()[KEPT:]:
            if step != keep:
                shutil.rmtree(self._path(step), ignore_errors=True)

    def _restore_random(self, step: int, device: torch.device) -> None:
        path = self._path(step) / f"random-{self.processes.process_index}.safetensors"
        # There is none when more processes go on than began: theirs stay as they were seeded.
        if path.is_file():
            states = load_file(path)
            torch.set_rng_state(states["cpu"])
            if device.type == "cuda" and "cuda" in states:
                torch.cuda.set_rng_state(states["cuda"], device)


def _sound(folder: Path) -> dict[str, Any] | None:
    """The state of a checkpoint none of whose files is lost or cut off, else None."""
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        for name in state["files"]:
            # Opening reads the header, which says how long the file must be.
            with safe_open(folder / name, framework="pt"):
                pass
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return None
    return dict(state)


def _write(folder: Path, schedule: Learning, state: Mapping[str, Any]) -> None:
    for name, module in schedule.trainables().items():
        save_model(module, str(folder / f"module-{name}.safetensors"))
    plain = {}
    for name, optimizer in schedule.optimizers().items():
        tensors, plain[name] = _divide(optimizer.state_dict())
        save_file(tensors, folder / f"optimizer-{name}.safetensors")
    schedulers = {name: scheduler.state_dict() for name, scheduler in schedule.schedulers().items()}
    files = sorted(path.name for path in folder.glob("*.safetensors"))
    whole = {**state, "files": files, "optimizers": {"plain": plain, "schedulers": schedulers}}
    text = json.dumps(whole, indent=1)
    (folder / STATE).write_text(text + "\n", encoding="utf-8")


def _read(folder: Path, schedule: Learning, plain: Mapping[str, Any]) -> None:
    # Read on the CPU: module and optimizer bring each tensor to its parameter's device.
    for name, module in schedule.trainables().items():
        load_model(module, folder / f"module-{name}.safetensors")
    for name, optimizer in schedule.optimizers().items():
        tensors = load_file(folder / f"optimizer-{name}.safetensors")
        optimizer.load_state_dict(_join(tensors, plain["plain"][name]))
    for name, scheduler in schedule.schedulers().items():
        scheduler.load_state_dict(plain["schedulers"][name])


def _divide(state: Mapping[str, Any]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """An optimizer's state as named tensors and as JSON values."""
    tensors: dict[str, torch.Tensor] = {}
    values: dict[str, dict[str, Any]] = {}
    for number, entries in state["state"].items():
        for key, value in entries.items():
            if isinstance(value, torch.Tensor):
                tensors[f"{number}.{key}"] = value.contiguous()
            else:
                values.setdefault(str(number), {})[key] = value
    return tensors, {"param_groups": state["param_groups"], "values": values}


def _join(tensors: Mapping[str, torch.Tensor], plain: Mapping[str, Any]) -> dict[str, Any]:
    """What `_divide` divided."""
    state: dict[int, dict[str, Any]] = {int(n): dict(entries) for n, entries in plain["values"].items()}
    for name, tensor in tensors.items():
        number, _, key = name.partition(".")
        state.setdefault(int(number), {})[key] = tensor
    return {"state": state, "param_groups": plain["param_groups"]}


def _random_state(device: torch.device) -> dict[str, torch.Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def _appear(aside: Path, path: Path) -> None:
    """Brings every byte to the disk, then gives the folder its name."""
    _sync([*aside.iterdir(), aside])
    shutil.rmtree(path, ignore_errors=True)
    aside.rename(path)
    _sync([path.parent])


def _sync(paths: Iterable[Path]) -> None:
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
