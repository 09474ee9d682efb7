"""The rules of steps: what a cache key is made of, what is tried again, what a remembered result is worth."""

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect import Task
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from model.spec import Preset, TrainSpec
from storage.errors import EngineError, InputError, SilverspanError, StoreError, UsageError
from storage.parts import Part, write_part
from storage.store import Store
from tasks.aligning import fit_aligner
from tasks.answering import predict_answers
from tasks.assembly import assemble_shard
from tasks.back import judge_back_shard
from tasks.evaluation import report_answers
from tasks.jobs import JobFailed, JobInterrupted
from tasks.mt.errors import BrokenAnswer, EngineMissing, UnknownPair
from tasks.projecting import project_shard
from tasks.publication import publish_set
from tasks.second_try import try_again_shard
from tasks.source import import_source
from tasks.stages import keep_seconds
from tasks.steps import STEP, keyed_by, parts_intact, retry_may_help, step_key
from tasks.tabulation import describe_english, score_answers
from tasks.training import train_reader
from tasks.translation import translate_shard
from tasks.vectors import encode_questions

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
INPUTS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), JSON, min_size=4, max_size=4)


def key_of(task: Task[..., Any], parameters: dict[str, Any]) -> str:
    assert task.cache_key_fn
    key = task.cache_key_fn(None, parameters)  # type: ignore[arg-type]
    assert isinstance(key, str)
    return key


@given(INPUTS, JSON)
def test_a_key_looks_at_the_named_inputs_alone(inputs: dict[str, Any], other: object) -> None:
    """Law: whatever an input that is not named becomes, the key stays; a named one that changes, changes it."""
    key = keyed_by("step", 1, "a", "b")
    first = key(None, inputs)  # type: ignore[arg-type]
    assert key(None, {**inputs, "c": other, "d": other, "e": other}) == first  # type: ignore[arg-type]
    for name in ("a", "b"):
        same = json.dumps(inputs[name], sort_keys=True) == json.dumps(other, sort_keys=True)
        assert (key(None, {**inputs, name: other}) == first) == same  # type: ignore[arg-type]


@given(INPUTS)
def test_a_key_changes_with_name_and_version(inputs: dict[str, Any]) -> None:
    """Law: no two steps share a key, nor two versions of one step."""
    keys = {step_key(name, version, inputs) for name in ("import", "import-1") for version in (1, 2, 11)}
    assert len(keys) == 6
    assert step_key("import", 1, dict(reversed(inputs.items()))) in keys


def test_an_input_does_not_pass_for_another() -> None:
    assert step_key("s", 1, {"a": "x", "b": ""}) != step_key("s", 1, {"a": "", "b": "x"})


PART = {"sha256": "ab", "rows": 1, "bytes": 2}
SPEC = TrainSpec(system="tq", files=("-",), output="-", snapshots=("s1",), preset=Preset.TINY).to_json()

TASKS: dict[str, tuple[Task[..., Any], dict[str, Any], dict[str, Any]]] = {
    "import": (import_source, {"sha256": "ab", "rows": 100}, {"store": "s", "file": "f"}),
    "translate": (
        translate_shard,
        {
            "english": PART,
            "kind": "questions",
            "language": "es",
            "generation": "g",
            "retry_markup": False,
            "sentencewise": False,
        },
        {
            "store": "s",
            "memory": "m",
            "shard": "00000",
            "engine": "table:x.tsv",
            "options": {"a": "b"},
            "workers": 2,
            "allowance": {"characters": 5},
            "run": "r",
        },
    ),
    "project": (
        project_shard,
        {
            "language": "es",
            "english": PART,
            "contexts": PART,
            "markup": "html",
            "rule": "best",
            "filters": "none",
            "aligner": None,
            "answers": None,
            "again": None,
            "second_try": "none",
            "encoder": {"encoder": "sha256:ab"},
        },
        {"store": "s", "shard": "00000", "encoder_name": "models/mbert"},
    ),
    "again": (
        try_again_shard,
        {
            "english": PART,
            "contexts": PART,
            "markup": "html",
            "form": "single",
            "language": "es",
            "generation": "g",
            "sentencewise": False,
        },
        {
            "store": "s",
            "memory": "m",
            "shard": "00000",
            "engine": "table:x.tsv",
            "options": {"a": "b"},
            "workers": 2,
            "allowance": {"characters": 5},
            "run": "r",
        },
    ),
    "align": (
        fit_aligner,
        {
            "language": "es",
            "markup": "html",
            "english": {"00000": PART},
            "questions": {"00000": PART},
            "contexts": {"00000": PART},
        },
        {"store": "s"},
    ),
    "back": (
        judge_back_shard,
        {"english": PART, "projections": PART, "language": "es", "scope": "g/es-en/1", "filters": "back=0.7"},
        {
            "store": "s",
            "memory": "m",
            "shard": "00000",
            "engine": "table:x.tsv",
            "workers": 2,
            "allowance": {"characters": 5},
            "run": "r",
        },
    ),
    "assemble": (
        assemble_shard,
        {
            "sets": ["tq"],
            "language": "es",
            "generation": "g",
            "markup": "html",
            "english": PART,
            "questions": PART,
            "projections": None,
        },
        {"store": "s", "shard": "00000"},
    ),
    "publish": (
        publish_set,
        {"silver_set": "tq", "recipe": {"source": "ab"}, "kept": {"x": PART}, "rejected": {"x": PART}},
        {"store": "s", "counts": {"kept": {"x": {"pairs": 1}}}},
    ),
    "train": (
        train_reader,
        {f"spec.{name}": SPEC[name] for name in ("system", "snapshots", "seed", "epochs", "batch_size")},
        {"store": "s", "parts": ["a"]}
        | {f"spec.{name}": SPEC[name] for name in ("device", "threads", "output")},
    ),
    "predict": (
        predict_answers,
        {"reader": "r", "questions": PART, "spec": {"max_length": 384}},
        {"store": "s", "model": "latest", "device": "auto", "threads": 0},
    ),
    "score": (
        score_answers,
        {"metric": "mlqa", "gold": "g", "predictions": PART},
        {"store": "s", "trial": {"benchmark": "mlqa", "data": "/tmp/x"}},
    ),
    "describe English": (describe_english, {"snapshot": "s1"}, {"store": "s"}),
    "encode": (
        encode_questions,
        {"weights": "r", "questions": PART, "spec": {"untrained": False}},
        {"store": "s", "model": "latest", "encoder_path": "p"},
    ),
    "seconds": (
        keep_seconds,
        {"store": "s", "stage": "b", "made": ["a"]},
        {"seconds": 1.0},
    ),
    "report": (
        report_answers,
        {
            "names": ["a"],
            "readers": ["r"],
            "gold": "g",
            "predictions": [PART],
            "vectors": [{"after": PART}],
            "tables": [{"title": "t"}],
            "inquiry": {"claims": []},
            "trial.benchmark": "mlqa",
            "trial.split": "test",
            "trial.languages": ["es"],
            "trial.limit": 0,
        },
        {"store": "s", "models": ["latest"], "trial.data": "/tmp/x", "stages": []},
    ),
}
"""Every cached task: the inputs that its key must name, and those that it must not."""

OTHER: dict[str, Any] = {
    "spec.system": "tc",
    "spec.snapshots": ["s2"],
    "spec.device": "cpu",
    "spec.threads": 7,
    "spec.output": "elsewhere",
}


def changed(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, dict):
        first = next(iter(value))
        return {**value, first: changed(value[first])}
    if isinstance(value, list):
        return [*value, "more"]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return PART if value is None else f"{value}-other"


def filled(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs as the task takes them: `spec.seed` stands in the object `spec`."""
    parameters: dict[str, Any] = {}
    for name, value in inputs.items():
        outer, _, inner = name.partition(".")
        if inner:
            parameters.setdefault(outer, dict(SPEC) if outer == "spec" else {})[inner] = value
        else:
            parameters[name] = value
    return parameters


@pytest.mark.parametrize(
    ("name", "field"), [(name, f) for name, (_, named, _) in TASKS.items() for f in named]
)
def test_every_input_that_changes_the_result_changes_the_key(name: str, field: str) -> None:
    task, named, operational = TASKS[name]
    inputs = named | operational
    other = inputs | {field: OTHER.get(field, changed(inputs[field]))}
    assert key_of(task, filled(other)) != key_of(task, filled(inputs))


@pytest.mark.parametrize(
    ("name", "field"), [(name, f) for name, (_, _, operational) in TASKS.items() for f in operational]
)
def test_no_operational_input_changes_the_key(name: str, field: str) -> None:
    task, named, operational = TASKS[name]
    inputs = named | operational
    other = inputs | {field: OTHER.get(field, changed(inputs[field]))}
    assert key_of(task, filled(other)) == key_of(task, filled(inputs))


@pytest.mark.parametrize("name", TASKS)
def test_every_parameter_of_a_task_is_accounted_for(name: str) -> None:
    """A parameter added later must be declared above as one or the other."""
    task, named, operational = TASKS[name]
    assert set(task.fn.__code__.co_varnames[: task.fn.__code__.co_argcount]) == set(
        filled(named | operational)
    )


def test_no_two_tasks_share_a_key() -> None:
    keys = [key_of(task, filled(named | operational)) for task, named, operational in TASKS.values()]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", TASKS)
def test_every_cached_task_follows_the_rules(name: str) -> None:
    task = TASKS[name][0]
    assert task.persist_result is True
    assert task.result_serializer == "json"
    assert task.retries == STEP["retries"] == 3
    assert task.retry_condition_fn is retry_may_help


def leaves(kind: type[SilverspanError]) -> list[type[SilverspanError]]:
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in leaves(child))]


def may_help(state: State[Any]) -> bool:
    return retry_may_help(None, None, state)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", leaves(SilverspanError), ids=lambda kind: kind.__name__)
def test_an_error_of_ours_says_itself_whether_a_retry_helps(kind: type[SilverspanError]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "sentence.")
    assert may_help(Failed(data=error)) == kind.retryable


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BrokenAnswer("x"), True),
        (JobInterrupted("x"), True),
        (JobFailed("x"), False),
        (InputError("x"), False),
        (UsageError("x"), False),
        (StoreError("x"), False),
        (EngineMissing("x"), False),
        (UnknownPair("x"), False),
        (EngineError("x"), False),
        (OSError("disk"), True),
        (ConnectionResetError("net"), True),
        (TimeoutError("slow"), True),
        (FileNotFoundError("gone"), False),
        (PermissionError("not yours"), False),
        (ValueError("bug"), False),
        (KeyError("bug"), False),
        (MemoryError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_tried_again(error: Exception, expected: bool) -> None:
    """Faults of machines and engines, but neither bad input nor a fault of the program."""
    assert may_help(Failed(data=error)) is expected


@pytest.mark.parametrize("state", [Completed(data=1), Cancelled(), Failed()])
def test_nothing_else_is_tried_again(state: State[Any]) -> None:
    assert may_help(state) is False


def test_an_unknown_name_lists_the_valid_ones_in_order() -> None:
    error = UsageError.unknown("set", "tz", ["tq", "tc"])
    assert str(error) == "Unknown set 'tz'; choose one of: tc, tq."
    assert (error.exit_code, error.retryable) == (2, False)


@pytest.mark.parametrize("damage", [None, "lost", "changed"])
def test_a_remembered_result_counts_while_its_bytes_are_there(store: Store, damage: str | None) -> None:
    parts = {name: write_part(store, pa.table({"n": [n]})) for n, name in enumerate(["kept", "rejected"])}
    value = {"parts": {name: part.to_json() for name, part in parts.items()}, "sent": {"requests": 1}}
    value = json.loads(json.dumps(value))
    broken: Part = parts["rejected"]
    if damage == "lost":
        store.remove(broken.name)
    elif damage == "changed":
        store.write(broken.name, b"x")
    assert parts_intact(store, value) is (damage is None)
