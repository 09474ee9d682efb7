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
        ("Dr. No met J. R. Smith of the U.S. Army at 3.5 p.m. sharp.", None),
        ('He said "Go." She went. (Or not.) Then', ['He said "Go." ', "She went. ", "(Or not.) ", "Then"]),
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
