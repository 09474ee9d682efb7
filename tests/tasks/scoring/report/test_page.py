import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tasks.scoring.benchmarks import Pair
from tasks.scoring.report import Analysis, PaperTable, ReportData, analyse, render_report, report_pictures
from tasks.scoring.report.pictures import picture_names
from tasks.scoring.tables import Table

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
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def rendered(found: Analysis) -> str:
    """The page without the time that its pictures take."""
    return render_report(found, dict.fromkeys(picture_names(found), b"png"))


@pytest.fixture
def page(data: ReportData) -> Page:
    return Page(rendered(analyse(data)))


@pytest.fixture
def all_of_it(several: Analysis) -> Page:
    return Page(rendered(several))


def test_the_page_is_whole_and_says_what_it_must(data: ReportData, page: Page) -> None:
    assert page.open == []
    for text in (
        "T(Q) on a small set in the format of MLQA",
        "Plumbing, not quality",
        "model-1",
        "snapshot-1",
        data.signature,
        "samples:2000|seed:0",
        "G-XLT",
        "95 % interval",
        "60.9",
    ):
        assert text in page.text
    assert "3 without a prediction, counted as 0" in page.text
    assert "3 questions have no prediction and score 0: context-ar-question-en/b" in page.text
    assert len(page.all("img")) == 4
    assert all(attributes["alt"] for attributes in page.all("img"))


def test_a_page_about_several_readers_says_who_is_better(all_of_it: Page) -> None:
    assert all_of_it.open == []
    for text in (
        "2 systems on a small set",
        "Between systems",
        "Between seeds of T(Q)",
        "By language of the context, against ZS",
        "Where one is right and another wrong",
        "Language invariance",
        "probe accuracy",
        "Training data",
        "75.0 ± 35.4",
    ):
        assert text in all_of_it.words
    orders = {one["data-order"] for one in all_of_it.all("article") if "data-order" in one}
    assert orders == {"T(Q) / ZS"}


def test_the_page_needs_no_network(page: Page, all_of_it: Page, several: Analysis) -> None:
    for one in (page, all_of_it):
        for _, attributes in one.tags:
            for name in ("src", "href", "srcset", "action", "data"):
                assert (attributes.get(name) or "data:").startswith("data:")
    assert "url(" not in rendered(several)
    assert "@import" not in rendered(several)


def test_the_pages_policy_names_its_own_script_and_style(several: Analysis) -> None:
    page = rendered(several)
    policy = next(a["content"] for a in Page(page).all("meta") if a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    for tag in ("script", "style"):
        (source,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not any("style" in attributes for _, attributes in Page(page).tags)


def test_text_of_data_bears_its_language_and_direction(page: Page, all_of_it: Page) -> None:
    for one in (page, all_of_it):
        texts = [a for a in one.all("p") if a.get("class") in ("context", "question")] + one.all("bdi")
        found = {(a["lang"], a["dir"]) for a in texts}
        assert ("ar", "rtl") in found <= {("ar", "rtl"), ("en", "ltr")}


def test_pictures_come_for_light_and_dark_and_only_one_is_seen(page: Page) -> None:
    classes = [attributes["class"] for attributes in page.all("img")]
    assert classes == ["on-light", "on-dark"] * 2


def test_untrusted_text_is_text(evil: Analysis) -> None:
    page = Page(rendered(evil))
    assert page.open == []
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert page.text.count(EVIL) >= 12
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_one_pair_of_one_reader_has_no_empty_sections(evil: Analysis) -> None:
    alone = replace(evil.data, runs=evil.data.runs[:1])
    page = Page(rendered(analyse(alone)))
    for text in (
        "Across languages",
        "By language of the context",
        "Beside the paper",
        "Differences",
        "Where one is right",
        "Language invariance",
        "Training",
        "Contexts shared",
        "Odd predictions",
        "Plumbing",
        "A part of the benchmark",
    ):
        assert text not in page.text


def test_a_part_of_a_benchmark_says_so(data: ReportData) -> None:
    page = Page(rendered(analyse(replace(data, limit=2))))
    assert "A part of the benchmark" in page.text
    assert "T(Q) on 2 questions of each pair of MLQA" in page.text
    assert "|limit:2|" in page.text


def test_tables_that_are_given_take_the_papers_place(data: ReportData) -> None:
    table = Table(("set", "from", "F1"), (("x", "here", 61.25), ("x", "difference", 1.25)))
    given = PaperTable(title="Table 9", lead="All of it.", table=table)
    page = Page(rendered(analyse(replace(data, tables=[given]))))
    assert "Table 9 All of it." in page.words
    assert "Table 2" not in page.text
    assert {"class": "difference"} in page.all("tr")


def test_pictures_by_what_there_is_to_see(data: ReportData, several: Analysis, evil: Analysis) -> None:
    def names(found: Analysis) -> set[str]:
        return {name.removesuffix(".png") for name in picture_names(found) if "dark" not in name}

    assert names(analyse(data)) == {"heat-map", "loss"}
    assert names(several) == {"heat-map", "heat-map-2", "loss", "question-vectors", "yields"}
    assert report_pictures(evil) == {}


def test_pictures_are_drawn_for_light_and_for_dark_pages(several: Analysis) -> None:
    pictures = report_pictures(several)
    assert sorted(pictures) == sorted(picture_names(several))
    assert len(set(pictures.values())) == len(pictures) == 10
    page = render_report(several)
    for png in pictures.values():
        assert base64.b64encode(png).decode() in page


def test_tydiqa_stands_beside_table_5(data: ReportData, pairs: list[Pair]) -> None:
    own = [place for place, pair in enumerate(pairs) if pair.context_language == pair.question_language]
    run = data.runs[0]
    answers = replace(run.answers, scores=[run.answers.scores[place] for place in own])
    alone = replace(
        data,
        benchmark="tydiqa",
        pairs=[pairs[place] for place in own],
        runs=[replace(run, system="zs", answers=answers)],
    )
    page = Page(rendered(analyse(alone)))
    assert "By language" in page.text
    assert "60.8" in page.text
    assert "Across languages" not in page.text


def test_what_was_found_comes_first(asked: Analysis) -> None:
    page = Page(rendered(asked))
    assert page.open == []
    for text in (
        "A made-up world, not human language.",
        "Alignment is set to",
        "ZS reaches 50.0.",
        "The claims, one by one",
        "not shown here",
        "In the paper: +9.2 points.",
        "What the tests cover",
        "The price of a poor projection",
        "Broken twins",
        "What training moved",
        "Seconds per stage",
    ):
        assert text in page.words
    order = [page.words.index(text) for text in ("A made-up world", "What was found", "Beside the paper")]
    assert order == sorted(order)


def test_what_a_plan_says_is_text(asked: Analysis) -> None:
    page = Page(rendered(asked))
    assert len(page.all("script")) == 1
    assert page.text.count(EVIL) >= 12
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert not any("style" in attributes for _, attributes in page.tags)


def test_without_questions_there_are_no_answers(several: Analysis) -> None:
    page = Page(rendered(several))
    for text in ("What was found", "Broken twins", "What training moved", "Seconds per stage", "made-up"):
        assert text not in page.text
