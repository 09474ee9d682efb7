"""What stands behind the name of a local engine: a model, and options as in the query of an address."""

import dataclasses
from typing import Any
from urllib.parse import parse_qsl

from storage.errors import UsageError
from tasks.mt.neural import MARKUPS, Cutting, Model

BATCH_TOKENS = 4096
"""Padded source tokens of a batch, times beams: some 32 paragraphs or 250 questions."""


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """What may stand behind the question mark.

    Args:
        beams: width of the beam search; 1 is greedy.
        dtype: precision of the numbers: float32, bfloat16, float16; for CTranslate2 a `compute_type` (int8, ...).
        split: `sentences` to translate each by itself, `limit` to split only what is too long; by family otherwise.
        max_source: the most tokens of one piece; by family otherwise.
        source: the source language of a model that does not say it.
        target: the target language of a model that does not say it.
        tokenizer: directory or name of the tokenizer of a CTranslate2 model.
        markup: one of `MARKUPS`, the style of marks that segments are written in; `letters` by default.
        device: cpu or cuda; by default cuda where there is one.
        batch_tokens: padded source tokens times beams in one batch; less needs less memory.
    """

    beams: int = 4
    dtype: str = "float32"
    split: str = ""
    max_source: int = 0
    source: str = ""
    target: str = ""
    tokenizer: str = ""
    markup: str = MARKUPS[0]
    device: str = ""
    batch_tokens: int = BATCH_TOKENS

    def identity(self) -> dict[str, str]:
        """Those that change answers and that the model's files do not tell."""
        return {"beams": str(self.beams), "dtype": self.dtype}

    def cutting(self, model: Model) -> Cutting:
        """How segments are cut for a model."""
        alone = self.split == "sentences" if self.split else model.family.alone
        max_source = min(self.max_source or model.family.max_source, model.positions)
        return Cutting(max_source, alone, max(1, self.batch_tokens // self.beams))


def parsed(name: str, argument: str) -> tuple[str, Options]:
    """The model and the options of an engine's argument.

    Raises:
        UsageError: no model is named, or an option is unknown or out of range.

    >>> parsed("transformers", "some/model?beams=1")[1].beams
    1
    """
    where, _, query = argument.partition("?")
    if not where:
        raise UsageError(f"The engine {name!r} needs a model; write for instance: {name}:DIRECTORY.")
    fields = {field.name: field.type for field in dataclasses.fields(Options)}
    chosen: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in fields:
            raise UsageError.unknown(f"option of the engine {name!r}", key, fields)
        chosen[key] = _number(key, value) if fields[key] is int else value
    options = Options(**chosen)
    if options.split not in ("", "sentences", "limit"):
        raise UsageError.unknown("way to split", options.split, ("sentences", "limit"))
    if options.markup not in MARKUPS:
        raise UsageError.unknown(f"markup of the engine {name!r}", options.markup, MARKUPS)
    return where, options


def _number(key: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise UsageError(f"The option {key} is {value!r}; give a whole number from 1 on.")
    return int(value)
