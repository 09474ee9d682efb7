"""Plans as TOML files: two come with the program (`flows/plans/`); what is wrong in one is told with its place."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flows.parameters import check_source, engine_by_language, filters_of
from flows.plan import Plan, System
from flows.train import training_spec
from flows.worlds import Sites, check_known, check_silver, encoder_of, has_worlds, named
from model.spec import Preset, TrainSpec
from model.systems import system
from storage.downloads.datasets import OFFICIAL
from storage.errors import InputError, SilverspanError, UsageError
from storage.hashing import content_id
from storage.silver import SilverSet
from tasks.answering import Trial

FOLDER = Path(__file__).parent / "plans"


def plan_text(name: str) -> str:
    """The TOML of a plan: one of the program's by its name, any other by its path.

    Raises:
        UsageError: there is no plan of that name.
        InputError: the file cannot be read.
    """
    known = {path.stem: path for path in FOLDER.glob("*.toml")}
    path = known.get(name) or Path(name).expanduser()
    if name not in known and not path.suffix and not path.exists():
        raise UsageError.unknown("plan", name, [*known, "the path of a TOML file"])
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); give the path of a plan in TOML.") from error


def read_plan(name: str) -> Plan:
    """A plan by its name or path, its parts fitting each other.

    Raises:
        UsageError: there is no plan of that name.
        InputError: what it holds is not a plan, or its parts do not fit; the sentence says where.
    """
    try:
        plan = Plan.model_validate(tomllib.loads(plan_text(name)))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"The plan {name} is not valid TOML: {error}; correct it there.") from error
    except ValidationError as error:
        raise InputError(f"The plan {name}, {_first_fault(error)}") from error
    check_plan(plan, name)
    return plan


def check_plan(plan: Plan, shown: str) -> None:
    """Refuse a plan whose parts do not fit each other; `shown` is what the sentence calls it.

    Raises:
        InputError: the first fault, with its place.
    """
    for name, silver in plan.silver.items():
        with _at(shown, f"silver.{name}"):
            filters_of(silver.filters, silver.projection)
            check_silver(silver, plan)
            _check_distinct("set", list(map(str, silver.sets)))
    with _at(shown, "seeds"):
        _check_distinct("seed", [str(seed) for seed in plan.seeds])
    trainings: dict[str, str] = {}
    for number, row in enumerate(plan.systems, 1):
        with _at(shown, f"systems no. {number} ({row.label})"):
            _check_distinct("name", [other.label for other in plan.systems[:number]])
            same = trainings.setdefault(_checked_row(plan, row), row.label)
            if same != row.label:
                raise UsageError(f"It is trained just as {same!r} is; leave one out, or make it another.")
    labels = [row.label for row in plan.systems]
    for number, exam in enumerate(plan.benchmarks, 1):
        with _at(shown, f"benchmarks no. {number} ({exam.benchmark})"):
            _check_known("system of the plan", exam.systems, labels)
            check_known(exam.data, plan)
            others = [f"{other.benchmark} {other.split}" for other in plan.benchmarks[:number]]
            _check_distinct("benchmark", others)
    if plan.invariance:
        with _at(shown, "invariance"):
            _check_known("system of the plan", plan.invariance.systems, labels)
            _check_known("seed of the plan", map(str, plan.invariance.seeds), map(str, plan.seeds))
    _check_inquiry(plan, shown, labels)


def check_materials(plan: Plan, shown: str) -> None:
    """Refuse a plan whose engines, sources or benchmarks cannot be used, as far as that can be told beforehand.

    Raises:
        InputError: the first that cannot, with its place.
    """
    for name, silver in plan.silver.items():
        with _at(shown, f"silver.{name}"):
            if not has_worlds(silver):
                engine_by_language(silver.engines, silver.languages)
            if not named(silver.source):
                check_source(silver.source)
    for number, exam in enumerate(plan.benchmarks, 1):
        with _at(shown, f"benchmarks no. {number} ({exam.benchmark})"):
            if exam.data != OFFICIAL and not named(exam.data):
                Trial("", exam.benchmark, exam.path, exam.split, tuple(exam.languages)).pairs()


def spec_of(plan: Plan, row: System, seed: int, sites: Sites | None = None) -> TrainSpec:
    """How a row is trained with a seed; `sites` are the plan's worlds, where they are made.

    Raises:
        UsageError: an unknown system, or languages or settings that it does not have.
        InputError: the encoder's folder is not one.
    """
    settings: dict[str, Any] = {"preset": Preset.BASE, "encoder": "", **plan.settings_of(row), "seed": seed}
    check_known(settings["encoder"], plan)
    settings["encoder"] = encoder_of(settings["encoder"], sites or {}, plan.seeds, seed)
    return training_spec(row.system, row.languages, **settings)


def _check_inquiry(plan: Plan, shown: str, labels: Sequence[str]) -> None:
    """Refuse questions about rows that the plan does not have, or about a row and itself."""
    for number, claim in enumerate(plan.claims, 1):
        with _at(shown, f"claims no. {number} ({claim.says})"):
            _check_known("system of the plan", [claim.better, *claim.others()], labels)
            _check_distinct("system", [claim.better, *claim.others()])
    for number, twin in enumerate(plan.twins, 1):
        with _at(shown, f"twins no. {number} ({twin.says})"):
            _check_known("system of the plan", [twin.of, twin.twin], labels)
            _check_distinct("system", [twin.of, twin.twin])
            if twin.bound is not None and twin.figure is None:
                raise UsageError("A bound is of one figure; name that, or leave the bound out.")
    for number, line in enumerate(plan.price.lines if plan.price else [], 1):
        with _at(shown, f"price, lines no. {number} ({line.name})"):
            _check_known("system of the plan", line.rows(), labels)
            _check_distinct("share", [f"{share:g}" for share, _ in line.points])


def _checked_row(plan: Plan, row: System) -> str:
    """What names the training of a sound row."""
    wanted = system(row.system).train_set
    name = plan.silver_of(row)
    _check_known("silver data of the plan", [name], plan.silver)
    silver = plan.silver[name]
    specs = [spec_of(plan, row, seed) for seed in plan.seeds]
    _check_known("language of its silver data", specs[0].languages, silver.languages)
    if wanted not in (SilverSet.EN, *silver.sets) and SilverSet.TALL not in silver.sets:
        raise UsageError(f"It trains on the set {wanted}, which silver.{name} leaves out; add it there.")
    return content_id([specs[0].identity(), name])


def _check_known(kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    valid = list(known)
    for name in names:
        if name not in valid:
            raise UsageError.unknown(kind, name, valid)


def _check_distinct(kind: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"The {kind} {name!r} stands twice; leave one out, or make it another.")


@contextmanager
def _at(shown: str, place: str) -> Iterator[None]:
    """Whatever is wrong within is told with its place in the plan."""
    try:
        yield
    except SilverspanError as error:
        raise InputError(f"The plan {shown}, {place}: {error}") from error


def _first_fault(error: ValidationError) -> str:
    """The place and the fault: entries of lists are counted from 1, as people count."""
    fault = error.errors()[0]
    place = ", ".join(f"no. {part + 1}" if isinstance(part, int) else part for part in fault["loc"])
    said = fault["msg"][:1].lower() + fault["msg"][1:]
    return f"{place}: {said}; correct it."
