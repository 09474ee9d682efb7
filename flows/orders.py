"""What standing orders are made of: the silver data to keep up to date, and the challenge that may follow a rebuild.

The boxes of the forms in Prefect's UI, and the parameters of deployments, are these models.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from flows.forms import Split, SystemName
from flows.parameters import ALL_SETS, SAMPLE, STATISTICAL, Benchmark, filters_of, resolve_data
from flows.train import preferred_set, training_spec
from model.spec import Preset
from storage.downloads.datasets import OFFICIAL
from storage.errors import UsageError
from storage.silver import SilverSet
from tasks.answering import Trial
from tasks.mt.budget import Allowance
from tasks.projection.again import SecondTry
from tasks.projection.rules import Rule
from tasks.scoring.promotion import LEVEL, Promotion


class SilverOrder(BaseModel):
    """Silver data as `build-silver` takes it: what the last build was made of, and the next one is."""

    model_config = ConfigDict(extra="forbid")

    languages: list[str] = Field(description='All languages of the data, such as ["es", "de"].')
    source: str = Field(
        default=SAMPLE, description="A SQuAD-format file, a URL, the name of a data set, or `sample`."
    )
    sets: list[SilverSet] = Field(default=list(ALL_SETS), description="Which sets to publish.")
    engine: str = Field(
        default="apertium", description="One engine, or one per language: `es=apertium,zh=deepl`."
    )
    projection: Rule = Field(default=Rule.BEST, description="How answers are found again.")
    retry_markup: bool = Field(
        default=False, description="Send segments without a usable translation in other ways, too."
    )
    second_try: SecondTry = Field(
        default=SecondTry.NONE,
        description="Send answers whose tags were lost or split again, in another way.",
    )
    sentencewise: bool = Field(default=False, description="Send contexts sentence by sentence.")
    answers_alone: bool = Field(default=False, description="Translate each answer by itself, too.")
    filters: str = Field(
        default="", description="Which projected rows to drop, such as `language=on,digits=0.5`; or `none`."
    )
    back_translation: str = Field(
        default="", description="The engine that translates kept answers back, to weigh them by."
    )
    aligner: str = Field(
        default=STATISTICAL, description="Which word aligner is asked: `statistical`, or `neural=FOLDER`."
    )
    workers: int | None = Field(
        default=None, description="Requests at once; by default what the engine bears.", ge=1
    )
    budget: str = Field(
        default="", description="The most that one rebuild may spend: `2500000` characters or `20USD`."
    )


class Challenge(BaseModel):
    """A reader trained on the new data, against the champion on one benchmark."""

    model_config = ConfigDict(extra="forbid")

    system_name: SystemName = Field(default="tall", description="A system of Tables 2 and 5.")
    preset: Preset = Field(
        default=Preset.BASE, description="`tiny` makes a toy from nothing, to try the plumbing."
    )
    encoder: str = Field(default="", description="A name on the Hub or a folder; by default the preset's.")
    seed: int = Field(default=1, description="Everything random follows from it.")
    epochs: int = Field(default=1, description="Passes over the data.", ge=1)
    benchmark: Benchmark = Field(default=Benchmark.MLQA, description="What both readers are put to.")
    data: str = Field(
        default=SAMPLE, description="The folder that holds it, `sample`, or `official` to download it."
    )
    split: Split = Field(default="test", description="MLQA's `test` or `dev`; others have one split.")
    promote: Promotion = Field(
        default=Promotion.IF_NOT_WORSE, description="Who becomes champion, and who decides it."
    )
    level: float = Field(
        default=LEVEL, description="A p-value below it says that a reader is worse.", gt=0, lt=1
    )
    patience_h: float = Field(
        default=24.0,
        title="Patience (hours)",
        description="So long a person may take to answer, where asked.",
        gt=0,
    )

    def training(self) -> dict[str, Any]:
        """What `train-reader` is told."""
        return self.model_dump(include={"system_name", "preset", "encoder", "seed", "epochs"})

    @property
    def trains_on(self) -> SilverSet:
        """The set that its system is trained on."""
        return preferred_set(self.system_name)


def check_order(order: SilverOrder, challenge: Challenge | None) -> None:
    """Refuse an order that cannot be carried out before anything is paid for it.

    Raises:
        UsageError: a setting that the build does not know, a challenger that cannot be trained, or whose set is not
            among those ordered.
        InputError: the benchmark of the challenge cannot be read.
    """
    filters_of(order.filters, order.projection)
    if order.second_try.style:
        raise UsageError(
            f"A second try in the style {order.second_try!r} asks an engine that nobody watches; order single or none."
        )
    if order.budget:
        Allowance.parse(order.budget)
    if challenge is not None:
        check_challenge(challenge, order)


def check_challenge(challenge: Challenge, order: SilverOrder) -> None:
    """Refuse a challenge that would fail once the data is paid for.

    Raises:
        UsageError: its reader cannot be trained, or on a set that is not ordered.
        InputError: its benchmark cannot be read.
    """
    training = challenge.training()
    training_spec(
        training.pop("system_name"), [], training.pop("preset"), training.pop("encoder"), **training
    )
    if challenge.data != OFFICIAL:
        data = resolve_data(challenge.data, challenge.benchmark)
        Trial("", challenge.benchmark, data, challenge.split).pairs()
    if challenge.trains_on not in order.sets:
        raise UsageError(
            f"The system {challenge.system_name!r} is trained on the set {challenge.trains_on}, which is not among"
            f" those to be built ({', '.join(order.sets)}); add it."
        )
