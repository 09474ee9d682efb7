import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from storage.examples import Answer, Example
from tasks.scoring.benchmarks import Pair
from tasks.scoring.metrics import Metric
from tasks.scoring.overlap import overlap
from tasks.scoring.report import ReportData, render_report, report_json, report_pictures
from tasks.scoring.samples import choose_samples
from tasks.scoring.score import score_pairs

EVIL = "</p><script>alert('x')</script><img src=x onerror=alert(1)>\"'&"


class Page(HTMLParser):
    """Tags with their attributes, and the text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "source"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def data(pairs: list[Pair]) -> ReportData:
    predictions = {(p.name, e.id): e.answers[0].text for p in pairs for e in p.examples if e.id == "a"}
    predictions["context-ar-question-ar", "b"] = "هنا"
    scores = score_pairs(pairs, predictions, metric=Metric.MLQA)
    return ReportData(
        benchmark="mlqa",
        system="tq",
        metric=Metric.MLQA,
        scores=scores,
        model_id="model-1",
        snapshot_id="snapshot-1",
        recipe={"seed": 42, "languages": ["en", "ar"]},
        samples=choose_samples(pairs, predictions, scores),
        overlap=overlap(["Kant wrote it."], pairs),
        curve=[(10, 5.5), (20, 4.25)],
        plumbing=True,
    )


def evil_data() -> ReportData:
    example = Example("1", EVIL, EVIL, f"before {EVIL} after", (Answer(EVIL, 7),))
    pair = Pair("en", "en", [example])
    predictions = {(pair.name, "1"): EVIL}
    scores = score_pairs([pair], predictions, metric=Metric.SQUAD)
    return ReportData(
        benchmark="squad",
        system=EVIL,
        metric=Metric.SQUAD,
        scores=scores,
        model_id=EVIL,
        snapshot_id=EVIL,
        recipe={EVIL: EVIL},
        samples=choose_samples([pair], predictions, scores),
    )


def test_the_page_is_whole_and_says_what_it_must(data: ReportData) -> None:
    page = Page(render_report(data))
    assert page.open == []
    for text in (
        "T(Q) on a small set in the format of MLQA",
        "Plumbing, not quality",
        "model-1",
        "snapshot-1",
        data.signature,
        "G-XLT",
        "60.9",
    ):
        assert text in page.text
    assert "3 without a prediction, counted as 0" in page.text
    assert len(page.all("img")) == 2
    assert all(attributes["alt"] for attributes in page.all("img"))


def test_the_page_needs_no_network(data: ReportData) -> None:
    page = Page(render_report(data))
    for _, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "data"):
            assert (attributes.get(name) or "data:").startswith("data:")
    assert "url(" not in render_report(data)
    assert "@import" not in render_report(data)


def test_the_pages_policy_names_its_own_script_and_style(data: ReportData) -> None:
    page = render_report(data)
    policy = next(a["content"] for a in Page(page).all("meta") if a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    for tag in ("script", "style"):
        (source,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_text_of_data_bears_its_language_and_direction(data: ReportData) -> None:
    page = Page(render_report(data))
    contexts = [(a["lang"], a["dir"]) for a in page.all("p") if a.get("class") == "context"]
    assert contexts == [
        (s.context_language, "rtl" if s.context_language == "ar" else "ltr") for s in data.samples
    ]
    assert ("ar", "rtl") in contexts
    assert all({"lang", "dir"} <= a.keys() for a in page.all("bdi"))


def test_untrusted_text_is_text() -> None:
    page = Page(render_report(evil_data()))
    assert page.open == []
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert page.text.count(EVIL) >= 6
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_one_pair_has_no_matrix_and_no_empty_sections() -> None:
    page = Page(render_report(evil_data()))
    for text in ("Across languages", "Beside the paper", "Training loss", "Contexts shared", "Plumbing"):
        assert text not in page.text


def test_pictures_come_for_light_and_dark_pages(data: ReportData) -> None:
    assert sorted(report_pictures(data)) == ["heat-map-dark.png", "heat-map.png", "loss-dark.png", "loss.png"]
    assert report_pictures(evil_data()) == {}


def test_tydiqa_stands_beside_table_5(pairs: list[Pair], data: ReportData) -> None:
    own = [score for score in data.scores if score.context_language == score.question_language]
    page = Page(render_report(replace(data, benchmark="tydiqa", scores=own, system="zs")))
    assert "By language" in page.text
    assert "60.8" in page.text
    assert "Across languages" not in page.text


def test_the_numbers_are_json(data: ReportData) -> None:
    numbers = json.loads(json.dumps(report_json(data), allow_nan=False))
    assert (numbers["f1"], numbers["exact_match"], numbers["xlt_f1"]) == (50.0, 50.0, 50.0)
    assert (numbers["total"], numbers["missing"], numbers["complete"]) == (8, 3, True)
    assert numbers["contexts_shared_with_training"] == {
        "shared": 1,
        "contexts": 4,
        "by_language": {"ar": [0, 2], "en": [1, 2]},
    }
    assert numbers["pairs"][0]["context_language"] == "ar"
    assert numbers["signature"] == "benchmark:mlqa|metric:mlqa|version:1.0|language:ar+en|total:8|pairs:4"
