"""Plans, budgets, reasons and keys, as users meet them: on a real Prefect server where a build runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows import cli
from flows.build import build_silver
from flows.parameters import sample_examples
from storage.generations import Generations
from storage.snapshots import SnapshotStore
from storage.squad import read_squad
from storage.store import Store
from tasks.keys import find_key, keys_of_this_step
from tasks.mt.errors import BudgetSpent
from tasks.mt.markup import Markup
from tasks.mt.table import TableRow, write_table
from tasks.place import Place
from tasks.projection.segments import Kind, segments


def run(tokens: list[str]) -> int:
    """A command's exit code, however it ends."""
    try:
        return cli.run(tokens)
    except SystemExit as end:
        return int(end.code or 0)


def said(capsys: pytest.CaptureFixture[str], *tokens: str) -> dict[str, Any]:
    """What a command answers as JSON."""
    assert run([*tokens, "--json"]) == 0, capsys.readouterr().err
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def test_a_plan_needs_no_key_no_server_and_no_store(
    capsys: pytest.CaptureFixture[str], corpus: Path, store: str
) -> None:
    plan = said(
        capsys, "plan", "--source", str(corpus), "--languages", "es,de", "--engine", "deepl", "--store", store
    )
    examples = read_squad(corpus).examples
    for language in ("es", "de"):
        found = plan["languages"][language]
        assert found["questions"]["segments"] == len(segments(examples, Kind.QUESTIONS, Markup.HTML))
        assert found["canary"]["segments"] == 200
        assert found["price"] > 0
    assert plan["requests"] == sum(plan["languages"][language]["requests"] for language in ("es", "de"))
    assert not Path(store).exists()


def test_a_plan_for_people(capsys: pytest.CaptureFixture[str], corpus: Path, replay: str, store: str) -> None:
    tokens = ["plan", "--source", str(corpus), "--languages", "es", "--engine", replay, "--store", store]
    assert run([*tokens, "--retry-markup"]) == 0
    shown = capsys.readouterr().out
    assert "in all: " in shown
    assert "at most " in shown
    assert "0.00 USD" in shown


def test_a_memory_goes_out_and_in(capsys: pytest.CaptureFixture[str], tmp_path: Path, store: str) -> None:
    file = str(tmp_path / "memory.parquet")
    with Place(store).memory() as memory:
        memory.of("g", "en", "es").add([("one", "uno")])
    assert said(capsys, "memory", "export", file, "--store", store)["rows"] == 1
    other = str(tmp_path / "other.sqlite")
    assert said(capsys, "memory", "import", file, "--memory", other)["rows"] == 1
    with Place(store, other).memory() as memory:
        assert memory.of("g", "en", "es").lookup(["one"]) == {"one": "uno"}
    assert run(["memory", "import", str(tmp_path / "missing"), "--store", store]) == 1


@pytest.mark.parametrize("budget", ["much", "-1", "5EUR"])
def test_a_budget_that_is_none_is_bad_usage(budget: str, corpus: Path, replay: str, store: str) -> None:
    tokens = ["build", "--source", str(corpus), "--languages", "es", "--engine", replay, "--store", store]
    assert run([*tokens, f"--budget={budget}"]) == 2
    assert not Path(store).exists()


def test_a_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "s3cr3t")
    keys = keys_of_this_step()
    assert keys("SOME_API_KEY") == "s3cr3t"
    monkeypatch.setenv("SOME_API_KEY", "another")
    assert (keys("SOME_API_KEY"), find_key("SOME_API_KEY")) == ("s3cr3t", "another")


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect")
class TestOnAServer:
    def test_a_key_comes_from_a_secret_block(self) -> None:
        from prefect.blocks.system import Secret

        Secret(value="from a block").save("silverspan-test-key", overwrite=True)  # type: ignore[unused-coroutine]
        assert find_key("SILVERSPAN_TEST_KEY") == "from a block"
        assert find_key("SILVERSPAN_TEST_KEY_THAT_IS_NOT") is None

    def test_a_build_sends_what_was_planned_and_stops_at_its_budget(
        self, capsys: pytest.CaptureFixture[str], corpus: Path, replay: str, store: str
    ) -> None:
        given: dict[str, Any] = {
            "languages": ["es", "de"],
            "source": str(corpus),
            "engine": replay,
            "store": store,
        }
        tokens = [
            "plan",
            "--source",
            str(corpus),
            "--languages",
            "es,de",
            "--engine",
            replay,
            "--store",
            store,
        ]
        plan = said(capsys, *tokens)
        with pytest.raises(BudgetSpent, match="would pass the budget"):
            build_silver(**given, budget=str(plan["characters_sent"] - 1))
        left = said(capsys, *tokens)
        assert 0 < left["requests"] < plan["requests"]
        built = build_silver(**given, budget=str(plan["characters_sent"]))
        assert (built["requests"], built["characters_sent"]) == (left["requests"], left["characters_sent"])
        again = build_silver(**given, budget="0")
        assert (again["requests"], again["snapshots"]) == (0, built["snapshots"])

    def test_the_reason_of_a_lost_row_reaches_the_snapshot(
        self, corpus: Path, store: str, tmp_path: Path
    ) -> None:
        """A table with a copied question, a truncated context and one that it lacks."""
        examples = read_squad(corpus).examples
        engine = f"table:{self.damaged(examples, tmp_path)}"
        result = build_silver(
            languages=["es"], source=str(corpus), engine=engine, filters="none", store=store
        )
        snapshots = SnapshotStore(Store(store))
        assert set(result["rejected"]["es"]) == {"copied", "truncated", "not-translated"}
        fates = [snapshots.fates(snapshots.find(result["snapshots"]["tqc"]), e.id) for e in examples]
        # The copied question stands on the truncated context, whose reason comes first in T(Q+C).
        assert {"truncated", "not-translated"} == {
            str(fate.reason).partition(":")[0] for some in fates for fate in some if not fate.kept
        }

    def test_retry_markup_brings_rows_back(self, corpus: Path, store: str, tmp_path: Path) -> None:
        """The table has the sentences of the context that was truncated, and of no other."""
        examples = read_squad(corpus).examples
        engine = f"table:{self.damaged(examples, tmp_path, with_sentences=True)}"
        given: dict[str, Any] = {
            "languages": ["es"],
            "source": str(corpus),
            "engine": engine,
            "filters": "none",
            "store": store,
        }
        plain, retried = build_silver(**given), build_silver(**given, retry_markup=True)
        assert plain["rejected"]["es"]["truncated"] > 0
        assert "truncated" not in retried["rejected"]["es"]
        assert retried["rows"]["tc"] == plain["rows"]["tc"] + plain["rejected"]["es"]["truncated"]
        assert retried["snapshots"]["tq"] == plain["snapshots"]["tq"]
        assert build_silver(**given, retry_markup=True)["requests"] == 0

    def test_the_real_engine_opens_its_generation_with_a_canary(self, corpus: Path, store: str) -> None:
        from tasks.mt.apertium import Apertium

        try:
            Apertium().identity("en", "es")
        except Exception as error:
            pytest.skip(str(error))
        result = build_silver(languages=["es"], source=str(corpus), engine="apertium", store=store)
        (generation,) = Generations(Store(store)).list("apertium", "es")
        answers = Generations(Store(store)).canary(generation)
        assert answers is not None
        assert answers.num_rows == 200
        assert result["canary"]["characters_sent"] >= sum(map(len, answers["text"].to_pylist()))
        assert len(sample_examples()) > 200
        assert (
            build_silver(languages=["es"], source=str(corpus), engine="apertium", store=store)["requests"]
            == 0
        )

    def damaged(self, examples: list[Any], folder: Path, *, with_sentences: bool = False) -> Path:
        from tasks.mt.sentences import sentences

        questions = segments(examples, Kind.QUESTIONS, Markup.HTML)
        contexts = segments(examples, Kind.CONTEXTS, Markup.HTML)
        shown = {text: capitals(text) for text in [*questions, *contexts]}
        shown[questions[0]] = questions[0]
        shown[contexts[0]] = contexts[0][:40]
        del shown[contexts[1]]
        if with_sentences:
            shown.update({s.strip(): capitals(s.strip()) for s in sentences(contexts[0], Markup.HTML)})
        path = folder / "damaged.tsv"
        write_table(path, [TableRow("en", "es", text, made) for text, made in shown.items()])
        return path


def capitals(text: str) -> str:
    """In capitals, except for tags and entities."""
    import re

    pieces = re.split(r"(</?b\d+>|&#?\w+;)", text)
    return "".join(piece if i % 2 else piece.upper() for i, piece in enumerate(pieces))
