"""`silverspan snapshots sample`: a sheet written, marked and read back."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from flows.cli import run
from storage.examples import Answer, Example
from storage.parts import write_part
from storage.refs import Refs
from storage.silver import Reason, SilverSet
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store
from tasks.projection.contexts import AnsweredContext
from tasks.projection.sets import Label, assemble, english_rows

Capture = pytest.CaptureFixture[str]

QUESTIONS = 60
METHODS = ("exact", "cover", "verbatim")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def examples() -> list[Example]:
    return [
        Example(f"q.{i}", "T", f"=cmd{i}", f"the red car {i}", (Answer("red", 4),)) for i in range(QUESTIONS)
    ]


def projections() -> dict[str, AnsweredContext]:
    """One of four rejected; an answer that a spreadsheet would take for a formula."""
    return {
        e.id: AnsweredContext("", (), "", 0.0, Reason.TAGS_SPLIT, "2 pieces")
        if i % 4 == 0
        else AnsweredContext(f"@el -rojo {i}", (Answer("-rojo", 4),), METHODS[i % 3], 1.0 if i % 2 else 0.6)
        for i, e in enumerate(examples())
    }


@pytest.fixture
def snapshot() -> Snapshot:
    """T(C) and T(Q+C) in two languages, with the English rows."""
    store, types = Store("silverspan-store"), ["what"] * QUESTIONS
    kept = {"en-00000": write_part(store, english_rows(examples(), types))}
    rejected = {}
    questions = {e.question: "¿?" for e in examples()[1:]}
    for silver_set in (SilverSet.TC, SilverSet.TQC, SilverSet.TQ):
        for language in ("es", "hi"):
            rows = assemble(Label(silver_set, language, "e"), examples(), types, questions, projections())
            kept[f"{silver_set}-{language}-00000"] = write_part(store, rows.kept)
            rejected[f"{silver_set}-{language}-00000"] = write_part(store, rows.rejected)
    found = SnapshotStore(store).commit("squad-tall", kept, rejected, recipe={}, statistics={}, card="")
    Refs(store).set("squad-tall/latest", found.id)
    return found


def result_of(capsys: Capture, *tokens: str) -> dict[str, Any]:
    assert run([*tokens, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def sheet(file: str = "s.csv") -> list[dict[str, str]]:
    with Path(file).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def mark(rows: list[dict[str, str]], file: str = "s.csv") -> None:
    with Path(file).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def refused(capsys: Capture, code: int, *tokens: str) -> str:
    """The sentence on standard error, behind the bar of what was done before."""
    assert run(tokens) == code
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    sentence = told.err.splitlines()[-1]
    assert (told.out, sentence[-1]) == ("", ".")
    return sentence


SAMPLE = ("snapshots", "sample")


def test_a_sample_holds_every_stratum(capsys: Capture, snapshot: Snapshot) -> None:
    found = result_of(capsys, *SAMPLE, "squad-tall/latest", "--rows", "40", "--out", "s.csv")
    rows = [row for row in sheet() if row["row"]]
    assert (found["snapshot"], found["path"], found["rows"]) == (snapshot.id, "s.csv", 40)
    strata = {(row["language"], row["rung"], row["band"]): 0 for row in rows}
    assert len(strata) == 2 * (3 * 2 + 1)
    for row in rows:
        strata[row["language"], row["rung"], row["band"]] += 1
        assert row["verdict"] == ""
        assert row["row"].split(".")[2] == "tc"
        assert (row["english_question"], row["english_context"][:14]) == (
            f"'=cmd{row['row'].split('.')[1]}",
            "the 【red】 car ",
        )
        if row["rung"] == "rejected":
            assert (row["band"], row["detail"], row["context"]) == ("tags-split", "2 pieces", "")
            assert row["rows_in_stratum"] == "15"
        else:
            assert (row["answer"], row["context"][:13]) == ("'-rojo", "'@el 【-rojo】 ")
    assert found["strata"] == [
        {"language": key[0], "rung": key[1], "band": key[2], "rows": count}
        for key, count in sorted(strata.items())
    ]
    sizes = {(row["language"], row["rung"], row["band"]): int(row["rows_in_stratum"]) for row in rows}
    assert sum(sizes.values()) == 2 * QUESTIONS
    assert "y = right" in sheet()[0]["legend"]


def test_the_same_seed_draws_the_same_rows(capsys: Capture, snapshot: Snapshot) -> None:
    for file, seed in (("a.csv", "0"), ("b.csv", "0"), ("c.csv", "1")):
        result_of(capsys, *SAMPLE, snapshot.id, "--rows", "20", "--out", file, "--seed", seed)
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes() != Path("c.csv").read_bytes()


def test_more_rows_than_there_are(capsys: Capture, snapshot: Snapshot) -> None:
    found = result_of(capsys, *SAMPLE, snapshot.id, "--rows", "9999", "--out", "s.csv")
    assert found["rows"] == 2 * QUESTIONS == len({row["row"] for row in sheet() if row["row"]})


def test_marks_come_back_as_precisions(capsys: Capture, snapshot: Snapshot) -> None:
    """Everything marked: the figures are those of the verdicts, whatever the strata."""
    result_of(capsys, *SAMPLE, snapshot.id, "--rows", "9999", "--out", "s.csv")
    rows = sheet()
    for row in rows:
        if row["row"]:
            row["verdict"] = "n" if row["rung"] == "cover" and row["band"] == "0.50-0.80" else "Y"
    rows[0]["verdict"], rows[1]["verdict"] = "?", ""
    mark(rows)
    found = result_of(capsys, *SAMPLE, "--read", "s.csv")
    assert set(found["rungs"]) == set(METHODS)
    assert found["rungs"]["exact"]["precision"] == found["rungs"]["verbatim"]["precision"] == 1.0
    assert found["rungs"]["cover"]["precision"] == pytest.approx(2 / 3)
    assert found["overall"]["rows"] == 2 * 45
    assert (found["unsure"], found["not_looked_at"]) == (1, 1)
    assert found["rejected"]["tags-split"]["rows"] == 30
    assert run([*SAMPLE, "--read", "s.csv"]) == 0
    told = capsys.readouterr().out
    assert "overall" in told
    assert "1 unsure and 1 not looked at are left out" in told


def test_verdicts_are_never_overwritten(capsys: Capture, snapshot: Snapshot) -> None:
    Path("s.csv").write_text("mine")
    sentence = refused(capsys, 2, *SAMPLE, snapshot.id, "--out", "s.csv")
    assert sentence == "s.csv is there and may hold verdicts; name another file."
    assert Path("s.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("tokens", "code", "sentence"),
    [
        ((), 2, "Name a snapshot and --out FILE"),
        (("{id}",), 2, "Name a snapshot and --out FILE"),
        (("--out", "s.csv"), 2, "Name a snapshot and --out FILE"),
        (("{id}", "--read", "s.csv"), 2, "Name a snapshot and --out FILE"),
        (("{id}", "--out", "s.csv", "--read", "s.csv"), 2, "Name a snapshot and --out FILE"),
        (("{id}", "--out", "s.csv", "--rows", "0"), 2, "--rows 0 is no sample"),
        (("{id}", "--out", "none/s.csv"), 1, "none/s.csv: cannot be written"),
        (("3fa9", "--out", "s.csv"), 1, "No snapshots have the id '3fa9'"),
        (("--read", "none.csv"), 1, "none.csv: cannot be read"),
    ],
)
def test_what_cannot_be_meant(
    capsys: Capture, snapshot: Snapshot, tokens: tuple[str, ...], code: int, sentence: str
) -> None:
    given = [token.format(id=snapshot.id) for token in tokens]
    assert sentence in refused(capsys, code, *SAMPLE, *given)
    assert not Path("s.csv").exists()


def test_a_sheet_without_verdicts(capsys: Capture, snapshot: Snapshot) -> None:
    result_of(capsys, *SAMPLE, snapshot.id, "--out", "s.csv")
    assert "s.csv holds no verdict yet" in refused(capsys, 1, *SAMPLE, "--read", "s.csv")


def test_a_snapshot_without_projections(capsys: Capture) -> None:
    store = Store("silverspan-store")
    part = write_part(store, english_rows(examples(), ["what"] * QUESTIONS))
    found = SnapshotStore(store).commit("squad-tq", {"en-0": part}, {}, recipe={}, statistics={}, card="")
    assert "has no translated contexts" in refused(capsys, 2, *SAMPLE, found.id, "--out", "s.csv")


def test_a_damaged_snapshot(capsys: Capture, snapshot: Snapshot) -> None:
    Store("silverspan-store").write(snapshot.rejected_parts[0], b"PAR1")
    assert "is missing or damaged" in refused(capsys, 1, *SAMPLE, snapshot.id, "--out", "s.csv")
    assert not Path("s.csv").exists()
