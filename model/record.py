"""What is written beside a reader: training.json for programs, README.md (a model card) for people."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from model.spec import Preset, TrainSpec

RECORD_NAME = "training.json"
CARD_NAME = "README.md"


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """What a training was; training.json holds it whole, written last: a folder that has it is complete."""

    spec: dict[str, Any]
    """`TrainSpec.identity()`."""
    languages: tuple[str, ...]
    rows: int
    """Rows that trained."""
    parts: dict[str, int]
    """Rows read, by `set.question_language-context_language`."""
    dropped: dict[str, int]
    """Rows that did not train, by `model.rows.Dropped`."""
    features: int
    """Windows."""
    features_without_answer: int
    """Windows labelled [CLS], their answer being in another window or cut by all."""
    cut_questions: int
    """Rows whose question was too long to be used whole."""
    steps: int
    curve: tuple[tuple[int, float], ...]
    """(step, mean loss in nats since the point before)."""
    losses: dict[str, tuple[tuple[int, float], ...]]
    """The curves of the loss's parts and of the gradient's norm, by name."""
    scores: tuple[tuple[int, float], ...]
    """(step, span F1 in percent) on the questions to choose by."""
    best_step: int | None
    """Whose weights these are; None: the last one's, there being no questions to choose by."""
    seconds: float
    """From the first row read to the last step, of the process that ended the training."""
    samples_per_s: float
    """Windows per second in the training loop."""
    tokens_per_s: float
    """Real tokens per second in the training loop."""
    mfu: float
    """The share of the devices' arithmetic that the model's tokens used (`model.flops`)."""
    peak_memory_bytes: int
    """Of the GPU, or of the process on the CPU; of the first device where there are several."""
    device: str
    processes: int
    resumed_at: int
    """The step whose checkpoint the training went on from last; 0: it was never interrupted."""

    def summary(self) -> dict[str, Any]:
        """The figures of the job's `done` event."""
        return {
            "rows": self.rows,
            "dropped": self.dropped,
            "features": self.features,
            "steps": self.steps,
            "loss": self.curve[-1][1],
            "seconds": round(self.seconds, 3),
            "samples_per_s": round(self.samples_per_s, 3),
            "tokens_per_s": round(self.tokens_per_s, 1),
            "mfu": round(self.mfu, 4),
            "peak_memory_bytes": self.peak_memory_bytes,
            "resumed_at": self.resumed_at,
            **(
                {"best_step": self.best_step, "score": round(dict(self.scores)[self.best_step], 2)}
                if self.best_step
                else {}
            ),
        }


@dataclass(frozen=True, slots=True)
class Source:
    """A snapshot that a reader was trained on, as its card tells of it."""

    dataset: str
    snapshot: str
    engines: dict[str, str]
    """Who translated, by language."""
    licence: str
    """Of the source of its rows; empty where it is not known."""
    hub_licence: str
    """The same as the Hub spells it."""


ENCODER_LICENCES = {
    "bert-base-multilingual-cased": "Apache 2.0",
    "google-bert/bert-base-multilingual-cased": "Apache 2.0",
    "xlm-roberta-base": "MIT",
    "FacebookAI/xlm-roberta-base": "MIT",
    "microsoft/mdeberta-v3-base": "MIT",
    "jhu-clsp/mmBERT-base": "MIT",
}
"""As their cards on the Hub say."""


def write_record(folder: Path, record: TrainingRecord) -> None:
    """Writes training.json."""
    text = json.dumps(asdict(record), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / RECORD_NAME).write_text(text + "\n", encoding="utf-8")


def read_record(folder: Path) -> TrainingRecord:
    """What `write_record` wrote."""
    values = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
    known = {f.name for f in fields(TrainingRecord)}
    for name in ("curve", "scores"):
        values[name] = _points(values[name])
    values["losses"] = {name: _points(curve) for name, curve in values["losses"].items()}
    values["languages"] = tuple(values["languages"])
    return TrainingRecord(**{name: value for name, value in values.items() if name in known})


def write_card(folder: Path, spec: TrainSpec, record: TrainingRecord, sources: Sequence[Source] = ()) -> None:
    """Writes README.md: YAML for the Hub, then what the reader is and how it came about."""
    (folder / CARD_NAME).write_text(render_card(spec, record, sources), encoding="utf-8")


def render_card(spec: TrainSpec, record: TrainingRecord, sources: Sequence[Source] = ()) -> str:
    """The text of the model card; what is known of the snapshots is in `sources`."""
    tiny = spec.preset is Preset.TINY
    origin = "a small network started from nothing" if tiny else f"`{spec.encoder}`"
    return f"""---
{_front_matter(spec, record, sources)}
---

# Reader `{spec.system}` ({spec.preset})

An extractive question-answering reader: {origin}, trained by silverspan
on SQuAD and its machine translations, as the system `{spec.system}` of Bornea et al.,
*Multilingual Transfer Learning for QA Using Translation as Data Augmentation* (AAAI 2021).
{TINY_NOTE if tiny else ""}
## Use

```python
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

model = AutoModelForQuestionAnswering.from_pretrained("this-folder")
tokenizer = AutoTokenizer.from_pretrained("this-folder")
```

It finds answers that stand literally in the context; it cannot say that there is none.

## Training data

{_table(("set and languages (question-context)", "rows"), record.parts.items())}

Trained: {record.rows:,} rows, {record.features:,} windows, {record.steps:,} steps.
Dropped: {_dropped(record)}.
{_sources(sources)}
## Figures

One training, from seed {spec.seed}: the figures of another seed differ.

{_table(("figure", "value"), _figures(record))}

## Recipe

{_table(("setting", "value"), ((name, f"`{json.dumps(value)}`") for name, value in record.spec.items()))}

## Licences

{_licences(spec, sources)}
"""


TINY_NOTE = """
**The tiny preset is plumbing, not quality: it shows that the chain works and says nothing about the data.**
"""


def _front_matter(spec: TrainSpec, record: TrainingRecord, sources: Sequence[Source]) -> str:
    front: dict[str, Any] = {
        "library_name": "transformers",
        "pipeline_tag": "question-answering",
        "language": list(record.languages),
        "tags": ["silverspan", "extractive-qa", spec.system],
    }
    if len(licences := {source.hub_licence for source in sources}) == 1 and (licence := licences.pop()):
        front["license"] = licence
    if _is_published(spec):
        front["base_model"] = spec.encoder
    # JSON values are YAML values, and quoted: the bare language code `no` would be a boolean.
    return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items())


def _is_published(spec: TrainSpec) -> bool:
    """Whether the encoder is one of the Hub's, by its name there."""
    return spec.preset is Preset.BASE and not spec.encoder_path and not Path(spec.encoder).is_dir()


def _figures(record: TrainingRecord) -> list[tuple[str, str]]:
    last = {"loss": record.curve, **record.losses}
    figures = [(f"last {name.replace('_', ' ')}", f"{curve[-1][1]:.4f}") for name, curve in last.items()]
    if record.best_step is not None:
        score = dict(record.scores)[record.best_step]
        figures.append(
            (f"span F1 on the dev questions, best at step {record.best_step:,}, %", f"{score:.2f}")
        )
    return [
        *figures,
        ("windows per second", f"{record.samples_per_s:.1f}"),
        ("tokens per second, padding not counted", f"{record.tokens_per_s:,.0f}"),
        ("model FLOPs utilisation, %", f"{100 * record.mfu:.1f}"),
        ("peak memory, MiB", f"{record.peak_memory_bytes / 2**20:,.0f}"),
        ("device", f"{record.processes} x {record.device}"),
    ]


def _sources(sources: Sequence[Source]) -> str:
    if not sources:
        return ""
    rows = [
        (f"`{s.dataset}`", f"`{s.snapshot}`", ", ".join(f"{k} {v}" for k, v in s.engines.items()))
        for s in sources
    ]
    return f"\n{_table(('data set', 'snapshot', 'translated by'), rows)}\n"


def _licences(spec: TrainSpec, sources: Sequence[Source]) -> str:
    lines = [
        f"- Rows of `{source.dataset}/{source.snapshot}`: {source.licence or 'not known to silverspan'}."
        for source in sources
    ]
    if not sources:
        lines.append("- Data: not known to silverspan; ask whoever gave it to you.")
    if spec.preset is Preset.BASE:
        lines.append(f"- Encoder `{spec.encoder}`: {ENCODER_LICENCES.get(spec.encoder, 'see its own card')}.")
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    body = (
        f"| {' | '.join(f'{cell:,}' if isinstance(cell, int) else str(cell) for cell in row)} |"
        for row in rows
    )
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *body])


def _points(curve: Iterable[Sequence[Any]]) -> tuple[tuple[int, float], ...]:
    return tuple((step, value) for step, value in curve)


def _dropped(record: TrainingRecord) -> str:
    named = ", ".join(f"{reason} {count:,}" for reason, count in record.dropped.items())
    return named or "none"
