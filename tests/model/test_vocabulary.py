"""The tiny preset's vocabulary: every script, cased, the same each time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from model import vocabulary
from model.vocabulary import SPECIALS, train_tokenizer

TEXTS = [
    "The Größe of Paris is größer than café, cafe and Café.",
    "这座塔位于巴黎，在塞纳河畔。",
    "يقع البرجُ في باريس، على نهر السين.",
    "मीनार पेरिस में सीन नदी के किनारे है।",
]


def test_no_text_of_the_corpus_has_an_unknown_piece() -> None:
    tokenizer = train_tokenizer(TEXTS)
    assert [token for text in TEXTS for token in tokenizer.tokenize(text) if token == "[UNK]"] == []


def test_case_and_accents_are_kept() -> None:
    tokenizer = train_tokenizer(TEXTS)
    joined = "".join(tokenizer.tokenize("Größe café")).replace("##", "")
    assert joined == "Größecafé"
    assert tokenizer.tokenize("巴黎") == ["巴", "黎"]


def test_special_tokens_come_first_and_ids_have_no_gaps() -> None:
    vocabulary_ids = train_tokenizer(TEXTS).get_vocab()
    assert [vocabulary_ids[token] for token in SPECIALS] == [0, 1, 2, 3, 4]
    assert sorted(vocabulary_ids.values()) == list(range(len(vocabulary_ids)))


def test_pieces_are_no_special_tokens() -> None:
    tokenizer = train_tokenizer(["## a ##b #c"] * 3)
    assert tokenizer.all_special_tokens == ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"]
    assert tokenizer.tokenize("##b") == ["#", "#", "b"]


def test_a_large_corpus_fills_the_vocabulary_and_no_more(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(vocabulary, "VOCABULARY_SIZE", 60)
    monkeypatch.setattr(vocabulary, "ALPHABET_SIZE", 20)
    assert len(train_tokenizer(TEXTS * 5)) == 60


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_the_same_texts_give_the_same_ids(texts: list[str]) -> None:
    """Law: training is a function of the texts, although the library beneath is not."""
    repeated = texts * 3
    assert train_tokenizer(repeated).get_vocab() == train_tokenizer(repeated).get_vocab()
