import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mt.markup import Markup, Tag, closing, escape, opening, read
from tasks.mt.sentences import fitted, sentences

PIECES = [
    "Dr. ", "U.S. ", "A dog. ", "Why? ", "3.5 ", "word ", "word", ", and ", "\n", "。", "是", "क।", " ", "&", "<b>",
    "[1]", "</a>", "…", "\u0301", "😀", "J. ", '"Yes." ', "(No.) ",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He left. She stayed! Did he? Yes.", ["He left. ", "She stayed! ", "Did he? ", "Yes."]),
        ("Dr. Smith met J. R. Smith of the U.S. Army at 3.5 p.m. sharp.", None),
        ('He said "Go." She went. (Or not.) Then', ['He said "Go." ', "She went. ", "(Or not.) Then"]),
        ("See ibid. in Fig. 3 and No. 7 vs. all.", None),
        ("他来了。她走了！谁？", ["他来了。", "她走了！", "谁？"]),
        ("वह आया। वह गया।", ["वह आया। ", "वह गया।"]),
        ("ذهب؟ نعم.", ["ذهب؟ ", "نعم."]),
        ("Wait... what? OK", ["Wait... what? ", "OK"]),
        ("", [""]),
    ],
)
def test_sentences(text: str, found: list[str] | None) -> None:
    assert sentences(text, Markup.HTML) == (found or [text])


@given(
    st.lists(st.sampled_from(PIECES), max_size=12), st.data(), st.sampled_from(list(Markup)), st.booleans()
)
def test_pieces_are_the_text_and_keep_its_tags(
    pieces: list[str], data: st.DataObject, markup: Markup, alone: bool
) -> None:
    """Law: joined, the pieces are the text; each fits or cannot be made smaller; no tag and no character is cut."""
    parts = [escape(piece, markup) for piece in pieces]
    for number in range(1, data.draw(st.integers(0, 3)) + 1):
        first = data.draw(st.integers(0, len(parts)))
        parts.insert(data.draw(st.integers(first, len(parts))), closing(number, markup))
        parts.insert(first, opening(number, markup))
    text, most = "".join(parts), data.draw(st.integers(4, 40))
    found = fitted(text, markup, lambda piece: len(piece) <= most, alone=alone)
    assert "".join(found) == text

    def tags(marked: str) -> list[Tag]:
        return [token for token in read(marked, markup) if isinstance(token, Tag)]

    assert [tag for piece in found for tag in tags(piece)] == tags(text)
    plain = "".join(token for token in read(text, markup) if isinstance(token, str))
    assert (
        "".join(token for piece in found for token in read(piece, markup) if isinstance(token, str)) == plain
    )
    assert all(len(piece) <= most or len(piece) <= 12 for piece in found)


@pytest.mark.parametrize("markup", list(Markup))
def test_tags_and_entities_change_no_sentence(markup: Markup) -> None:
    one, two = opening(1, markup), closing(1, markup)
    for places in ((0, 8), (0, 3), (3, 8), (9, 12), (21, 24)):
        text = 'He left. She said "Yes & more." Dr. Smith ran.'
        marked = text[: places[0]] + one + text[places[0] : places[1]] + two + text[places[1] :]
        marked = marked.replace("&", escape("&", markup))
        plain = [re.sub(re.escape(one) + "|" + re.escape(two), "", s) for s in sentences(marked, markup)]
        assert plain == ["He left. ", f'She said "Yes {escape("&", markup)} more." ', "Dr. Smith ran."]


def test_a_closing_tag_stays_with_the_sentence_before_and_an_opening_one_goes_with_the_next() -> None:
    text = "<b1>谁？</b1><b2>她走了。</b2>[1]他&amp;她。"
    assert sentences(text, Markup.HTML, "zh") == ["<b1>谁？</b1>", "<b2>她走了。</b2>", "[1]他&amp;她。"]


@pytest.mark.parametrize("strange", ["\u2028", "\u3000", "\x85", "\xa0", "\ud800"])
def test_what_the_library_fails_on_is_kept_from_it(strange: str) -> None:
    text = f"É. A{strange}. b. C{strange} Dr. 1. É.{strange}* Á. D{strange}. Ran."
    assert "".join(sentences(text, Markup.HTML)) == text


def test_what_is_left_of_a_sentence_without_a_word_stays_with_it() -> None:
    assert sentences("She ran. (He left [why].)", Markup.HTML) == ["She ran. ", "(He left [why].)"]
    assert sentences("She ran.\n\n", Markup.HTML) == ["She ran.\n\n"]


@given(st.text(max_size=200), st.sampled_from(["en", "es", "de", "ar", "hi", "zh", "ja", "sw", "xx"]))
def test_no_text_is_too_strange(text: str, language: str) -> None:
    """Law: joined, the sentences of any text at all are the text."""
    assert "".join(sentences(text, Markup.HTML, language)) == text


def test_a_mark_is_opened_and_closed_in_one_piece_where_there_is_another_place_to_cut() -> None:
    text = "One two, <b1>three. Four</b1> five six seven, eight nine ten."
    found = fitted(text, Markup.HTML, lambda piece: len(piece) <= 32, alone=False)
    assert found == ["One two, ", "<b1>three. Four</b1> five six ", "seven, eight nine ten."]


def test_neighbours_share_a_piece_while_they_fit_unless_alone() -> None:
    text = "One. Two. Three. Four."
    assert fitted(text, Markup.HTML, lambda piece: len(piece) <= 10, alone=False) == [
        "One. Two. ",
        "Three. ",
        "Four.",
    ]
    assert fitted(text, Markup.HTML, lambda piece: True, alone=False) == [text]
    assert len(fitted(text, Markup.HTML, lambda piece: True, alone=True)) == 4
