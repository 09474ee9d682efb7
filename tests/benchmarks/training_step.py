"""Training steps of an mBERT-base with random weights on XQuAD: ours, Hugging Face's Trainer, AT and LAF.

    python -m tests.benchmarks.training_step --peer FOLDER [--rounds 3] [--features 16] [--batch 8] [--threads 1]
    python -m tests.benchmarks.training_step --peer FOLDER --only peer [--dtype fp32] [--compile]
    python -m tests.benchmarks.training_step --device cuda [--features 4096] [--batch 32]

All train the same network on the same windows in steps of `--batch` windows: forward, backward, clipping, fused
AdamW. The Trainer runs with run_qa.py's defaults (padded to 384, float32) and with its best flags (bfloat16, windows
grouped by length, padded to the longest of a batch); the script's own trainer adds nothing to a step. AT and LAF are
measured beside a plain step on the same windows: XQuAD's questions in five languages on English contexts, which is
T(Q) by hand. `--dtype fp32` is for machines without bfloat16: ours and the best flags without it; `--compile` adds ours
with torch's compiler. Of each step the round counts in which it was disturbed least. Seconds are the processor's on the
CPU (the clock's are in the JSON), the clock's on a GPU. On a GPU also: MFU, an epoch of T(ALL), and peak memory.
"""

import argparse
import copy
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import datasets
import numpy as np
import torch
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
)  # fmt: skip

from model.batches import Features, Plan
from model.distribution import open_processes
from model.engine import Engine
from model.flops import peak_flops, step_flops
from model.meter import peak_memory_bytes
from model.network import Reader
from model.progress import ignore
from model.rows import TrainingRows
from model.spec import Precision, TrainSpec
from model.training import make_engine, make_features
from tests.benchmarks.peers import (
    DOC_STRIDE,
    MAX_LENGTH,
    mbert_tokenizer,
    parser,
    peer_function,
    show,
    training_rows,
    xquad,
)  # fmt: skip

LANGUAGES = ("en", "es", "de", "ar", "hi", "zh")

T_ALL_FEATURES = 1_233_776 * 1.04
"""Windows of an epoch of T(ALL): the paper's rows (Table 1), and XQuAD's windows for each of them."""

OURS, COMPILED = "ours", "ours, compiled"

DTYPES = {"bf16": Precision.BFLOAT16, "fp32": Precision.FLOAT32}

SYSTEMS = {
    "plain, T(Q)": ("tq", "faithful"),
    "AT, joint": ("at-en-all", "joint"),
    "AT, faithful": ("at-en-all", "faithful"),
    "LAF PSA+QS, joint": ("laf-psa-qs-en-all", "joint"),
    "LAF PSA+QS, faithful": ("laf-psa-qs-en-all", "faithful"),
}


def main() -> None:
    """Run the rounds and print the figures."""
    made = parser(__doc__, rounds=3, features=16, batch=8, threads=1, warm=1)
    made.add_argument("--device", default="cpu")
    made.add_argument("--only", choices=("peer", "systems"), help="one half of it")
    made.add_argument("--dtype", choices=tuple(DTYPES), default="bf16", help="of ours and of the best flags")
    made.add_argument("--compile", action="store_true", help="ours with torch's compiler, too")
    options = made.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    bench = Bench(options)
    ways = {
        **(bench.against_peer() if options.only != "systems" else {}),
        **(bench.systems() if options.only != "peer" else {}),
    }
    taken: dict[str, list[list[Seconds]]] = {name: [] for name in ways}
    for turn in range(options.rounds):
        for name in sorted(ways, reverse=turn % 2 == 1):
            taken[name].append(ways[name]())
    seconds, clock = ({name: undisturbed(rounds, n) for name, rounds in taken.items()} for n in (0, 1))
    report(bench, seconds, clock, options)


Seconds = tuple[float, float]
"""For each window: the processor's (on a GPU the clock's), and the clock's."""


def undisturbed(rounds: Sequence[Sequence[Seconds]], kind: int) -> float:
    """The mean over steps of each one's fastest round: whatever else runs on the machine only slows a step down."""
    return statistics.fmean(min(turn[kind] for turn in steps) for steps in zip(*rounds, strict=True))


class Bench:
    """The network, the windows, and the ways to train the one on the other."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.processes, self.device = open_processes(options.device)
        self.tokenizer = mbert_tokenizer(options.data)
        torch.manual_seed(0)
        self.network = BertForQuestionAnswering(BertConfig(vocab_size=119_547)).to(self.device)
        english = xquad(options.data)
        self.english = training_rows({"en": english})
        self.rows = training_rows({code: xquad(options.data, "en", code) for code in LANGUAGES})
        self.precision = DTYPES[options.dtype]
        self.peak = peak_flops(self.device, self.precision)
        self.lengths: dict[str, Any] = {}
        self.memory: dict[str, int] = {}

    def against_peer(self) -> dict[str, Callable[[], list[Seconds]]]:
        """Ours and the Trainer's on English windows."""
        features = self.chosen(self.features("zs", self.english))
        ways: dict[str, Callable[[], list[Seconds]]] = {
            name: self.way(name, "zs", "faithful", features, self.english)
            for name in (OURS, *([COMPILED] if self.options.compile else []))
        }
        if self.options.peer:
            made = self.trainer_rows(features)
            ways["Trainer, defaults"] = lambda: self.trainer(made, tuned=False)
            ways["Trainer, best flags"] = lambda: self.trainer(made, tuned=True)
        return ways

    def systems(self) -> dict[str, Callable[[], list[Seconds]]]:
        """Plain, AT and LAF on the windows of the same pairs."""
        pairs = self.chosen(self.features("laf-psa-qs-en-all", self.rows))
        windows = replace(pairs, group=1)

        def items(system: str) -> Features:
            return pairs if system.startswith("laf") else windows

        return {
            name: self.way(name, system, schedule, items(system), self.rows)
            for name, (system, schedule) in SYSTEMS.items()
        }

    def way(
        self, name: str, system: str, schedule: str, features: Features, rows: TrainingRows
    ) -> Callable[[], list[Seconds]]:
        """One of ours, to be run."""
        return lambda: self.ours(system, schedule, features, rows, name)

    def spec(self, system: str, schedule: str, group: int) -> TrainSpec:
        """A training of so many windows in each update."""
        changes = {"schedule": schedule} if system.startswith(("at", "laf")) else {}
        values = {
            "system": system,
            "files": ["-"],
            "output": "-",
            "precision": str(self.precision),
            **changes,
        }
        return TrainSpec.from_json(
            {**values, "batch_size": self.options.batch // group, "max_batch_tokens": 64 * MAX_LENGTH}
        )

    def features(self, system: str, rows: TrainingRows) -> Features:
        """All windows of the rows."""
        return make_features(
            Reader(self.network, self.tokenizer), rows, self.spec(system, "faithful", 1), ignore
        )

    def chosen(self, features: Features) -> Features:
        """Whole batches of windows of like lengths, at even distances in the order of lengths, as in a long training.

        Their mean length is that of all; of fewer windows chosen one by one no batches of like lengths could be made.
        """
        size = self.options.batch // features.group
        count = max(1, min(self.options.features // self.options.batch, len(features) // size))
        places = ((np.arange(count) + 0.5) / count * (len(features) // size)).astype(np.int64)
        items = np.argsort(features.lengths, kind="stable")[
            (places[:, None] * size + np.arange(size)).ravel()
        ]
        windows = features.members(items).reshape(features.group, -1).T.ravel()
        return Features(
            features.windows.take(windows),
            features.positions[windows],
            features.languages[windows],
            features.group,
        )

    def ours(
        self, system: str, schedule: str, features: Features, rows: TrainingRows, name: str
    ) -> list[Seconds]:
        """Seconds for each window, of each step but the first few, by the engine that trains."""
        spec = self.spec(system, schedule, features.group)
        with tempfile.TemporaryDirectory() as folder:
            spec = replace(spec, output=f"{folder}/reader", log_interval=10**6, compile=name == COMPILED)
            # What is compiled stays so: it is another network.
            network = copy.deepcopy(self.network) if spec.compile else self.network
            reader = Reader(network, self.tokenizer, self.precision)
            engine = make_engine(
                spec, rows, reader, features, None, self.processes, self.device, ignore, lambda *_: None
            )
            self.lengths[name] = features.windows.lengths
            if self.device.type == "cuda":
                torch.cuda.reset_peak_memory_stats(self.device)
            seconds = list(self.timed(engine, features))
            self.memory[name] = peak_memory_bytes(self.device)
        return seconds

    def timed(self, engine: Engine, features: Features) -> Iterator[Seconds]:
        """Steps through all items once, after steps that warm it up."""
        plan = Plan(features.lengths, engine.spec.batch_size, 0, 2)
        updates = list(plan.updates())
        for number, items in enumerate(updates[: self.options.warm] + updates[: plan.steps_per_epoch]):
            began = self.now()
            engine.update(items)
            if number >= self.options.warm:
                yield since(began, self.now(), len(items) * features.group)

    def now(self) -> Seconds:
        """The processor's time, or the clock's once a GPU has done what it was told; and the clock's."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
            return time.perf_counter(), time.perf_counter()
        return time.process_time(), time.perf_counter()

    def trainer_rows(self, features: Features) -> dict[bool, Any]:
        """The same windows as the Trainer is given them by run_qa.py: padded to 384, and not padded."""
        numbers = np.unique(features.windows.row)
        english = xquad(self.options.data)
        table = datasets.Dataset.from_list([english[number] for number in numbers])
        wanted = {tuple(ids[: int(n)].tolist()) for ids, n in zip(
            features.windows.assemble().input_ids, features.windows.lengths, strict=True)}  # fmt: skip
        datasets.disable_progress_bars()
        made = {}
        for pad in (True, False):
            function = peer_function(self.options.peer, "prepare_train_features", self.tokenizer, pad=pad)
            mapped = table.map(function, batched=True, remove_columns=table.column_names)
            kept = [
                n
                for n, (ids, mask) in enumerate(
                    zip(mapped["input_ids"], mapped["attention_mask"], strict=True)
                )
                if tuple(ids[: sum(mask)]) in wanted
            ]
            assert len(kept) == len(features), (len(kept), len(features))
            made[pad] = mapped.select(kept)
        return made

    def trainer(self, made: dict[bool, Any], *, tuned: bool) -> list[Seconds]:
        """Seconds for each window, of each step but the first few, by the Trainer's own loop."""
        data = made[not tuned]
        steps = len(data) // self.options.batch
        half = self.precision is Precision.BFLOAT16
        flags = {"bf16": half, "train_sampling_strategy": "group_by_length"} if tuned else {}
        clock = Clock(self.now, self.options.batch)
        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                folder,
                use_cpu=self.device.type == "cpu",
                per_device_train_batch_size=self.options.batch,
                max_steps=steps + self.options.warm,
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
                **flags,
            )
            collator = DataCollatorWithPadding(self.tokenizer) if tuned else default_data_collator
            trainer = Trainer(
                model=self.network,
                args=arguments,
                train_dataset=data,
                data_collator=collator,
                processing_class=self.tokenizer,
                callbacks=[clock],
            )
            # run_qa.py's model is loaded for the task; its loss is the network's own.
            trainer.train()
        return clock.steps[self.options.warm :]


class Clock(TrainerCallback):  # type: ignore[misc]
    """Times the Trainer's steps, from the end of the one before: making the batch belongs to a step."""

    def __init__(self, now: Callable[[], Seconds], batch: int) -> None:
        self.steps: list[Seconds] = []
        self._now, self._batch = now, batch
        self._last = 0.0, 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._last = self._now()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        now = self._now()
        self.steps.append(since(self._last, now, self._batch))
        self._last = now


def since(began: Seconds, ended: Seconds, windows: int) -> Seconds:
    """Seconds for each of so many windows."""
    return (ended[0] - began[0]) / windows, (ended[1] - began[1]) / windows


def report(
    bench: Bench, seconds: dict[str, float], clock: dict[str, float], options: argparse.Namespace
) -> None:
    """The table: windows per second, and each way's seconds beside the one that it is to be compared with."""
    default = seconds.get("Trainer, defaults")
    plain = seconds.get("plain, T(Q)")
    lines: list[Sequence[Any]] = [("", "windows/s", "x defaults", "x best flags", "cost of plain", "MFU, %")]
    ratios: dict[str, dict[str, float]] = {}
    for name, taken in seconds.items():
        found = {}
        if default and (name in (OURS, COMPILED) or name.startswith("Trainer")):
            found = {"defaults": default / taken, "best flags": seconds["Trainer, best flags"] / taken}
        if plain and name in SYSTEMS:
            found["plain"] = taken / plain
        lengths = bench.lengths.get(name)
        mfu = (
            step_flops(bench.network)(lengths) / len(lengths) / taken / bench.peak
            if lengths is not None
            else None
        )
        ratios[name] = {**found, **({"mfu": mfu} if mfu else {})}
        cells = [f"{found[key]:.3f}" if key in found else "" for key in ("defaults", "best flags", "plain")]
        lines.append((name, f"{1 / taken:.3f}", *cells, f"{100 * mfu:.1f}" if mfu else ""))
    figures = {
        "seconds_per_window": seconds,
        "clock_seconds_per_window": clock,
        "ratios": ratios,
        f"peak_{options.dtype}_flops": bench.peak,
        "peak_memory_bytes": bench.memory,
        "epoch_of_t_all_h": {name: T_ALL_FEATURES * s / 3600 for name, s in seconds.items()},
        "options": {name: str(value) for name, value in vars(options).items()},
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name(bench.device) if bench.device.type == "cuda" else "cpu",
        "doc_stride": DOC_STRIDE,
    }
    if bench.device.type == "cuda":
        lines.append(("", "peak GiB", "epoch T(ALL) h", "", "", ""))
        for name, memory in bench.memory.items():
            hours = T_ALL_FEATURES * seconds[name] / 3600
            lines.append((name, f"{memory / 2**30:.1f}", f"{hours:.2f}", "", "", ""))
    show(lines, figures)


if __name__ == "__main__":
    main()
