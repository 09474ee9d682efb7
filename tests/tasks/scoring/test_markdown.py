import html
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tasks.scoring.markdown import (
    Code,
    Figure,
    Lines,
    Link,
    Stack,
    broken,
    code,
    escape,
    fenced,
    link,
    table,
)

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


@given(TEXTS, st.integers(1, 60))
@example("活字印刷 的 历史", 5)
@example("ab\u0301c\u0301", 2)
def test_lines_are_short_and_lose_nothing(text: str, width: int) -> None:
    """Law: no line has more than so many columns, and but for white space the lines together are the text."""
    lines = broken(text, width)
    assert "".join("".join(lines).split()) == "".join(visible(text).split())
    for line in lines:
        marks = [c for c in line if unicodedata.category(c)[0] == "M"]
        wide = [c for c in line if unicodedata.east_asian_width(c) in "WF" and c not in marks]
        assert len(line) - len(marks) + len(wide) <= max(width, 2)


@given(TEXTS)
def test_a_block_of_code_holds_its_lines_and_nothing_follows_from_them(text: str) -> None:
    """Law: rendered by CommonMark, it is one block with the text's lines, each letter for letter."""
    rendered = RENDERER.render(fenced(text)).replace("&quot;", '"').replace("\ufffd", "\0")
    lines = [html.escape(visible(line), quote=False) for line in text.splitlines()]
    expected = "".join(f"{line}\n" for line in lines)
    assert rendered == f'<pre><code class="language-text">{expected}</code></pre>\n'.replace("\ufffd", "\0")


def test_texts_below_each_other_stay_in_their_cell() -> None:
    cell = Stack((Lines("one two three", 7), Code("a|b"), Link("c69e", "../artifact/1")))
    row = table(["a", "b"], [[cell, Figure("not known")]]).splitlines()
    assert row[1:] == [
        "| :--- | ---: |",
        "| one two<br>three<br>`a\\|b`<br>[c69e](../artifact/1) | not known |",
    ]


def test_a_name_that_leads_nowhere_is_no_link() -> None:
    assert link("[x](javascript:y)", "") == "`[x](javascript:y)`"
    assert link("a]b", "../artifact/1") == "[a\\]b](../artifact/1)"


def test_text_that_runs_to_the_left_turns_nothing_around_it() -> None:
    """Each line of it runs as the text does, also one that begins with a Latin letter."""
    cell = table(["a"], [[Lines("عمر abc def", 5)]]).splitlines()[-1]
    assert cell == "| \u2067عمر\u2069<br>\u2067abc\u2069<br>\u2067def\u2069 |"
    assert table(["a"], [[Lines("abc عمر", 40)]]).splitlines()[-1] == "| \u2066abc عمر\u2069 |"
    assert "\u2067" not in table(["a"], [[Lines("abc def", 40)]])


def test_numbers_stand_to_the_right() -> None:
    lines = table(["name", "n", "share"], [["x", 12_345, 0.25], ["y", None, 99.96]]).splitlines()
    assert lines[1:] == ["| :--- | ---: | ---: |", "| x | 12,345 | 0.2 |", "| y |  | 100.0 |"]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="every row needs 2 cells"):
        table(["a", "b"], [["x"]])
