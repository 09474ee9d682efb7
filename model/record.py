"""What is written beside a reader: training.json for programs, README.md (a model card) for people."""

import json
from dataclasses import asdict, dataclass
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
    seconds: float
    """From the first row read to the last step."""
    samples_per_s: float
    """Windows per second in the training loop."""
    device: str

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
        }


def write_record(folder: Path, record: TrainingRecord) -> None:
    """Writes training.json."""
    text = json.dumps(asdict(record), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / RECORD_NAME).write_text(text + "\n", encoding="utf-8")


def write_card(folder: Path, spec: TrainSpec, record: TrainingRecord) -> None:
    """Writes README.md: YAML for the Hub, then what the reader is and how it came about."""
    (folder / CARD_NAME).write_text(render_card(spec, record), encoding="utf-8")


def render_card(spec: TrainSpec, record: TrainingRecord) -> str:
    """The text of the model card."""
    tiny = spec.preset is Preset.TINY
    origin = "a small network started from nothing" if tiny else f"`{spec.encoder}`"
    parts = "\n".join(f"| {part} | {count:,} |" for part, count in record.parts.items())
    recipe = "\n".join(f"| {name} | `{json.dumps(value)}` |" for name, value in record.spec.items())
    return f"""---
{_front_matter(spec, record)}
---

# Reader `{spec.system}` ({spec.preset})

An extractive question-answering reader: {origin}, trained by silverspan
on SQuAD and its machine translations.
{TINY_NOTE if tiny else ""}
## Use

```python
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

model = AutoModelForQuestionAnswering.from_pretrained("this-folder")
tokenizer = AutoTokenizer.from_pretrained("this-folder")
```

It finds answers that stand literally in the context; it cannot say that there is none.

## Training data

| set and languages (question-context) | rows |
|---|---|
{parts}

Trained: {record.rows:,} rows, {record.features:,} windows, {record.steps:,} steps.
The last loss was {record.curve[-1][1]:.4f} nats.
Dropped: {_dropped(record)}.

## Recipe

| setting | value |
|---|---|
{recipe}
"""


TINY_NOTE = """
**The tiny preset is plumbing, not quality: it shows that the chain works and says nothing about the data.**
"""


def _front_matter(spec: TrainSpec, record: TrainingRecord) -> str:
    fields: dict[str, Any] = {
        "library_name": "transformers",
        "pipeline_tag": "question-answering",
        "language": list(record.languages),
        "tags": ["silverspan", "extractive-qa", spec.system],
    }
    if spec.preset is Preset.BASE and not spec.encoder_path and not Path(spec.encoder).is_dir():
        fields["base_model"] = spec.encoder
    # JSON values are YAML values, and quoted: the bare language code `no` would be a boolean.
    return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())


def _dropped(record: TrainingRecord) -> str:
    named = ", ".join(f"{reason} {count:,}" for reason, count in record.dropped.items())
    return named or "none"
