"""Watch and rebuild as flows, on a real Prefect server: what is translated anew, and what stays where it was."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

from flows.build import build_silver
from flows.orders import Challenge, SilverOrder
from flows.rebuild import rebuild_silver
from flows.watch import watch_engine
from storage.errors import UsageError
from storage.generations import Generations, Probed
from storage.refs import Refs
from storage.silver import SilverSet
from storage.store import Store
from tasks.mt.errors import KeyRefused, UnknownPair
from tasks.rebuilding import SuspiciousRebuild, generations_of, snapshots_of

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]

TABLES = Path(__file__).parent / "engines"
LANGUAGES = ["es", "ca"]


@dataclass(frozen=True)
class Site:
    """A store, and a table for each language."""

    folder: Path

    @property
    def engine(self) -> str:
        return ",".join(f"{code}=table:{self.folder}/{code}.tsv" for code in LANGUAGES)

    @property
    def store(self) -> Store:
        return Store(str(self.folder / "store"))

    def give(self, code: str, table: str) -> None:
        shutil.copy(TABLES / f"{table}.tsv", self.folder / f"{code}.tsv")

    def cut(self, code: str, mark: str) -> None:
        """An engine that has no translation of some texts any more."""
        path = self.folder / f"{code}.tsv"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if mark not in line))

    def rebuild(self, **changes: Any) -> dict[str, Any]:
        order = SilverOrder(
            languages=LANGUAGES,
            source=str(TABLES / "squad.json"),
            sets=[SilverSet.TQ, SilverSet.TC],
            engine=self.engine,
            filters="none",
        )
        result: dict[str, Any] = rebuild_silver(**{"order": order, "store": self.store.url, **changes})
        return result

    def watch(self, **changes: Any) -> dict[str, Any]:
        given = {"languages": LANGUAGES, "engine": self.engine, "store": self.store.url}
        result: dict[str, Any] = watch_engine(**{**given, "canary": str(TABLES / "canary.tsv"), **changes})
        return result


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.give("es", "es-before")
    made.give("ca", "ca")
    return made


def shown(key: str) -> str:
    """The newest artifact of that key."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    return str(max(found, key=lambda artifact: str(artifact.created)).data)


def test_a_watch_tells_of_the_change_once_and_shows_it(site: Site) -> None:
    site.rebuild()
    assert site.watch()["changed"] == []
    site.give("es", "es-after")
    found = site.watch()
    assert found["changed"] == ["es"]
    (spanish,) = (finding for finding in found["findings"] if finding["language"] == "es")
    assert spanish["drift"]["compared"] == spanish["drift"]["changed"] == 17
    figures = spanish["quality"]
    assert figures["after"]["bleu"]["score"] > figures["before"]["bleu"]["score"]
    assert figures["after"]["chrf"]["p_value"] < 0.05
    page = shown("engine-watch")
    assert "changed\\: options" in page
    assert "## Most changed: es" in page
    assert "¿Dónde puso el rey Juan su sello<br>en la carta\\?" in page
    assert site.watch()["changed"] == []


def test_a_language_that_cannot_be_watched_does_not_hide_the_change_of_another(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent to a service without its key; what was found of the other language is told all the same."""
    monkeypatch.delenv("DEEPL_API_KEY", raising=False)
    site.watch()
    site.give("es", "es-after")
    engines = f"es=table:{site.folder}/es.tsv,de=deepl"
    with pytest.raises(KeyRefused, match="DEEPL_API_KEY"):
        site.watch(languages=["es", "de"], engine=engines)
    page = shown("engine-watch")
    assert "changed\\: options" in page
    assert "## Not watched" in page
    assert Generations(site.store).list("deepl", "de") == []
    assert site.watch()["changed"] == []


def test_only_the_named_language_is_translated_anew(site: Site) -> None:
    """Both engines have changed, Catalan's without another table: it stays with its generation until it is named."""
    first = site.rebuild()
    site.give("es", "es-after")
    generations = Generations(site.store)
    (before,) = generations.list("table", "ca")
    after = generations.succeeded(before, Probed(before.version))
    second = site.rebuild(changed=["es"])
    assert written_by(site, second)["ca"] == before.id
    languages = second["diff"]["languages"]
    assert (languages["ca"]["same"], languages["ca"]["lost"], languages["ca"]["changed"]) == (42, {}, {})
    assert sum(languages["es"]["changed"].values()) == 41
    assert languages["es"]["lost"] == {"copied": 1}
    assert first["build"]["snapshots"] != second["build"]["snapshots"]
    page = shown("silver-diff")
    assert "| es | 0 | 0 | 1 | 41 |" in page
    for built in (first, second):
        assert f"[{built['build']['snapshots']['tc']}](../artifact/" in page
    third = site.rebuild(changed=["es"])
    assert (third["build"]["requests"], third["build"]["snapshots"]) == (0, second["build"]["snapshots"])
    assert written_by(site, site.rebuild(changed=["ca"]))["ca"] == after.id


def written_by(site: Site, rebuilt: dict[str, Any]) -> dict[str, str]:
    """The generation of each language in what a rebuild made."""
    return generations_of(site.store, snapshots_of(site.store, rebuilt["build"]["snapshots"].values()))


def test_a_language_whose_table_was_exchanged_is_translated_anew_though_another_was_named(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its generation is over: nobody could finish what it began, on a worker without the results of the first build."""
    site.rebuild()
    site.give("es", "es-after")
    site.cut("ca", "Gutenberg")
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: site.folder / "elsewhere"}):
        again = site.rebuild(changed=["es"], max_loss=1.0)
    assert set(again["diff"]["languages"]["ca"]["lost"]) == {"not-translated"}
    assert [g.id for g in Generations(site.store).list("table", "ca")][1:] == [written_by(site, again)["ca"]]


def test_a_language_of_another_order_changes_nothing(site: Site) -> None:
    first = site.rebuild()
    again = site.rebuild(changed=["zh"])
    assert (again["build"]["requests"], again["build"]["snapshots"]) == (0, first["build"]["snapshots"])


def test_a_suspicious_rebuild_leaves_the_refs_and_can_be_accepted(site: Site) -> None:
    site.rebuild()
    refs = Refs(site.store).all()
    site.cut("es", "<b2>")
    with pytest.raises(SuspiciousRebuild, match=r"tc-es: 100\.0% .* silverspan refs set squad-tq/latest"):
        site.rebuild()
    assert Refs(site.store).all() == refs
    page = shown("rebuild-alarm")
    assert "- tc\\-es\\: 100\\.0\\%" in page
    assert f"--store {site.store.url}" in page
    accepted = site.rebuild(max_loss=1.0)
    assert Refs(site.store).get("squad-tc/latest") == accepted["build"]["snapshots"]["tc"]


def test_a_failed_rebuild_leaves_the_refs(site: Site) -> None:
    site.rebuild()
    refs = Refs(site.store).all()
    with pytest.raises(UnknownPair):
        site.rebuild(
            order=SilverOrder(
                languages=["de"], source=str(TABLES / "squad.json"), engine=f"table:{site.folder}/es.tsv"
            )
        )
    assert Refs(site.store).all() == refs
    assert "Failed rebuild" in shown("rebuild-alarm")


def test_what_cannot_be_done_is_refused_before_anything_is_sent(site: Site) -> None:
    with pytest.raises(UsageError, match="no notification block 'slack-webhook/nobody'"):
        site.rebuild(notify="slack-webhook/nobody")
    with pytest.raises(UsageError, match="trained on the set tall"):
        site.rebuild(challenge=Challenge(system_name="tall"))
    assert Generations(site.store).list("table", "es") == []


def test_a_build_takes_every_setting_of_an_order() -> None:
    assert SilverOrder.model_fields.keys() <= build_silver.parameters.properties.keys()
