"""Examples of rows: every text stands on the page as it is, and nothing of it becomes markup."""

from hypothesis import example, given
from hypothesis import strategies as st

from storage.silver import Reason
from tasks.examples import Kind, Shown, Text
from tasks.pages.examples import examples_page
from tasks.pages.fitting import MAX_BYTES
from tasks.pages.reasons import MEANINGS, meaning
from tests.tasks.pages.rendering import HOSTILE, harmless
from tests.tasks.scoring.test_markdown import TEXTS, visible

WORDS = TEXTS.map(lambda text: visible(text)[:80])


def squeezed(text: str) -> str:
    """Without white space: lines may be broken anywhere."""
    return "".join(text.split())


@given(WORDS, WORDS, WORDS, WORDS)
@example(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
@example("كم عمر (1450) الكتاب؟", "活字印刷" * 20, "x" * 80, "a b")
def test_every_text_can_be_read_and_none_is_markup(question: str, context: str, note: str, row: str) -> None:
    """Law: rendered, the page has the elements of ours alone, and each text letter for letter."""
    shown = Shown(row, Text(question, context), Text(context, question), note)
    lost = Shown(row, Text(question, context), None, note)
    kinds = {
        Kind("es", False, "tc", row): (2, [shown]),
        Kind("es", True, "tc", Reason.TAGS_LOST): (1, [lost]),
    }
    page = harmless(examples_page(kinds))
    read = squeezed(page.text).replace("\ufffd", "\0")
    for text in (question, context, note, row):
        assert squeezed(visible(text)).replace("\ufffd", "\0") in read


def test_the_page_in_full() -> None:
    kinds = {
        Kind("es", False, "tc", "exact"): (
            1200,
            [
                Shown(
                    "7.tc.en-es",
                    Text("Who?", "It was 【Ana】."),
                    Text("Who?", "Fue 【Ana】."),
                    "confidence 0.98",
                )
            ],
        ),
        Kind("es", True, "tq", "copied"): (1, [Shown("8.tq.es-en", None, None, "it came back")]),
    }
    assert examples_page(kinds).split("\n\n", 2)[2] == (
        "## es\n\n"
        "### T\\(C\\) kept, exact \\(1,200\\)\n\n"
        "| English | es |\n| :--- | :--- |\n"
        "| Who\\? | Who\\? |\n"
        "| It was 【Ana】\\. | Fue 【Ana】\\. |\n"
        "| `7.tc.en-es` | confidence 0\\.98 |\n\n"
        "### T\\(Q\\) rejected, copied\\: the source came back as it was \\(1\\)\n\n"
        "| English | what was wrong |\n| :--- | :--- |\n"
        "|  | it came back |\n"
        "| `8.tq.es-en` |  |"
    )


def test_many_examples_stay_a_page() -> None:
    row = Shown("1", Text("q" * 200, "c" * 600), Text("q" * 200, "c" * 600), "n")
    kinds = {Kind(f"l{i:03}", False, "tc", "exact"): (1, [row]) for i in range(200)}
    page = examples_page(kinds)
    assert len(page.encode()) < MAX_BYTES + 1_000
    assert page.endswith("draws as many as you like.")


def test_every_reason_has_a_meaning() -> None:
    assert MEANINGS.keys() == set(Reason)
    assert meaning("of-an-older-build") == "of-an-older-build"


def test_a_build_without_translations_has_no_examples() -> None:
    assert "no translated rows" in examples_page({})


@given(st.text(max_size=5))
def test_what_is_no_reason_speaks_for_itself(text: str) -> None:
    assert meaning(text) == text or text in list(Reason)
