import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tasks.scoring.markdown import Code, code, escape, table

RENDERER = MarkdownIt("js-default", {"html": True, "linkify": False})
TEXTS = st.text() | st.text(alphabet="`|\\<>&[]()!*_~#:. a\n")


def visible(text: str) -> str:
    """What a reader should see: one line, without controls and overrides of direction."""
    for char in [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]:
        text = text.replace(char, "")
    return " ".join("".join(" " if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in text).split())


@given(TEXTS)
@example("[x](javascript:alert(1))")
@example("<img src=x onerror=alert(1)>")
@example("1. # - > | ``` $x$ ~~a~~ https://x.y")
@example("&amp;lt; \\< \\")
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    """Law: rendered by CommonMark, an escaped text is a paragraph of exactly that text."""
    shown = visible(text)
    expected = f"<p>{html.escape(shown, quote=False)}</p>\n" if shown else ""
    rendered = RENDERER.render(escape(text))
    assert rendered.replace("&quot;", '"').replace("\ufffd", "\0") == expected.replace("\ufffd", "\0")


@given(TEXTS)
@example("`")
@example("``a` b```")
@example("<a1>x</a1>")
def test_code_is_shown_letter_for_letter(text: str) -> None:
    """Law: rendered by CommonMark, a code span is one code element of exactly that text."""
    shown = visible(text) or "\u00a0"
    rendered = RENDERER.render(code(text)).replace("&quot;", '"').replace("\ufffd", "\0")
    assert rendered == f"<p><code>{html.escape(shown, quote=False)}</code></p>\n".replace("\ufffd", "\0")


@given(TEXTS, TEXTS)
def test_a_cell_stays_in_its_cell(text: str, tagged: str) -> None:
    """Law: whatever stands in them, a table of two columns has two cells a row."""
    rendered = RENDERER.render(table(["a", "b"], [[text, Code(tagged)], ["x", 1]]))
    assert rendered.count("<td") == 4
    assert rendered.count("<th") == 2 + 1  # and <thead>
    assert "<script" not in rendered
    assert "<a " not in rendered


def test_numbers_stand_to_the_right() -> None:
    lines = table(["name", "n", "share"], [["x", 12_345, 0.25], ["y", None, 99.96]]).splitlines()
    assert lines[1:] == ["| :--- | ---: | ---: |", "| x | 12,345 | 0.2 |", "| y |  | 100.0 |"]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="every row needs 2 cells"):
        table(["a", "b"], [["x"]])
