"""How many rows a second one core marks, reads again, projects and filters, beside other ways of reading the tags.

    python -m tests.benchmarks.marking

The engine is a table: XQuAD's English contexts and, in their place, the Spanish ones that people wrote, tags round the
same answers (`../shared/data/xquad`); without XQuAD the embedded sample comes back as it was sent. All ways run in turn
on the same texts; what counts is the processor's time in the best of some rounds. Beautiful Soup takes part if it is
installed.
"""

import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path

import lxml.html

from flows.parameters import SAMPLE, resolve_source
from storage.examples import Example, Span
from storage.squad import read_squad
from tasks.mt.markup import Markup, closing, escape, opening
from tasks.projection.contexts import mark_contexts, project_examples
from tasks.projection.filters.rows import filtered
from tasks.projection.filters.settings import DEFAULT
from tasks.projection.marking import Marked, mark, recover
from tasks.projection.rules import Rule

XQUAD = Path(__file__).parents[3] / "shared" / "data" / "xquad"
ROUNDS = 15
GOAL = 20_000
HTML = Markup.HTML

Places = dict[int, list[Span]]


def data() -> tuple[list[Example], dict[str, Example]]:
    """English examples, and by id the same in Spanish (or in English again)."""
    if XQUAD.is_dir():
        english, other = (read_squad(XQUAD / f"xquad.{code}.json").examples for code in ("en", "es"))
    else:
        english = other = read_squad(Path(resolve_source(SAMPLE))).examples
    return english, {example.id: example for example in other}


def answered(
    copies: Sequence[Marked], examples: Sequence[Example], other: Mapping[str, Example]
) -> list[str]:
    """What the engine gives back for each marked text: the other text, with a tag of the same number per answer."""
    ids = {(example.context, example.answers[0].span): example.id for example in examples}
    found = []
    for marked in copies:
        theirs = [other[ids[marked.context, span]] for span in marked.spans]
        tags = [(e.answers[0].span.start, opening(n, HTML)) for n, e in enumerate(theirs, 1)]
        tags += [(e.answers[0].span.end, closing(n, HTML)) for n, e in enumerate(theirs, 1)]
        parts, done = [], 0
        for place, tag in sorted(tags):
            parts += escape(theirs[0].context[done:place], HTML), tag
            done = place
        found.append("".join([*parts, escape(theirs[0].context[done:], HTML)]))
    return found


class TagReader(HTMLParser):
    """The same reading as `recover` with Python's own parser."""

    def __init__(self) -> None:
        super().__init__()
        self.length = 0
        self.text: list[str] = []
        self.open: dict[int, list[int]] = {}
        self.places: Places = {}

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.setdefault(int(tag[1:]), []).append(self.length)

    def handle_endtag(self, tag: str) -> None:
        number = int(tag[1:])
        if self.open.get(number):
            self.places.setdefault(number, []).append(Span(self.open[number].pop(), self.length))

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self.length += len(data)


def by_html_parser(text: str) -> tuple[str, Places]:
    reader = TagReader()
    reader.feed(text)
    reader.close()
    return "".join(reader.text), reader.places


def by_lxml(text: str) -> tuple[str, Places]:
    places: Places = {}
    root = lxml.html.fragment_fromstring(text, create_parent="p")
    length, parts, begun = 0, [root.text or ""], {}
    length = len(parts[0])
    for event, node in lxml.etree.iterwalk(root, events=("start", "end")):
        if node is root:
            continue
        if event == "start":
            begun[node] = length
            parts.append(node.text or "")
        else:
            places.setdefault(int(node.tag[1:]), []).append(Span(begun.pop(node), length))
            parts.append(node.tail or "")
        length += len(parts[-1])
    return "".join(parts), places


def by_beautiful_soup(text: str) -> tuple[str, Places]:
    from bs4 import BeautifulSoup, NavigableString

    places: Places = {}
    parts: list[str] = []

    def walk(node: object, length: int) -> int:
        for child in node.children:  # type: ignore[attr-defined]
            if isinstance(child, NavigableString):
                parts.append(str(child))
                length += len(child)
            else:
                start, length = length, walk(child, length)
                places.setdefault(int(child.name[1:]), []).append(Span(start, length))
        return length

    walk(BeautifulSoup(text, "html.parser"), 0)
    return "".join(parts), places


def by_recover(text: str) -> tuple[str, Places]:
    found = recover(text, HTML)
    return found.text, {number: list(pieces) for number, pieces in found.pieces.items()}


READERS: dict[str, Callable[[str], tuple[str, Places]]] = {
    "recover": by_recover,
    "html.parser": by_html_parser,
    "lxml.html": by_lxml,
}
if importlib.util.find_spec("bs4"):
    READERS["Beautiful Soup"] = by_beautiful_soup


def best_of(ways: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The fewest seconds of the processor that each takes, all in turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            way()
            times[name].append(time.process_time() - began)
    return {name: min(found) for name, found in times.items()}


def main() -> None:
    """Print the ways, then the whole."""
    examples, other = data()
    copies = list(mark_contexts(examples, HTML))
    backs = answered(copies, examples, other)
    translations = dict(zip((copy.text for copy in copies), backs, strict=True))
    singly = [mark(e.context, [e.answers[0].span], HTML)[0] for e in examples]
    single_backs = answered(singly, examples, other)
    found = {rule: project(examples, translations, rule) for rule in Rule}
    kept = {rule: sum(bool(one.answers) for one in some.values()) for rule, some in found.items()}
    print(f"{len(examples):,} rows on {len(copies):,} marked texts; kept {dict(kept)}")
    ways: dict[str, Callable[[], object]] = {
        "mark": lambda: list(mark_contexts(examples, HTML)),
        "mark, a copy per question": lambda: [mark(e.context, [e.answers[0].span], HTML) for e in examples],
        **{
            f"read by {name}": lambda reader=reader: [reader(back) for back in backs]  # type: ignore[misc]
            for name, reader in READERS.items()
        },
        "read by recover, a copy per question": lambda: [recover(back, HTML) for back in single_backs],
        **{
            f"project, rule {rule}": lambda rule=rule: project(examples, translations, rule)  # type: ignore[misc]
            for rule in Rule
        },
        "filter": lambda: filtered(examples, found[Rule.BEST], DEFAULT, source="en", target="es"),
    }
    for way in ways.values():
        way()
    seconds = best_of(ways)
    for name, time_s in seconds.items():
        print(f"{name:40} {1000 * time_s:8.1f} ms {len(examples) / time_s:10,.0f} rows/s")
    for between in ("read by recover", *(f"project, rule {rule}" for rule in Rule)):
        whole = seconds["mark"] + seconds[between] + seconds["filter"]
        verdict = "reached" if len(examples) / whole >= GOAL else "missed"
        name = f"mark + {between} + filter"
        print(f"{name:40} {1000 * whole:8.1f} ms {len(examples) / whole:10,.0f} rows/s ({GOAL:,}: {verdict})")
    for name, reader in READERS.items():
        same = sum(reader(back) == by_recover(back) for back in backs)
        print(f"{name:40} reads {same:,} of {len(backs):,} as recover does")


def project(examples: Sequence[Example], translations: Mapping[str, str], rule: Rule) -> dict[str, object]:
    return dict(project_examples(examples, translations, rule, HTML, source="en", target="es"))


if __name__ == "__main__":
    main()
