"""The knobs of a world: all that its texts, its engine and its encoders follow from."""

import re
from itertools import chain
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tasks.laboratory.concepts import ENGLISH

CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
"""How the code of a language looks; ISO 639 leaves qaa to qtz for private use."""


class Faults(BaseModel):
    """How often a mark, on its way through the engine, is lost, comes back in pieces, or lands beside its words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lost: float = Field(0.0, ge=0, le=1, description="Share of marks that do not come back.")
    split: float = Field(0.0, ge=0, le=1, description="Share of marks that come back in two pieces.")
    moved: float = Field(0.0, ge=0, le=1, description="Share of marks that come back one word too far.")

    @model_validator(mode="after")
    def _shares_of_one(self) -> Self:
        if self.lost + self.split + self.moved > 1 + 1e-9:
            raise ValueError("lost, split and moved are shares of all marks and come to more than 1")
        return self


class Knobs(BaseModel):
    """A world. What is not natural about it must be said wherever figures of it are shown: `alignment` above all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(1, ge=0, description="Words, stories and noise follow from it.")
    languages: list[str] = Field(
        ["qaa", "qab", "qac"], min_length=1, description="Languages beside English that may be trained on."
    )
    unseen: list[str] = Field(
        ["qad"], description="Languages that are pre-trained and tested, and never trained on."
    )
    questions: int = Field(
        600, ge=1, description="English questions to train on, each on a context of its own."
    )
    test_questions: int = Field(
        200, ge=1, description="Questions of each pair of languages in the benchmark."
    )
    coverage: float = Field(
        0.7, gt=0, le=1, description="Share of the nouns that training asks for; tests ask all."
    )
    noise: float = Field(0.15, ge=0, le=1, description="Share of words that the engine drops or replaces.")
    faults: Faults = Field(
        Faults.model_validate({}), description="What becomes of marks on their way through the engine."
    )
    alignment: float = Field(
        0.3,
        ge=0,
        le=1,
        description="rho: share of the variance of a word's first vector that all languages have in common. It"
        " stands for what multilingual pre-training gives a large encoder, and is put in by hand.",
    )
    pretraining_steps: int = Field(500, ge=1, description="Updates of pre-training, which is monolingual.")
    checkpoints: list[int] = Field(
        [1], min_length=1, description="Seeds of pre-training; the plan's seeds take them in turn."
    )

    @model_validator(mode="after")
    def _languages_fit(self) -> Self:
        codes = self.all_languages
        for code in codes:
            _check_code(code, codes.count(code))
        if len(set(self.checkpoints)) < len(self.checkpoints):
            raise ValueError("a seed of pre-training stands twice")
        return self

    @property
    def all_languages(self) -> list[str]:
        """English first, then those trained on, then the others."""
        return list(chain([ENGLISH], self.languages, self.unseen))

    def texts(self) -> dict[str, object]:
        """The knobs that its files follow from; the others are the engine's and the encoder's."""
        others = {"noise", "faults", "alignment", "pretraining_steps", "checkpoints"}
        return self.model_dump(mode="json", exclude=others)

    def engine_options(self) -> dict[str, str]:
        """Noise and faults, as the engine takes them."""
        shares = {"noise": self.noise, **self.faults.model_dump()}
        return {name: f"{share:g}" for name, share in shares.items()}


def _check_code(code: str, times: int) -> None:
    if not CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not the code of a language; qaa to qtz are free to use")
    if times > 1:
        raise ValueError(f"the language {code!r} stands twice; English is always there")
