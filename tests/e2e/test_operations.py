"""The engine changes and the silver data follows, on a real Prefect server with a real worker.

A table of translations is exchanged under its name. The watch notices, its event starts the automation, and the
automation the deployment that rebuilds: only the language that changed is translated anew. Then the same with the
outputs of two real engines, where they are at hand.
"""

import json
import re
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType

from flows.automations import put_automation, rebuild_on_change
from flows.rebuild import rebuild_silver
from storage.generations import Generations
from storage.memory import TRANSLATIONS, TranslationMemory
from storage.refs import Refs
from storage.snapshots import SnapshotStore
from storage.store import Store
from tasks.alarms import SUSPICIOUS
from tasks.mt.markup import escape
from tasks.mt.table import TableRow, write_table
from tasks.watching import CHANGED
from tests.e2e.workers import client_of, deployed, ended_run, one_event, placed, runs_of, wait_until, worker
from tests.prefect_server import BIN

pytestmark = pytest.mark.slow

TABLES = Path(__file__).parents[1] / "flows" / "engines"
MT_OUTPUTS = Path(__file__).parents[3] / "shared" / "data" / "mt-outputs"

NEXT = "es-next.tsv"
"""The table that Spanish is exchanged for."""

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Site:
    """A folder with a store, a source, a canary set, and one table for each language that stands for its engine."""

    folder: Path
    server: dict[str, str]
    languages: tuple[str, ...]

    @property
    def store(self) -> Store:
        return Store(str(self.folder / "store"))

    @property
    def engine(self) -> str:
        return ",".join(f"{code}=table:{self.folder}/{code}.tsv" for code in self.languages)

    def order(self) -> dict[str, Any]:
        source = str(self.folder / "squad.json")
        return {"languages": list(self.languages), "source": source, "engine": self.engine, "filters": "none"}

    def run(self, *command: str) -> dict[str, Any]:
        done = subprocess.run(
            [BIN / "silverspan", *command, "--store", self.store.url, "--json"],
            env=placed(self.server),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result

    def silverspan(self, command: str, *options: str) -> dict[str, Any]:
        return self.run(command, "--engine", self.engine, "--languages", ",".join(self.languages), *options)

    def rebuild(self, *options: str) -> dict[str, Any]:
        source = str(self.folder / "squad.json")
        return self.silverspan("rebuild", "--source", source, "--filters", "none", *options)

    def build(self) -> dict[str, Any]:
        return self.rebuild()

    def watch(self) -> dict[str, Any]:
        return self.silverspan("watch", "--canary", str(self.folder / "canary.tsv"))

    def latest(self) -> dict[str, str]:
        return {name: target for name, target in Refs(self.store).all().items() if name.endswith("/latest")}

    def rows(self) -> Rows:
        """The kept rows of the union of all sets, by id."""
        shelf = SnapshotStore(self.store)
        snapshot = shelf.find(self.latest()["squad-tall/latest"])
        return {row["id"]: row for batch in shelf.batches(snapshot) for row in batch.to_pylist()}

    def translations(self) -> Counter[str]:
        """How many translations were paid for, by generation."""
        with TranslationMemory(str(self.folder / "store" / "memory.sqlite")) as memory:
            return Counter(row.generation for row in memory.select(TRANSLATIONS.select()))


def texts(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["question"], row["context"], row["answers"]["text"][0]


def differences(before: Rows, after: Rows, language: str) -> dict[str, int]:
    """Rows gained, lost, changed and left, counted another way than the diff does."""
    old, new = (
        {
            i: texts(row)
            for i, row in rows.items()
            if language in (row["question_language"], row["context_language"])
        }
        for rows in (before, after)
    )
    both = old.keys() & new.keys()
    same = sum(old[i] == new[i] for i in both)
    return {
        "gained": len(new) - len(both),
        "lost": len(old) - len(both),
        "changed": len(both) - same,
        "same": same,
    }


class Hook:
    """A web hook on loopback that keeps what it hears."""

    def __init__(self) -> None:
        heard: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.heard = heard
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def hook() -> Iterator[Hook]:
    started = Hook()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path, server: dict[str, str]) -> Site:
    """Spanish and another language, by tables that `request.param` fills."""
    results = {"PREFECT_LOCAL_STORAGE_PATH": str(tmp_path / "results")}
    return Site(tmp_path, {**server, **results}, request.param(tmp_path))


def committed(folder: Path) -> tuple[str, ...]:
    """Apertium's Spanish and Catalan; then the Spanish of someone who knows it, with an engine's faults."""
    for file in ("squad.json", "canary.tsv", "ca.tsv"):
        shutil.copy(TABLES / file, folder / file)
    shutil.copy(TABLES / "es-before.tsv", folder / "es.tsv")
    shutil.copy(TABLES / "es-after.tsv", folder / NEXT)
    return "es", "ca"


def real(folder: Path) -> tuple[str, ...]:
    """FLORES by Google, then by Microsoft: each sentence is a question, and a context whose answer is a number or name.

    What the engines were given had no tags. They are put around the answer where it stands in the output as it was, and
    are lost elsewhere.
    """
    if not MT_OUTPUTS.is_dir():
        pytest.skip("the outputs are not at hand (../shared/data/mt-outputs)")
    sentences = _lines("source.en.txt")
    answers = [max(re.findall(r"\w*[A-Z0-9]\w*", s), key=len, default=s.split()[0]) for s in sentences]
    asked = list(zip(sentences, answers, strict=True))
    paragraphs = [_paragraph(number, *pair) for number, pair in enumerate(asked)]
    (folder / "squad.json").write_text(json.dumps({"data": [{"title": "FLORES", "paragraphs": paragraphs}]}))
    tables = {"es.tsv": ("es", "google"), NEXT: ("es", "microsoft"), "de.tsv": ("de", "google")}
    for name, (code, engine) in tables.items():
        write_table(folder / name, _table(code, asked, _lines(f"{code}/{engine}.txt")))
    rows = [
        f"{s}\t{r}\t{c}"
        for c in ("es", "de")
        for s, r in zip(sentences, _lines(f"{c}/reference.txt"), strict=True)
    ]
    (folder / "canary.tsv").write_text("\n".join(["text\treference\tlanguage", *rows]) + "\n")
    return "es", "de"


def _lines(name: str) -> list[str]:
    return (MT_OUTPUTS / name).read_text().splitlines()


def _paragraph(number: int, sentence: str, answer: str) -> dict[str, Any]:
    gold = [{"text": answer, "answer_start": sentence.index(answer)}]
    return {"context": sentence, "qas": [{"id": f"flores-{number}", "question": sentence, "answers": gold}]}


def _table(code: str, asked: list[tuple[str, str]], outputs: list[str]) -> list[TableRow]:
    rows = {}
    for (sentence, answer), output in zip(asked, outputs, strict=True):
        rows[escape(sentence)] = escape(output)
        rows[_tagged(sentence, answer)] = _tagged(output, answer)
    return [TableRow("en", code, text, translation) for text, translation in rows.items()]


def _tagged(text: str, answer: str) -> str:
    before, found, after = text.partition(answer)
    return f"{escape(before)}<b1>{escape(found)}</b1>{escape(after)}" if found else escape(text)


@dataclass(frozen=True)
class Standing:
    """What stands ready on the server: the deployment that the automation starts."""

    client: SyncPrefectClient
    deployment: UUID


@pytest.fixture
def standing(site: Site, hook: Hook) -> Iterator[Standing]:
    with ExitStack() as stack:
        client = stack.enter_context(client_of(site.server))
        block = CustomWebhookNotificationBlock(
            name="hook", url=hook.url, json_data={"text": "{{subject}} {{body}}"}
        )
        block.save("hook", overwrite=True)
        stack.enter_context(worker(site.server, client, site.folder / "worker.log"))
        parameters = {
            "order": site.order(),
            "store": site.store.url,
            "notify": "custom-webhook/hook",
        }
        deployment = deployed(rebuild_silver, f"on-change-{site.folder.name}", parameters)
        put_automation(rebuild_on_change(deployment, site.store.url, f"test {site.folder.name}"))
        put_automation(rebuild_on_change(deployment, site.store.url, f"test {site.folder.name}"))
        yield Standing(client, deployment)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("site", [committed, real], indirect=True)
def test_a_changed_engine_has_its_language_translated_anew(
    site: Site, standing: Standing, hook: Hook
) -> None:
    check_change(site, standing)
    check_collapse(site, standing, hook)


def check_change(site: Site, standing: Standing) -> None:
    """Baseline, exchange, watch, event, automation, rebuild, diff."""
    built, first = site.build(), site.watch()
    assert (first["changed"], built["build"]["requests"] > 0) == ([], True)
    assert site.watch()["changed"] == []
    assert runs_of(standing.client, standing.deployment) == []
    rows, latest, paid = site.rows(), site.latest(), site.translations()

    shutil.copy(site.folder / NEXT, site.folder / "es.tsv")
    found = site.watch()
    assert found["changed"] == ["es"]
    run = ended_run(standing.client, standing.deployment, 1)
    assert run.state
    assert run.state.is_completed(), run.state.message
    assert run.parameters["changed"] == ["es"]

    check_event(site, standing.client)
    now, sent = site.latest(), site.translations()
    assert all(now[name] != target for name, target in latest.items())
    (fresh,) = sent.keys() - paid.keys()
    assert fresh == Generations(site.store).list("table", "es")[-1].id
    assert {name: sent[name] for name in paid} == paid
    check_diff(site, rows, latest, now)
    assert site.watch()["changed"] == []


def check_event(site: Site, client: SyncPrefectClient) -> None:
    generations = Generations(site.store).list("table", "es")
    event = one_event(client, CHANGED, site.store.url)
    assert event["resource"]["prefect.resource.id"] == "silverspan.engine.table"
    assert event["payload"] == {
        "engine": "table",
        "languages": ["es"],
        "generations": {"es": {"before": generations[0].id, "after": generations[1].id}},
        "causes": {"es": "options"},
    }


def check_diff(site: Site, before: Rows, latest: dict[str, str], now: dict[str, str]) -> None:
    files = [json.loads(site.store.read(f"diffs/{name}")) for name in site.store.names("diffs")]
    (diff,) = (d for d in files if d["before"] and d["before"] != d["after"])
    assert diff["before"]["squad-tall"] == latest["squad-tall/latest"]
    assert diff["after"]["squad-tall"] == now["squad-tall/latest"]
    after = site.rows()
    for language in site.languages:
        counts = {
            kind: figure if kind == "same" else sum(figure.values())
            for kind, figure in diff["languages"][language].items()
        }
        assert counts == differences(before, after, language)
    others = [code for code in site.languages if code != "es"]
    assert all(diff["languages"][code]["changed"] == {} for code in ["en", *others])
    print({code: diff["languages"][code] for code in site.languages})


def check_collapse(site: Site, standing: Standing, hook: Hook) -> None:
    """An engine that hardly translates contexts any more: nothing moves, and people are told."""
    latest = site.latest()
    lines = (site.folder / "es.tsv").read_text().splitlines(keepends=True)
    (site.folder / "es.tsv").write_text("".join(line for line in lines if "<b1>" not in line))
    assert site.watch()["changed"] == ["es"]
    run = ended_run(standing.client, standing.deployment, 2)
    assert run.state
    assert run.state.is_failed(), run.state
    assert site.latest() == latest
    event = one_event(standing.client, SUSPICIOUS, site.store.url)
    assert re.search(
        r"tc-es: \d+\.\d% of the rows were kept before, 0\.0% are now", event["payload"]["reason"]
    )
    assert any("silverspan: Suspicious rebuild" in heard for heard in hook.heard)
    keys = {artifact.key for artifact in standing.client.read_artifacts()}
    assert {"engine-watch", "silver-diff", "rebuild-alarm"} <= keys


BENCHMARK = (
    "--challenge",
    "--system",
    "zs",
    "--preset",
    "tiny",
    "--benchmark",
    "squad",
    "--data",
    str(TABLES / "squad.json"),
)
"""A toy put to the very questions that it learns: sixty passes answer all of them, one pass next to none."""

GOOD, BAD = ("--epochs", "60"), ("--epochs", "1")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("site", [committed], indirect=True)
def test_a_challenger_takes_the_champions_place_only_where_it_may(site: Site) -> None:
    def challenged(*options: str) -> dict[str, Any]:
        outcome: dict[str, Any] = site.rebuild(*BENCHMARK, *options)["challenge"]
        return outcome

    first = challenged(*GOOD)
    assert (first["promoted"], first["champion"]) == (True, first["challenger"])

    worse = challenged(*BAD)
    assert worse["duel"]["test"]["p_value"] < 0.05
    assert (worse["promoted"], worse["champion"]) == (False, first["champion"])

    equal = challenged(*GOOD, "--seed", "2")
    assert (equal["promoted"], equal["champion"]) == (True, equal["challenger"])
    assert equal["champion"] != first["champion"]

    vetoed = challenged(*GOOD, "--promote", "never")
    assert (vetoed["challenger"], vetoed["champion"]) == (first["champion"], equal["champion"])

    with client_of(site.server) as client:
        for answer, champion in ((False, equal["champion"]), (True, first["champion"])):
            with ThreadPoolExecutor(1) as pool:
                asked = pool.submit(challenged, *GOOD, "--promote", "ask")
                run = wait_until(lambda: paused_run(client), "a run asks a person")
                client.resume_flow_run(run.id, run_input={"promote": answer})
                assert asked.result()["champion"] == champion

    assert site.run("refs", "rollback", "models/champion")["target"] == equal["champion"]


def paused_run(client: SyncPrefectClient) -> FlowRun | None:
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
    return next(iter(client.read_flow_runs(flow_run_filter=FlowRunFilter(state=state))), None)


@pytest.mark.parametrize("site", [committed], indirect=True)
def test_two_rebuilds_at_once_are_one(site: Site) -> None:
    """Two processes: one translates, the other waits for it and finds everything done."""
    site.build()
    before = site.translations()
    shutil.copy(site.folder / NEXT, site.folder / "es.tsv")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: site.rebuild("--changed", "es"), range(2)))
    assert results[0]["build"]["snapshots"] == results[1]["build"]["snapshots"]
    requests = sorted(result["build"]["requests"] for result in results)
    assert requests[0] == 0 < requests[1]
    assert site.latest()["squad-tall/latest"] == results[0]["build"]["snapshots"]["tall"]
    (fresh,) = site.translations().keys() - before.keys()
    texts = len((TABLES / "es-after.tsv").read_text().splitlines()) - 1
    assert site.translations()[fresh] == texts - 1  # one comes back as it was sent, and is refused
    shelf = SnapshotStore(site.store)
    assert not [fault for snapshot in shelf.all() for fault in shelf.faults(snapshot)]
