"""The command line without a run: every mistake is told in one sentence, with its exit code, before anything starts."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.flows import Flow
from prefect.server.api.server import SubprocessASGIServer
from rich.progress import Progress

import flows.cli
from flows.cli import COMMANDS, global_options_last, run
from flows.commands.common import Common, bars, finish, visible
from storage.parts import write_part
from storage.publishing import MANIFEST, publish
from storage.refs import Refs
from storage.silver import SILVER_SCHEMA
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store
from tasks.mt.table import TableRow, write_table
from tasks.progress import tell

Capture = pytest.CaptureFixture[str]

GROUPS = ("snapshots", "models", "refs", "engines")


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No server, no flow; a working folder and an environment that vanish."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("something was started")

    monkeypatch.setattr(SubprocessASGIServer, "start", refuse)
    monkeypatch.setattr(Flow, "__call__", refuse)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.delenv("SILVERSPAN_STORE", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def table(tmp_path: Path) -> str:
    write_table(tmp_path / "t.tsv", [TableRow("en", "es", "red", "rojo")])
    return "table:t.tsv"


@pytest.fixture
def store() -> Store:
    return Store("silverspan-store")


def code_of(*tokens: str) -> int:
    """The exit code, returned or raised in Python's own way of ending a program."""
    try:
        return run(tokens)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


def refused(capsys: Capture, code: int, *tokens: str) -> str:
    """The one sentence on standard error; nothing on standard output, and nothing made."""
    before = sorted(Path().rglob("*"))
    assert code_of(*tokens) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    (sentence,) = told.err.splitlines()
    assert sentence.endswith((".", ". See `silverspan --help`."))
    assert sorted(Path().rglob("*")) == before
    return sentence


def commit_nothing(store: Store) -> Snapshot:
    """A snapshot without a row, as the last of T(Q)."""
    part = write_part(store, SILVER_SCHEMA.empty_table())
    snapshot = SnapshotStore(store).commit("squad-tq", {"en-0": part}, {}, recipe={}, statistics={}, card="")
    Refs(store).set("squad-tq/latest", snapshot.id)
    return snapshot


TRAIN = ("train", "--system", "tq")
LAF = ("train", "--system", "laf-psa-qs-en-all")
QUALITY = ("engines", "quality", "--source", "s.txt", "--target", "t.txt")
SCORE = ("score", "--language", "es", "--gold", "g", "--predictions", "p")


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        (
            ("build", "--languages", "es", "--engine", "gogle"),
            "Unknown engine 'gogle'; choose one of: amazon, apertium,",
        ),
        (
            ("build", "--languages", "es", "--sets", "tq,tz"),
            "Unknown set 'tz'; choose one of: tall, tc, tq, tqc.",
        ),
        (
            ("build", "--languages", "es", "--projection", "x"),
            "Unknown rule 'x'; choose one of: best, paper.",
        ),
        (("build", "--languages", "", "--engine", "{table}"), "add --languages, such as --languages es."),
        (("build", "--languages", "en", "--engine", "{table}"), "English is the source"),
        (
            ("build", "--languages", "xx", "--engine", "{table}"),
            "The engine 'table' cannot translate 'en' into 'xx'; choose a target of: es.",
        ),
        (("build", "--languages", "es,ca", "--engine", "es={table}"), "--engine ca=NAME"),
        (
            ("build", "--languages", "es", "--engine", "{table}", "--runner", "slurm"),
            "Unknown runner 'slurm'; choose one of: dask, dask:ADDRESS, local, local:PROCESSES.",
        ),
        (("train", "--system", "tx"), "Unknown system 'tx'; choose one of: at-en-all, at-en-zh, "),
        ((*TRAIN, "--preset", "huge"), "Unknown preset 'huge'; choose one of: base, tiny."),
        (("train", "--system", "zs", "--languages", "es"), "trains on English alone"),
        ((*TRAIN, "--preset", "tiny", "--encoder", "x"), "tiny preset"),
        ((*TRAIN, "--epochs", "0"), "'epochs'"),
        ((*TRAIN, "--batch-size", "0"), "The field 'batch_size' of the job spec must be at least 1"),
        ((*TRAIN, "--learning-rate", "-1"), "'learning_rate' of the job spec must be a positive number"),
        ((*TRAIN, "--max-batch-tokens", "0"), "'max_batch_tokens'"),
        ((*TRAIN, "--eval-interval", "-1"), "'eval_interval'"),
        ((*TRAIN, "--dev", "glue"), "Unknown benchmark 'glue'; choose one of: mlqa, squad, tydiqa, xquad."),
        ((*TRAIN, "--schedule", "joint"), "The system 'tq' has no schedule; leave it out."),
        ((*LAF, "--schedule", "both"), "Unknown update schedule 'both'; choose one of: faithful, joint."),
        (
            (*LAF, "--question-vector", "max"),
            "Unknown question vector 'max'; choose one of: average, cls, cls-sep.",
        ),
        (("train", "--system", "at-en-zh"), "trains on English and one more language; name exactly one."),
        (("train", "--system", "at-tydiqa", "--languages", "es"), "trains on ar, bn, fi, id, ko, ru, te"),
        (
            ("evaluate", "--benchmark", "glue"),
            "Unknown benchmark 'glue'; choose one of: mlqa, squad, tydiqa, xquad.",
        ),
        (("evaluate", "--benchmark", "mlqa", "--limit", "-1"), "--limit -1 means nothing; give 0 or more."),
        ((*QUALITY, "--language", "es"), "add --engine NAME or --output NAME=FILE."),
        ((*QUALITY, "--output", "mine.txt", "--language", "es"), "names no engine and file; write --output"),
        ((*QUALITY, "--output", "a=x", "--output", "a=y", "--language", "es"), "Two outputs bear one name"),
        ((*QUALITY, "--engine", "a", "--output", "a=x", "--language", "es"), "Two engines bear one name"),
        ((*QUALITY, "--engine", "a"), "does not tell its language; add --language."),
        ((*SCORE, "--metric", "bleu"), "Unknown metric 'bleu'; choose one of: mlqa, squad."),
        (("refs", "set", "latest", "ab"), "'latest' is not a ref; write GROUP/NAME"),
        (("refs", "rollback", "../x"), "is not a ref; write GROUP/NAME"),
    ],
    ids=" ".join,
)
def test_unknown_names_list_the_valid_ones(
    capsys: Capture, table: str, store: Store, tokens: tuple[str, ...], sentence: str
) -> None:
    snapshot = commit_nothing(store)
    given_tokens = tuple(token.format(table=table) for token in tokens)
    if tokens[:2] == ("refs", "set"):
        given_tokens = ("refs", "set", "latest", snapshot.id)
    assert sentence in refused(capsys, 2, *given_tokens)


@pytest.mark.parametrize(
    "tokens",
    [
        ("biuld",),
        ("build",),
        ("build", "--languages"),
        ("build", "--languages", "es", "--wokers", "2"),
        ("build", "--languages", "es", "--workers", "two"),
        ("build", "es"),
        ("train", "--system", "tq", "--seed", "one"),
        ("train",),
        ("ask", "--question", "Who?"),
        ("snapshots", "lsit"),
        ("snapshots", "show"),
        ("snapshots", "gc", "--grace-hours", "soon"),
        ("refs", "set", "models/champion"),
        ("--nonsense", "doctor"),
        ("--store",),
    ],
    ids=" ".join,
)
def test_a_command_that_is_not_understood(capsys: Capture, tokens: tuple[str, ...]) -> None:
    assert refused(capsys, 2, *tokens).endswith("See `silverspan --help`.")


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        (("build", "--languages", "es", "--engine", "{table}", "--source", "none.json"), "none.json"),
        (("build", "--languages", "es", "--engine", "table:none.tsv"), "none.tsv cannot be read"),
        ((*SCORE, "--metric", "mlqa"), "g: cannot be read"),
        (("ask", "--question", "Who?", "--context", "none.txt"), "none.txt: cannot be read"),
        (("snapshots", "show", "3fa9"), "No snapshots have the id '3fa9'"),
        (("snapshots", "verify", "squad-tq/latest"), "No snapshots have the id"),
        (("refs", "set", "models/champion", "3fa9"), "no reader called '3fa9'"),
        (("refs", "rollback", "models/champion"), "nothing to go back to"),
        ((*TRAIN, "--dev", "squad:none.json"), "none.json"),
        ((*TRAIN, "--snapshot", "3fa9"), "No snapshots have the id '3fa9'"),
        (("evaluate", "--benchmark", "mlqa"), "no reader called 'latest'"),
        (("evaluate", "--benchmark", "mlqa", "--model", "./none"), "no reader called './none'"),
        (("evaluate", "--benchmark", "mlqa", "--model", "./a", "--model", "./b"), "no reader called './a'"),
        ((*QUALITY, "--language", "es", "--engine", "a"), "s.txt: cannot be read"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_used_or_is_not_there(
    capsys: Capture, table: str, store: Store, tokens: tuple[str, ...], sentence: str
) -> None:
    if "--dev" in tokens:
        commit_nothing(store)
    assert sentence in refused(capsys, 1, *(token.format(table=table) for token in tokens))


@pytest.mark.parametrize("tokens", [(), ("--help",), ("-h",)])
def test_help_names_every_command(capsys: Capture, tokens: tuple[str, ...]) -> None:
    assert code_of(*tokens) == 0
    told = capsys.readouterr()
    for name in (*COMMANDS, *GROUPS):
        assert name in told.out
    assert told.err == ""


@pytest.mark.parametrize(
    "command",
    [(name,) for name in COMMANDS]
    + [("snapshots", name) for name in ("list", "show", "sample", "verify", "gc")]
    + [("refs", name) for name in ("list", "set", "rollback")]
    + [("engines", "list"), ("models", "list")],
    ids=" ".join,
)
def test_every_command_has_help_with_an_example(capsys: Capture, command: tuple[str, ...]) -> None:
    assert code_of(*command, "--help") == 0
    told = capsys.readouterr().out
    assert f"silverspan {' '.join(command)} " in told.partition("Usage:")[2].partition("\n")[2].replace(
        "\n", " "
    )
    for option in ("--store", "--memory", "--json", "--debug"):
        assert option in told
    assert "--no-" not in told


def test_the_version(capsys: Capture) -> None:
    assert code_of("--version") == 0
    assert capsys.readouterr().out.strip()[0].isdigit()


OPTIONS = st.lists(
    st.sampled_from(
        [("--json",), ("--debug",), ("--store", "s"), ("--memory=m",), ("--store=x y",), ("--memory", "-")]
    )
)
REST = st.lists(st.text(min_size=1, max_size=5).filter(lambda token: not token.startswith("--")), min_size=1)


@given(OPTIONS, REST)
def test_options_before_the_command_move_behind_it(options: list[tuple[str, ...]], rest: list[str]) -> None:
    """Law: nothing is lost or changed, and the command comes first."""
    before = [token for option in options for token in option]
    assert global_options_last([*before, *rest]) == [*rest, *before]
    assert global_options_last([*rest, *before]) == [*rest, *before]


@given(st.lists(st.text(max_size=6) | st.sampled_from(["--json", "--store", "--debug", "build"])))
def test_no_command_line_loses_a_word(tokens: list[str]) -> None:
    """Law: whatever is typed, the same words come out."""
    assert sorted(global_options_last(tokens)) == sorted(tokens)


def result_of(capsys: Capture, *tokens: str) -> dict[str, Any]:
    assert code_of(*tokens) == 0
    told = capsys.readouterr()
    assert told.err == ""
    found: dict[str, Any] = json.loads(told.out.splitlines()[-1])
    return found


def test_global_options_before_and_after_the_command(capsys: Capture) -> None:
    Refs(Store("elsewhere")).set("models/champion", "m1")
    expected = {"refs": {"models/champion": "m1"}}
    for tokens in (
        ("--store", "elsewhere", "--json", "refs", "list"),
        ("--json", "refs", "list", "--store", "elsewhere"),
        ("refs", "list", "--store=elsewhere", "--json"),
        ("--store=elsewhere", "refs", "list", "--json"),
    ):
        assert result_of(capsys, *tokens) == expected, tokens


def test_the_store_of_the_environment(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    Refs(Store("from-environment")).set("models/champion", "m1")
    Refs(Store("named")).set("models/champion", "m2")
    monkeypatch.setenv("SILVERSPAN_STORE", "from-environment")
    assert result_of(capsys, "refs", "list", "--json") == {"refs": {"models/champion": "m1"}}
    assert result_of(capsys, "refs", "list", "--json", "--store", "named") == {
        "refs": {"models/champion": "m2"}
    }


def test_json_is_the_last_line_and_one_object(capsys: Capture) -> None:
    assert result_of(capsys, "snapshots", "list", "--json") == {"snapshots": [], "damaged": []}
    assert result_of(capsys, "snapshots", "gc", "--dry-run", "--json") == {
        "removed": [],
        "bytes": 0,
        "dry_run": True,
    }


def test_for_people_there_are_sentences(capsys: Capture) -> None:
    assert code_of("snapshots", "list") == 0
    assert "holds no snapshot yet" in capsys.readouterr().out


def test_text_of_users_does_not_style_the_terminal(capsys: Capture) -> None:
    assert "[bold]x" in refused(capsys, 1, "snapshots", "show", "[bold]x")


SPANISH = ("--metric", "squad", "--language", "es", "--gold", "gold.json")


@pytest.fixture
def gold(tmp_path: Path) -> None:
    """Two questions whose answer is Ana, and three systems' predictions."""
    context = "Ana wrote."
    qas = [{"id": i, "question": "?", "answers": [{"text": "Ana", "answer_start": 0}]} for i in ("1", "2")]
    content = {"data": [{"title": "", "paragraphs": [{"context": context, "qas": qas}]}]}
    (tmp_path / "gold.json").write_text(json.dumps(content))
    for name, answers in {"a": {"1": "Ana", "2": "Bo", "9": ""}, "b": {"1": ""}, "bad": {"1": 1.5}}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(answers))


@pytest.mark.usefixtures("gold")
def test_score_in_one_object(capsys: Capture) -> None:
    found = result_of(capsys, "score", *SPANISH, "--predictions", "a.json", "--json")
    assert (found["exact_match"], found["f1"], found["total"]) == (50.0, 50.0, 2)
    assert found["faults"]["extra"] == {"count": 1, "ids": ["9"]}


@pytest.mark.usefixtures("gold")
def test_bad_predictions_are_told(capsys: Capture) -> None:
    assert code_of("score", *SPANISH, "--predictions", "b.json") == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "F1 0.00, exact match 0.00 over 2 questions",
        "1 question has no prediction and scores 0: 2",
        "1 prediction is empty: 1",
        "metric:squad|version:1.1|language:es|total:2",
    ]
    sentence = refused(capsys, 1, "score", *SPANISH, "--predictions", "bad.json")
    assert "bad.json: 1 of its predictions are no texts" in sentence


@pytest.mark.usefixtures("gold")
def test_compare_in_one_object(capsys: Capture) -> None:
    found = result_of(capsys, "compare", "--a", "a.json", "--b", "b.json", *SPANISH, "--seed", "3", "--json")
    assert (found["f1"]["a"], found["f1"]["b"], found["f1"]["difference"]) == (50.0, 0.0, 50.0)
    assert (found["f1"]["p_value"], found["exact_match"]["exact"], found["total"]) == (1.0, True, 2)
    assert found["faults"]["b"]["missing"] == {"count": 1, "ids": ["2"]}
    assert found["signature"].endswith(
        "|permutations:10000|interval:bootstrap|level:0.95|samples:2000|seed:3"
    )


@pytest.mark.usefixtures("gold")
def test_compare_for_people(capsys: Capture) -> None:
    assert code_of("compare", "--a", "a.json", "--b", "b.json", *SPANISH) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "F1: a 50.00, b 0.00, a - b +50.00 (95% interval +0.00 to +100.00), p = 1.0000"
    assert told[1].startswith("exact match: a 50.00")
    assert told[2:5] == [
        "a: 1 prediction is for no question here: 9",
        "b: 1 question has no prediction and scores 0: 2",
        "b: 1 prediction is empty: 1",
    ]


@pytest.mark.usefixtures("gold")
@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--permutations", "0"), "--permutations 0 means nothing; give 1 or more."),
        (("--samples", "-1"), "--samples -1 means nothing"),
        (("--seed", "-1"), "--seed -1 means nothing; give 0 or more."),
        (("--metric", "bleu"), "Unknown metric 'bleu'; choose one of: mlqa, squad."),
    ],
)
def test_compare_refuses_what_means_nothing(capsys: Capture, option: tuple[str, str], sentence: str) -> None:
    options = dict(zip(SPANISH[::2], SPANISH[1::2], strict=True)) | {"--a": "a.json", "--b": "b.json"}
    tokens = [part for pair in (options | {option[0]: option[1]}).items() for part in pair]
    assert sentence in refused(capsys, 2, "compare", *tokens)


@pytest.mark.parametrize("error", [ValueError("odd [/] thing"), RuntimeError("")])
def test_a_fault_of_the_program_is_one_sentence_too(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    broken(monkeypatch, error)
    assert code_of("refs", "list") == 1
    told = capsys.readouterr().err
    assert told == f"{type(error).__name__}: {error} (run again with --debug to see where).\n"


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, ValueError("odd"))
    for tokens in (("--debug", "refs", "list"), ("refs", "list", "--debug")):
        with pytest.raises(ValueError, match="odd"):
            run(tokens)


def test_stopping_is_no_fault(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, KeyboardInterrupt())
    assert code_of("refs", "list") == 130
    assert capsys.readouterr().err.startswith("Stopped; what was done is kept")


def broken(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(Refs, "all", fail)


def test_a_context_from_standard_input_must_be_text(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9"), encoding="utf-8"))
    assert "-: cannot be read as UTF-8" in refused(capsys, 1, "ask", "--question", "Who?", "--context", "-")


def test_the_entry_point_ends_with_the_code(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("sys.argv", ["silverspan", "biuld"])
    with pytest.raises(SystemExit) as ended:
        flows.cli.main()
    assert ended.value.code == 2
    assert "biuld" in capsys.readouterr().err


def test_a_context_from_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Ana wrote it."))
    sentence = refused(capsys, 1, "ask", "--question", "-Who?", "--context", "-")
    assert "no reader called 'latest'" in sentence


def test_run_returns_its_code(capsys: Capture) -> None:
    """Nothing but the entry point ends the program."""
    assert run(["refs", "list"]) == 0
    assert run(["--help"]) == 0
    assert run(["--version"]) == 0
    assert capsys.readouterr().err == ""


def test_debug_keeps_the_exit_code(capsys: Capture) -> None:
    assert run(["build", "--languages", "es", "--engine", "gogle", "--debug"]) == 2
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.splitlines()[-1].startswith("Unknown engine 'gogle'")


ESCAPES = "a\x1b[2Jb\x9b1mc\x7f\u202ed\u2066e\ud800"
SHOWN = r"a\x1b[2Jb\x9b1mc\x7f\u202ed\u2066e\ud800"


def test_no_text_steers_the_terminal(capsys: Capture) -> None:
    assert SHOWN in refused(capsys, 1, "snapshots", "show", ESCAPES.replace("/", ""))
    finish(Common(), {}, ESCAPES, "lines\nstay, हिन्दी too")
    assert capsys.readouterr().out == f"{SHOWN}\nlines\nstay, हिन्दी too\n"
    finish(Common(json=True), {"answer": ESCAPES})
    told = capsys.readouterr().out
    assert json.loads(told) == {"answer": ESCAPES}
    assert "\x1b" not in told
    assert told.isascii()


def test_no_name_of_a_step_steers_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []
    add = Progress.add_task
    monkeypatch.setattr(
        Progress, "add_task", lambda self, what, **options: named.append(what) or add(self, what, **options)
    )
    with bars():
        tell(ESCAPES, 1, 2)
    assert named == [SHOWN]


@given(st.text())
def test_visible_text_holds_no_control(text: str) -> None:
    """Law: nothing that steers is left, and text without such things is as it was."""
    found = visible(text)
    assert not any(category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in found)
    assert visible(found) == found


def test_what_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out, encoding="ascii", write_through=True))
    Refs(Store("s")).set("models/champion", "हि")
    assert run(["refs", "list", "--store", "s"]) == 0
    assert rb"\u0939\u093f" in out.getvalue()


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        (("build", "--languages", "es", "--engine", "{table}", "--workers", "0"), "give 1 or more"),
        (("build", "--languages", "../x", "--engine", "{table}"), "is not the code of a language"),
        (("snapshots", "gc", "--grace-hours", "-1"), "--grace-hours -1.0 is no time"),
        (("snapshots", "gc", "--grace-hours", "nan"), "--grace-hours nan is no time"),
        (("refs", "set", "squad-tq/x", ""), "No target was named for 'squad-tq/x'"),
        (("refs", "set", "models/x", ""), "No target was named for 'models/x'"),
        (
            ("refs", "set", "other/x", "{id}"),
            "Unknown group 'other'; choose one of: models, squad-tc, squad-tq.",
        ),
        (("refs", "set", "squad-tc/x", "{id}"), "is of squad-tq, so 'squad-tc/x' cannot name it"),
        (("--store", "gopher://x", "refs", "list"), "'gopher://x' cannot be a store"),
        (("train", "--system", "tq", "--languages", "ca"), "choose one of: es."),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant(
    capsys: Capture, table: str, store: Store, tokens: tuple[str, ...], sentence: str
) -> None:
    part, shelf = write_part(store, SILVER_SCHEMA.empty_table()), SnapshotStore(store)
    recipe = {"engines": {"es": {}}}
    ids = [
        shelf.commit(name, {"en-0": part}, {}, recipe=recipe, statistics={}, card="").id
        for name in ("squad-tq", "squad-tc")
    ]
    Refs(store).set("squad-tq/latest", ids[0])
    assert sentence in refused(capsys, 2, *(token.format(table=table, id=ids[0]) for token in tokens))


def test_a_store_that_is_a_file(capsys: Capture) -> None:
    Path("file").write_text("")
    assert "file is a file; name another" in refused(capsys, 1, "refs", "list", "--store", "file")


def test_a_damaged_snapshot_is_told_beside_the_others(capsys: Capture, store: Store) -> None:
    part = write_part(store, SILVER_SCHEMA.empty_table())
    whole, broken = (
        SnapshotStore(store).commit(name, {"en-0": part}, {}, recipe={}, statistics={}, card="")
        for name in ("squad-tq", "squad-tc")
    )
    store.write(f"{broken.folder}/{MANIFEST}", b"{}")
    assert code_of("snapshots", "list") == 0
    told = capsys.readouterr().out
    assert whole.id in told
    assert f"{broken.folder}/{MANIFEST} is not a manifest; run again what made it." in told
    assert "is not a manifest" in refused(capsys, 1, "snapshots", "verify")


@pytest.mark.parametrize("kind", ["snapshots/squad-tq", "models", "reports"])
def test_the_doctor_finds_what_is_lost_of_anything_published(
    capsys: Capture, store: Store, kind: str
) -> None:
    publish(store, f"{kind}/x1", {"a": b"a", "b": b"b"}, {})
    code_of("doctor", "--json")
    assert findings(capsys)["store"]["well"]
    store.remove(f"{kind}/x1/b")
    assert code_of("doctor", "--json") == 1
    assert f"{kind}/x1/b is missing." in findings(capsys)["store"]["seen"]


def findings(capsys: Capture) -> dict[str, dict[str, Any]]:
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["well"] == all(finding["well"] for finding in found["findings"])
    return {finding["what"]: finding for finding in found["findings"]}


def test_every_flow_keeps_its_result_as_json() -> None:
    """A pickle would be run by whoever reads it."""
    from flows.build import build_silver
    from flows.chain import silver_reader
    from flows.evaluate import evaluate_reader
    from flows.quality import measure_engines
    from flows.train import train_reader

    for flow in (build_silver, silver_reader, evaluate_reader, measure_engines, train_reader):
        assert flow.persist_result
        assert flow.result_serializer == "json"


def test_a_command_line_is_read_without_prefect() -> None:
    """What keeps Prefect quiet is set before it is imported; and help need not wait for it."""
    program = "import sys, flows.cli; sys.exit('prefect' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
