"""A page as a browser has it, taken apart: which elements it has, where they lead to, and what can be read."""

from html.parser import HTMLParser

from markdown_it import MarkdownIt

OURS = {
    "h1",
    "h2",
    "h3",
    "p",
    "ul",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "pre",
    "br",
    "em",
}
"""What a page of ours is made of, besides links and pictures."""

HOSTILE = "[x](javascript:alert)<img src=x>|`<b1>`\n# heading"

ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2069"))


class Page(HTMLParser):
    """What a rendered page has in it."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.targets: list[str] = []
        self.pictures: list[str] = []
        self.text = ""
        self.feed(MarkdownIt("js-default", {"html": True, "linkify": False}).render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.add(tag)
        if tag == "a":
            self.targets.append(given["href"])
        if tag == "img":
            self.pictures.append(given["src"])
        self.text += " " if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.text += data.translate(ISOLATES)


def harmless(markdown: str) -> Page:
    """The page, once it is known to hold no element, link or picture that is not ours."""
    page = Page(markdown)
    assert page.elements - {"a", "img", "blockquote", "strong"} <= OURS
    assert all(target.startswith(("../artifact/", "../key/")) for target in page.targets)
    assert all(source.startswith("data:image/png;base64,") for source in page.pictures)
    return page
