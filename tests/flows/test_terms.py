"""Plans, budgets, reasons and keys, as users meet them: on a real Prefect server where a build runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows import cli
from flows.build import build_silver
from flows.parameters import sample_examples
from storage.generations import Generations
from storage.silver import SilverSet
from storage.snapshots import SnapshotStore
from storage.squad import read_squad
from storage.store import Store
from tasks.keys import find_key, keys_of_this_step
from tasks.mt.errors import BudgetSpent
from tasks.mt.markup import Markup
from tasks.mt.table import TableRow, write_table
from tasks.place import Place
from tasks.projection.again import SecondTry
from tasks.projection.contexts import mark_contexts
from tasks.projection.marking import plain as escaped
from tasks.projection.segments import Kind, segments
from tasks.projection.ways import single_copies
from tests.tasks.test_encoders import saved


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
    assert "in all, canary sets apart: " in shown
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


@pytest.mark.parametrize("form", ["twice", "brackets"])
@pytest.mark.parametrize("command", ["plan", "build"])
def test_a_second_try_that_cannot_be_is_bad_usage(
    command: str, form: str, corpus: Path, replay: str, store: str
) -> None:
    """No such form, or a style that the engine is not sent."""
    tokens = [command, "--source", str(corpus), "--languages", "es", "--engine", replay, "--store", store]
    assert run([*tokens, f"--second-try={form}"]) == 2
    assert not Path(store).exists()


def test_a_back_translation_that_nothing_looks_at_is_bad_usage(
    capsys: pytest.CaptureFixture[str], corpus: Path, replay: str, store: str
) -> None:
    tokens = ["build", "--source", str(corpus), "--languages", "es", "--engine", replay, "--store", store]
    assert run([*tokens, "--back-translation", replay, "--filters", "none"]) == 2
    assert "back=on" in capsys.readouterr().err
    assert not Path(store).exists()


def test_a_plan_tells_of_second_tries_and_of_answers_translated_back(
    capsys: pytest.CaptureFixture[str], corpus: Path, store: str
) -> None:
    tokens = ["plan", "--source", str(corpus), "--languages", "es", "--engine", "google", "--store", store]
    tokens += ["--second-try", "brackets", "--back-translation", "deepl"]
    plan = said(capsys, *tokens)["languages"]["es"]
    examples = read_squad(corpus).examples
    answers = {answer.text for e in examples for answer in e.answers}
    assert plan["back_translation"]["segments_about"] == len(answers)
    assert plan["second_try"]["segments"] == len(segments(examples, Kind.CONTEXTS, Markup.BRACKETS))
    assert plan["second_try"]["requests"] == 0
    assert plan["second_try"]["at_most"]["requests"] > 0
    assert plan["canary"]["segments"] == 400
    assert run(tokens) == 0
    shown = capsys.readouterr().out
    assert "second try: at most" in shown
    assert "back by deepl: about" in shown


@pytest.mark.parametrize("aligner", ["neural", "neural=", "best"])
def test_an_aligner_that_is_none_is_bad_usage(aligner: str, corpus: Path, replay: str, store: str) -> None:
    tokens = ["build", "--source", str(corpus), "--languages", "es", "--engine", replay, "--store", store]
    assert run([*tokens, "--aligner", aligner]) == 2
    assert not Path(store).exists()


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

    def test_a_second_try_brings_lost_answers_back_and_costs_nothing_again(
        self, corpus: Path, store: str, tmp_path: Path
    ) -> None:
        """The first tag of each context is lost, unless it stands there alone."""
        examples = read_squad(corpus).examples
        contexts = list(mark_contexts(examples, Markup.HTML))
        shown = {m.text: capitals(m.text.replace("<b1>", "").replace("</b1>", "")) for m in contexts}
        shown |= {copy.text: capitals(copy.text) for m in contexts for copy in single_copies(m)}
        shown |= {text: capitals(text) for text in segments(examples, Kind.QUESTIONS, Markup.HTML)}
        path = tmp_path / "lost.tsv"
        write_table(path, [TableRow("en", "es", text, made) for text, made in shown.items()])
        given: dict[str, Any] = {
            "languages": ["es"],
            "source": str(corpus),
            "engine": f"table:{path}",
            "filters": "none",
            "store": store,
        }
        plain, tried = build_silver(**given), build_silver(**given, second_try=SecondTry.SINGLE)
        lost = sum(len(marked.spans) > 1 for marked in contexts)
        assert tried["requests"] > 0
        assert tried["snapshots"]["tq"] == plain["snapshots"]["tq"]
        assert tried["snapshots"]["tc"] != plain["snapshots"]["tc"]
        assert lost > 0
        methods = {row["method"] for row in self.rows(store, tried["snapshots"]["tc"])}
        assert methods == {"exact", "unchanged"}
        assert build_silver(**given, second_try=SecondTry.SINGLE)["requests"] == 0

    def test_answers_translated_back_weigh_rows_through_the_memory(
        self, corpus: Path, replay: str, store: str, tmp_path: Path
    ) -> None:
        """Of every second answer nothing comes back but another word."""
        examples = read_squad(corpus).examples
        answers = sorted({answer.text for e in examples for answer in e.answers})
        back = {
            escaped(a.upper()): "something else" if place % 2 else escaped(a)
            for place, a in enumerate(answers)
        }
        path = tmp_path / "back.tsv"
        write_table(path, [TableRow("es", "en", text, made) for text, made in sorted(back.items())])
        given: dict[str, Any] = {"languages": ["es"], "source": str(corpus), "engine": replay, "store": store}
        plain = build_silver(**given, filters="none,back=0.5")
        judged = build_silver(**given, filters="none,back=0.5", back_translation=f"table:{path}")
        dropped = build_silver(**given, filters="none,back=on", back_translation=f"table:{path}")
        assert judged["characters_sent"] > 0
        assert dropped["characters_sent"] == 0
        assert judged["snapshots"]["tq"] == plain["snapshots"]["tq"]
        before, after = (
            {row["source_id"]: row for row in self.rows(store, one["snapshots"]["tc"])}
            for one in (plain, judged)
        )
        weaker = {i for i, row in after.items() if row["confidence"] < before[i]["confidence"]}
        odd = {e.id for e in examples if answers.index(e.answers[0].text) % 2}
        assert weaker == odd
        assert dropped["rejected"]["es"]["back-translation"] > 0

    def test_a_neural_aligner_is_pinned_by_the_content_of_its_encoder(
        self, corpus: Path, store: str, tmp_path: Path
    ) -> None:
        """No tag comes back, so that every answer is the aligner's to find."""
        examples = read_squad(corpus).examples
        rows = [
            TableRow("en", "es", m.text, capitals(m.text.replace("<b1>", "")))
            for m in mark_contexts(examples, Markup.HTML)
        ]
        path = tmp_path / "lost.tsv"
        write_table(path, rows)
        encoders = tmp_path / "one", tmp_path / "other"
        for seed, folder in enumerate(encoders):
            saved(folder, seed)
        given: dict[str, Any] = {
            "languages": ["es"],
            "source": str(corpus),
            "sets": [SilverSet.TC],
            "engine": f"table:{path}",
            "filters": "none",
            "store": store,
        }
        one, other = (build_silver(**given, aligner=f"neural={folder}") for folder in encoders)
        assert one["snapshots"] != other["snapshots"]
        assert "aligned" in {row["method"] for row in self.rows(store, one["snapshots"]["tc"])}
        moved = tmp_path / "moved"
        encoders[0].rename(moved)
        assert build_silver(**given, aligner=f"neural={moved}")["snapshots"] == one["snapshots"]

    def rows(self, store: str, snapshot: str) -> list[dict[str, Any]]:
        shelf = SnapshotStore(Store(store))
        return [row for batch in shelf.batches(shelf.find(snapshot)) for row in batch.to_pylist()]

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
