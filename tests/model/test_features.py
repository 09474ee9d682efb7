"""Windows and labels in every script, against the tokenizer's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import BertTokenizer, PreTrainedTokenizerFast

import model.tokens
from model.features import Windows, cut, make_windows
from model.progress import Progress, ignore
from model.texts import Texts
from model.tokens import TokenTable, bounds_of, layout_of, tokenise
from model.vocabulary import train_tokenizer
from storage.errors import UsageError

Row = dict[str, Any]

SCRIPTS = {
    "en": ("Where is the tower?", "The tower stands in Paris, on the Seine.", "Paris"),
    "de": ("Wie heißt die Größe?", "Die Größe heißt Länge – nicht Höhe.", "Länge"),
    "zh": ("塔在哪里？", "这座塔位于巴黎，在塞纳河畔。", "巴黎"),
    "ar": ("أين يقع البرج؟", "يقع البرجُ في باريس، على نهر السين.", "باريس"),
    "hi": ("मीनार कहाँ है?", "मीनार पेरिस में सीन नदी के किनारे है।", "पेरिस"),
    "emoji": ("which one?", "👩‍👩‍👧 then 🇫🇷 then a\u200bb and e\u0301t.", "🇫🇷"),
}


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return train_tokenizer([text for script in SCRIPTS.values() for text in script[:2]] * 3)


def windows_of(tokenizer: Any, pairs: list[tuple[str, str]], length: int, stride: int) -> Windows:
    texts = Texts.of([question for question, _ in pairs], [context for _, context in pairs])
    return make_windows(tokenizer, texts, max_length=length, doc_stride=stride, on_progress=ignore)


def by_transformers(tokenizer: Any, pairs: list[tuple[str, str]], length: int, stride: int) -> Any:
    return tokenizer(
        [question for question, _ in pairs],
        [context for _, context in pairs],
        truncation="only_second",
        max_length=length,
        stride=stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )


def assert_equal_windows(windows: Windows, encoded: Any) -> None:
    assert len(windows) == len(encoded["input_ids"])
    assert windows.row.tolist() == encoded["overflow_to_sample_mapping"]
    inputs = windows.assemble()
    for line, ids in enumerate(encoded["input_ids"]):
        assert inputs.input_ids[line][inputs.attention_mask[line] == 1].tolist() == ids
        assert inputs.token_type_ids[line][: len(ids)].tolist() == encoded["token_type_ids"][line]
        assert not inputs.attention_mask[line][len(ids) :].any()


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize(("length", "stride"), [(384, 128), (30, 5)])
def test_windows_are_those_of_transformers(
    tokenizer: BertTokenizer, script: str, length: int, stride: int
) -> None:
    question, context, _ = SCRIPTS[script]
    pairs = [(question, context), (question, context * 4)]
    assert_equal_windows(
        windows_of(tokenizer, pairs, length, stride), by_transformers(tokenizer, pairs, length, stride)
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_answer_is_found_again_at_its_tokens(tokenizer: BertTokenizer, script: str) -> None:
    question, context, answer = SCRIPTS[script]
    start = context.index(answer)
    windows = windows_of(tokenizer, [(question, context)], 384, 128)
    (first, last), *rest = windows.answer_positions(np.array([[start, start + len(answer)]])).tolist()
    assert not rest
    begin, end = windows.code_points(np.array([first]), np.array([last]))
    assert context[begin[0] : end[0]] == answer


def test_a_window_without_the_whole_answer_is_labelled_cls(tokenizer: BertTokenizer) -> None:
    context = "tower stands in Paris " * 6
    start = context.rindex("Paris")
    windows = windows_of(tokenizer, [("Where?", context)], 16, 4)
    positions = windows.answer_positions(np.array([[start, start + 5]]))
    assert len(windows) > 2
    assert positions[:-1].tolist() == [[0, 0]] * (len(windows) - 1)
    first, last = positions[-1:].T
    begin, end = windows.take(np.array([len(windows) - 1])).code_points(first, last)
    assert (begin[0], end[0]) == (start, start + 5)


def test_exactly_the_windows_that_hold_an_answer_are_labelled(tokenizer: BertTokenizer) -> None:
    context = "巴黎河畔" * 12
    windows = windows_of(tokenizer, [("塔", context)], 16, 4)
    # Each character is a token, so windows are ranges of characters too.
    for start in range(len(context) - 2):
        positions = windows.answer_positions(np.array([[start, start + 2]]))
        holding = (windows.first <= start) & (start + 2 <= windows.last)
        assert (positions[:, 0] > 0).tolist() == holding.tolist()
        assert (positions[holding, 0] - windows.context_at[holding] + windows.first[holding] == start).all()


def test_an_answer_inside_of_a_token_is_labelled_with_that_token(tokenizer: BertTokenizer) -> None:
    windows = windows_of(tokenizer, [("Where?", "The tower stands")], 384, 128)
    (first, last) = windows.answer_positions(np.array([[5, 7]]))[0].tolist()
    begin, end = windows.code_points(np.array([first]), np.array([last]))
    assert begin[0] <= 5
    assert end[0] >= 7


def test_an_answer_of_characters_without_tokens_is_not_visible(tokenizer: BertTokenizer) -> None:
    windows = windows_of(tokenizer, [("Who?", "Paris \u200b\ufeff Seine"), ("Who?", "Paris")], 384, 128)
    spans = np.array([[5, 9], [0, 5]])
    assert windows.visible(spans).tolist() == [False, True]
    kept = windows.take(windows.visible(spans)[windows.row])
    assert kept.row.tolist() == [1]
    assert kept.answer_positions(spans)[0, 0] > 0


def test_each_distinct_text_is_tokenised_once(tokenizer: BertTokenizer) -> None:
    events: list[Progress] = []
    texts = Texts.of(["who?", "where?", "who?"], ["Paris"] * 3)
    windows = make_windows(tokenizer, texts, max_length=64, doc_stride=16, on_progress=events.append)
    assert (len(windows.questions.lengths), len(windows.contexts.lengths), len(windows)) == (2, 1, 3)
    assert [(e.done, e.total) for e in events] == [(2, 3), (3, 3)]


def test_only_a_question_that_leaves_no_room_is_cut(tokenizer: BertTokenizer) -> None:
    pairs = [("Where is the tower?", "The tower " * 9), ("tower " * 60, "The tower " * 9)]
    windows = windows_of(tokenizer, pairs, 32, 8)
    assert windows.question_tokens[1] == 32 - 3 - 8 - 1
    assert windows.cut_questions == 1
    assert windows.lengths.max() == 32


def test_an_empty_context_has_an_empty_window(tokenizer: BertTokenizer) -> None:
    windows = windows_of(tokenizer, [("Where?", " ")], 64, 16)
    assert (windows.first.tolist(), windows.last.tolist()) == ([0], [0])
    assert not windows.is_context().any()


def test_lengths_that_cannot_work_are_refused(tokenizer: BertTokenizer) -> None:
    with pytest.raises(UsageError, match="more than the encoder's 512"):
        windows_of(tokenizer, [("a", "b")], 513, 128)
    with pytest.raises(UsageError, match="no room"):
        windows_of(tokenizer, [("a", "b")], 20, 16)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(6, 20)), min_size=1), st.integers(1, 5))
def test_windows_cover_every_token_and_share_the_stride(rows: list[tuple[int, int]], stride: int) -> None:
    """Law: a row's windows start at 0, end at its end, fill their room, and overlap by exactly the stride."""
    length, room = np.array(rows).T
    row, first, last = cut(length, room, stride)
    for number, (tokens, most) in enumerate(rows):
        own = np.flatnonzero(row == number)
        assert first[own[0]] == 0
        assert last[own[-1]] == tokens
        assert (last[own[:-1]] - first[own[:-1]] == most).all()
        assert (last[own[:-1]] - first[own[1:]] == stride).all()


@settings(max_examples=60, deadline=None)
@given(
    before=st.text(max_size=40),
    answer=st.text(min_size=1, max_size=12),
    after=st.text(max_size=40),
    data=st.data(),
)
def test_labels_cover_the_answer_in_any_text(
    tokenizer: BertTokenizer, before: str, answer: str, after: str, data: st.DataObject
) -> None:
    """Law: the labelled tokens are exactly those of the context that share a code point with the answer."""
    context = before + answer + after
    span = (len(before), len(before) + len(answer))
    windows = windows_of(tokenizer, [("Who?", context)], 384, 128)
    offsets = tokenizer(context, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    touched = [number for number, (begin, end) in enumerate(offsets) if begin < span[1] and end > span[0]]
    (first, last) = windows.answer_positions(np.array([span]))[0].tolist()
    at = int(windows.context_at[0])
    assert [first, last] == ([at + touched[0], at + touched[-1]] if touched else [0, 0])


def huggingface_label(offsets: Any, sequence: Any, start: int, end: int) -> tuple[int, int]:
    """How HuggingFace's run_qa.py labels a window (Apache 2.0), told over offsets."""
    context = [number for number, owner in enumerate(sequence) if owner == 1]
    if offsets[context[0]][0] > start or offsets[context[-1]][1] < end:
        return 0, 0
    first = max(number for number in context if offsets[number][0] <= start)
    return first, min(number for number in context if offsets[number][1] >= end)


@pytest.mark.parametrize("language", ["en", "es", "de", "ar", "hi", "zh"])
def test_xquad_is_windowed_and_labelled_as_by_huggingface(
    xquad: Callable[[str], list[Row]], mbert_vocabulary: Path, language: str
) -> None:
    rows = xquad(language)[::4]
    mbert = BertTokenizer(vocab=str(mbert_vocabulary), do_lower_case=False)
    pairs = [(row["question"], row["context"]) for row in rows]
    encoded = by_transformers(mbert, pairs, 384, 128)
    windows = windows_of(mbert, pairs, 384, 128)
    assert_equal_windows(windows, encoded)
    spans = [
        (
            row["answers"]["answer_start"][0],
            row["answers"]["answer_start"][0] + len(row["answers"]["text"][0]),
        )
        for row in rows
    ]
    expected = [
        huggingface_label(encoded["offset_mapping"][line], encoded.sequence_ids(line), *spans[row])
        for line, row in enumerate(encoded["overflow_to_sample_mapping"])
    ]
    assert [tuple(pair) for pair in windows.answer_positions(np.array(spans)).tolist()] == expected


def test_the_layout_of_a_pair_is_learnt_from_the_tokenizer(tokenizer: BertTokenizer) -> None:
    layout = layout_of(tokenizer)
    assert (layout.prefix, layout.middle, layout.suffix) == ((2,), (3,), (3,))
    assert (layout.types, layout.pad, layout.cls) == ((0, 0, 0, 1, 1), 0, 0)


def test_another_layout_gives_the_windows_of_transformers_too(tokenizer: BertTokenizer) -> None:
    """RoBERTa's kin: two separators between the texts and no token types."""
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    backend.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] [SEP] $B:0 [SEP]",
        special_tokens=[("[CLS]", tokenizer.cls_token_id), ("[SEP]", tokenizer.sep_token_id)],
    )
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    other = PreTrainedTokenizerFast(tokenizer_object=backend, **names)
    layout = layout_of(other)
    assert (len(layout.middle), layout.types) == (2, (0, 0, 0, 0, 0))
    pairs = [(question, context * 3) for question, context, _ in SCRIPTS.values()]
    encoded = by_transformers(other, pairs, 40, 8)
    encoded["token_type_ids"] = [[0] * len(ids) for ids in encoded["input_ids"]]
    assert_equal_windows(windows_of(other, pairs, 40, 8), encoded)


def byte_level() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer whose tokens begin with the space before them, as GPT-2's and ModernBERT's do."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["[CLS]", "[SEP]", "[PAD]"],
        initial_alphabet=sorted(alphabet),
        show_progress=False,
    )
    backend.train_from_iterator([text for script in SCRIPTS.values() for text in script[:2]] * 3, trainer)
    backend.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 0), ("[SEP]", 1)],
    )
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]"}
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=512, **names)


@pytest.mark.parametrize("script", SCRIPTS)
def test_byte_level_answers_have_no_space_before_them(script: str) -> None:
    question, context, answer = SCRIPTS[script]
    start = context.index(answer)
    windows = windows_of(byte_level(), [(question, context)], 384, 128)
    first, last = windows.answer_positions(np.array([[start, start + len(answer)]])).T
    begin, end = windows.code_points(first, last)
    found = context[begin[0] : end[0]]
    assert found == found.strip()
    assert answer in found


def test_questions_have_no_offsets_and_the_same_tokens(tokenizer: BertTokenizer) -> None:
    texts = [question for question, *_ in SCRIPTS.values()]
    quick, slow = (tokenise(tokenizer, texts, lambda _: None, located=located) for located in (False, True))
    assert quick.ids.tolist() == slow.ids.tolist()
    assert not quick.ends.any()
    assert slow.ends.any()


TOKENS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=6)
"""A text: how far each token begins behind the one before it, and how long it is."""


def table_of(texts: list[list[tuple[int, int]]]) -> TokenTable:
    placed: list[tuple[int, int]] = []
    for text in texts:
        end = 0
        for gap, length in text:
            placed.append((end + gap, end + gap + length))
            end += gap + length
    starts, ends = np.array(placed, dtype=np.int32).reshape(-1, 2).T
    return TokenTable(np.zeros_like(starts), starts, ends, bounds_of([np.array([*map(len, texts)])]))


@settings(max_examples=200)
@given(st.lists(TOKENS, min_size=1, max_size=9), st.integers(1, 4), st.data())
def test_answers_are_found_in_blocks_as_one_by_one(
    texts: list[list[tuple[int, int]]], block: int, data: st.DataObject
) -> None:
    """Law: a row's tokens are those of its own text that share a code point with its span, at any block size."""
    table = table_of(texts)
    rows = data.draw(
        st.lists(
            st.tuples(st.integers(0, len(texts) - 1), st.integers(0, 20), st.integers(1, 9)), max_size=20
        )
    )
    of, start, length = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    spans = np.stack([start, start + length], axis=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model.tokens, "BLOCK_TEXTS", block)
        first, after = table.covering(of, spans)
    for row, (text, begin, long) in enumerate(rows):
        own = slice(*table.bounds[text : text + 2])
        expected = int((table.ends[own] <= begin).sum())
        assert first[row] == expected
        assert after[row] == max(expected, int((table.starts[own] < begin + long).sum()))
