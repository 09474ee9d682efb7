"""The build flow as users run it, on a real Prefect server: what is kept, what is remembered, what is made anew."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.build import build_silver
from storage.errors import InputError
from storage.silver import SilverSet
from storage.snapshots import SnapshotStore
from storage.squad import read_squad
from storage.store import Store
from tasks.mt.errors import EngineChanged
from tasks.place import Place
from tasks.projection.rules import Rule
from tasks.shards.translating import translate_part
from tasks.source import SHARD_ROWS, file_digest, import_source
from tasks.translation import opened

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]

Build = Callable[..., dict[str, Any]]


@pytest.fixture
def build(corpus: Path, replay: str, tmp_path: Path) -> Build:
    def run(**changes: Any) -> dict[str, Any]:
        given = {
            "languages": ["es"],
            "source": str(corpus),
            "engine": replay,
            "store": str(tmp_path / "store"),
            # What the replayed engine writes is no Spanish.
            "filters": "none",
        }
        return build_silver(**{**given, **changes})

    return run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def files(store: Store, folder: str) -> dict[str, tuple[int, int]]:
    """Every file below a folder of the store: what is written anew is another file (use alone renews the time)."""
    root = store.local_path(folder)
    return {
        str(p.relative_to(root)): (p.stat().st_ino, p.stat().st_size) for p in root.rglob("*") if p.is_file()
    }


def test_every_source_id_is_kept_or_rejected_in_every_set(build: Build, store: Store, corpus: Path) -> None:
    result = build(languages=["es", "de"])
    ids = {example.id for example in read_squad(corpus).examples}
    snapshots = SnapshotStore(store)
    for silver_set, snapshot_id in result["snapshots"].items():
        snapshot = snapshots.find(snapshot_id)
        rows = [row for batch in snapshots.batches(snapshot) for row in batch.to_pylist()]
        assert len({row["id"] for row in rows}) == len(rows) == result["rows"][silver_set]
        for source_id in ids:
            fates = snapshots.fates(snapshot, source_id)
            members = 3 if silver_set == "tall" else 1
            assert len(fates) == 1 + 2 * members
        for row in rows:
            for text, start in zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True):
                assert row["context"][start : start + len(text)] == text


def test_the_sets_hold_what_the_paper_says(build: Build, corpus: Path) -> None:
    rows = build()["rows"]
    english = len(read_squad(corpus).examples)
    assert rows == {"tq": 2 * english, "tc": 2 * english, "tqc": 2 * english, "tall": 4 * english}


def test_the_same_again_sends_nothing_and_writes_nothing(build: Build, store: Store) -> None:
    first = build()
    before = files(store, ".")
    again = build()
    assert first["requests"] > 0
    assert (again["requests"], again["characters_sent"]) == (0, 0)
    assert again["snapshots"] == first["snapshots"]
    assert files(store, ".") == before


def test_operational_settings_recompute_nothing(build: Build, store: Store) -> None:
    first = build()
    before = files(store, ".")
    assert build(workers=7)["snapshots"] == first["snapshots"]
    assert files(store, ".") == before


def test_a_lost_file_of_a_snapshot_is_put_back_alone(build: Build, store: Store) -> None:
    first = build()
    snapshot = SnapshotStore(store).find(first["snapshots"]["tc"])
    lost = store.local_path(snapshot.parts[-1])
    content = lost.read_bytes()
    part = next(p for p in store.local_path("parts").iterdir() if p.samefile(lost))
    before = files(store, ".")
    lost.unlink()
    part.unlink()

    again = build()

    assert again["snapshots"] == first["snapshots"]
    assert again["requests"] == 0
    assert lost.read_bytes() == content
    after = files(store, ".")
    mine = {str(path.relative_to(store.local_path("."))) for path in (lost, part)}
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == mine


def test_a_damaged_file_is_found_and_replaced(build: Build, store: Store) -> None:
    first = build()
    snapshots = SnapshotStore(store)
    snapshot = snapshots.find(first["snapshots"]["tq"])
    store.local_path(snapshot.parts[-1]).write_bytes(b"damaged")
    assert snapshots.faults(snapshot)
    build()
    assert snapshots.faults(snapshot) == []


def test_another_rule_projects_again_and_translates_nothing(build: Build) -> None:
    best, paper = build(), build(projection=Rule.PAPER)
    assert paper["requests"] == 0
    assert paper["snapshots"]["tq"] == best["snapshots"]["tq"]
    for silver_set in ("tc", "tqc", "tall"):
        assert paper["snapshots"][silver_set] != best["snapshots"][silver_set]


def test_another_language_leaves_the_first_alone(build: Build, store: Store) -> None:
    build()
    before = files(store, "parts")
    both = build(languages=["es", "de"])
    after = files(store, "parts")
    assert both["requests"] > 0
    assert {name: after[name] for name in before} == before


def test_only_what_is_asked_for_is_translated(build: Build, corpus: Path) -> None:
    questions = {example.question for example in read_squad(corpus).examples}
    result = build(sets=[SilverSet.TQ])
    assert result["snapshots"].keys() == {"tq"}
    assert result["characters_sent"] < 2 * sum(map(len, questions))


def test_a_missing_translation_is_a_named_rejection(
    build: Build, store: Store, replay: str, tmp_path: Path
) -> None:
    lines = Path(replay.removeprefix("table:")).read_text().splitlines()
    shorter = tmp_path / "shorter.tsv"
    gone = next(line for line in lines[1:] if "<b1>" in line)
    shorter.write_text("\n".join(line for line in lines if line.split("\t")[2] != gone.split("\t")[2]) + "\n")
    result = build(engine=f"table:{shorter}")
    reasons = result["rejected"]["es"]
    assert reasons.keys() == {"not-translated"}
    assert result["rows"]["tc"] == result["rows"]["tqc"] == result["rows"]["tq"] - reasons["not-translated"]


def test_unanswerable_questions_are_set_aside_by_name(
    build: Build, store: Store, corpus: Path, tmp_path: Path
) -> None:
    squad = json.loads(corpus.read_text())
    extra = {"id": "no-answer", "question": "Why not?", "answers": [], "is_impossible": True}
    squad["data"][0]["paragraphs"][0]["qas"].append(extra)
    source = tmp_path / "squad2.json"
    source.write_text(json.dumps(squad))
    result = build(source=str(source))
    snapshots = SnapshotStore(store)
    (fate,) = snapshots.fates(snapshots.find(result["snapshots"]["tq"]), "no-answer")
    assert (fate.kept, fate.reason) == (False, "unanswerable")


def test_snapshots_share_their_english_rows(build: Build, store: Store) -> None:
    result = build()
    snapshots = SnapshotStore(store)
    english = [store.local_path(snapshots.find(i).parts[0]) for i in result["snapshots"].values()]
    assert all(path.samefile(english[0]) for path in english)
    assert set(pq.read_table(english[0])["set"].to_pylist()) == {"en"}


def test_a_completed_table_is_another_engine(build: Build, replay: str, tmp_path: Path) -> None:
    whole = Path(replay.removeprefix("table:"))
    part = tmp_path / "part.tsv"
    part.write_text("".join(whole.read_text().splitlines(keepends=True)[:9]))
    assert build(engine=f"table:{part}")["rejected"]["es"]
    part.write_bytes(whole.read_bytes())
    assert build(engine=f"table:{part}")["rejected"] == {}


def test_a_source_that_is_refused_by_the_import_changes_nothing(build: Build, tmp_path: Path) -> None:
    """No engine is asked, nothing is published: the one named is not even there."""
    source = tmp_path / "squad.json"
    source.write_text('{"data": [')
    with pytest.raises(InputError, match=r"squad\.json: not valid JSON or cut short"):
        build(source=str(source))
    assert not (tmp_path / "store" / "snapshots").exists()


def test_a_source_that_changes_while_it_is_read_is_refused(corpus: Path, tmp_path: Path) -> None:
    source = tmp_path / "squad.json"
    source.write_bytes(corpus.read_bytes())
    digest = file_digest(source)
    source.write_text(source.read_text().replace("the", "teh", 1))
    with pytest.raises(InputError, match="changed while it was read"):
        import_source.fn(str(tmp_path / "store"), str(source), digest, 100)


def test_an_engine_that_changes_while_it_works_is_refused(corpus: Path, replay: str, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    table = tmp_path / "table.tsv"
    table.write_bytes(Path(replay.removeprefix("table:")).read_bytes())
    translator = opened(Place(store.url), {"es": f"table:{table}"}, list)["es"]
    table.write_text(table.read_text().replace("\tLA", "\tEL", 1) + "\n")
    part = import_source.fn(store.url, str(corpus), file_digest(corpus), SHARD_ROWS)["parts"]["00000"]
    given = {
        "store": store.url,
        "memory": "",
        "english": part,
        "kind": "questions",
        "language": "es",
    }
    generation = translator.generation
    with pytest.raises(EngineChanged, match="build again"):
        translate_part(
            **given,
            engine=f"table:{table}",
            generation=generation.id,
            options=generation.options,
            retry_markup=False,
            sentencewise=False,
            workers=None,
            allowance={},
            run="r",
            on_progress=lambda done, total: None,
        )


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that a server on loopback gives out, and its address."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_source_that_changes_on_its_server_is_fetched_again_when_asked_to(
    build: Build, corpus: Path, shelf: tuple[Path, str]
) -> None:
    folder, address = shelf
    squad = json.loads(corpus.read_text())
    url = f"{address}/squad.json"
    (folder / "squad.json").write_text(json.dumps(squad))
    first = build(source=url)
    squad["data"].pop()
    (folder / "squad.json").write_text(json.dumps(squad))
    assert build(source=url)["snapshots"] == first["snapshots"]
    fresh = build(source=url, refresh=True)
    assert fresh["rows"]["tq"] < first["rows"]["tq"]
    assert build(source=url)["snapshots"] == fresh["snapshots"]


def test_questions_rejected_from_several_sets_count_once(build: Build, replay: str, tmp_path: Path) -> None:
    lines = Path(replay.removeprefix("table:")).read_text().splitlines()
    question = next(line for line in lines[1:] if line.startswith("en\tes") and "<b1>" not in line)
    shorter = tmp_path / "shorter.tsv"
    shorter.write_text("\n".join(line for line in lines if line != question) + "\n")
    result = build(engine=f"table:{shorter}", sets=[SilverSet.TQ, SilverSet.TC, SilverSet.TQC])
    assert result["rejected"] == {"es": {"not-translated": 1}}


def test_other_tools_read_a_snapshot_even_where_nothing_was_kept(
    build: Build, store: Store, corpus: Path, tmp_path: Path
) -> None:
    import datasets

    table = tmp_path / "nothing.tsv"
    table.write_text("source\ttarget\ttext\ttranslation\nen\tes\tnothing of it\tnada\n")
    result = build(engine=f"table:{table}")
    snapshot = SnapshotStore(store).find(result["snapshots"]["tall"])
    rows = datasets.load_dataset(
        str(store.local_path(snapshot.folder)), split="train", cache_dir=str(tmp_path / "hf")
    )
    assert len(rows) == len(read_squad(corpus).examples) == result["rows"]["tall"]
