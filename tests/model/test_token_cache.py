"""Tokens on disk: found by content alone, mapped into memory, never half there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import BertTokenizer

import model.token_cache
import model.tokens
from model.token_cache import cached_tokens, read_table, spooled
from model.tokens import TokenTable, token_chunks, tokenise
from model.vocabulary import train_tokenizer

TEXTS = ["The tower stands in Paris.", "这座塔位于巴黎。", "يقع البرجُ في باريس", "मीनार पेरिस में", ""]


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return train_tokenizer(TEXTS * 3)


def tokens(folder: Path, tokenizer: Any, texts: list[str] = TEXTS, **options: bool) -> TokenTable:
    return cached_tokens(folder, tokenizer, texts, lambda _: None, **options)


def assert_equal(one: TokenTable, other: TokenTable) -> None:
    for name in ("ids", "starts", "ends", "bounds"):
        left, right = getattr(one, name), getattr(other, name)
        assert left.dtype == right.dtype
        assert np.array_equal(left, right)


@pytest.mark.parametrize("located", [True, False])
def test_what_is_read_is_what_was_made(tokenizer: BertTokenizer, tmp_path: Path, located: bool) -> None:
    made, read = (tokens(tmp_path, tokenizer, located=located) for _ in range(2))
    assert_equal(made, read)
    assert not read.ids.flags.writeable, "a map of the file"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("located", [True, False])
@pytest.mark.parametrize("texts", [TEXTS, [""], []])
def test_what_is_spooled_is_what_is_made_in_memory(
    tokenizer: BertTokenizer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    texts: list[str],
    located: bool,
) -> None:
    direct = tokenise(tokenizer, texts, lambda _: None, located=located)
    monkeypatch.setattr(model.tokens, "CHUNK_TEXTS", 2)
    assert_equal(tokens(tmp_path, tokenizer, texts, located=located), direct)
    assert_equal(tokenise(tokenizer, texts, lambda _: None, located=located), direct)


def test_a_spool_that_is_interrupted_leaves_nothing_behind(tokenizer: BertTokenizer, tmp_path: Path) -> None:
    """Not even where the process is killed: there is no file that would have to be deleted."""

    def interrupted() -> Iterator[TokenTable]:
        yield from token_chunks(tokenizer, TEXTS, lambda _: None, located=True)
        assert not list(tmp_path.iterdir())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), spooled(tmp_path, interrupted()):
        raise AssertionError("there is no whole table")
    assert not list(tmp_path.iterdir())


def test_a_second_look_does_not_tokenise(
    tokenizer: BertTokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens(tmp_path, tokenizer)

    def refuse(*_: object, **__: object) -> TokenTable:
        raise AssertionError("it was tokenised again")

    monkeypatch.setattr(model.token_cache, "token_chunks", refuse)
    done: list[int] = []
    cached_tokens(tmp_path, tokenizer, TEXTS, done.append)
    assert sum(done) == len(TEXTS)
    for other in ([*TEXTS[:-1], "x"], TEXTS[::-1], ["".join(TEXTS)]):
        with pytest.raises(AssertionError, match="again"):
            tokens(tmp_path, tokenizer, other)
    with pytest.raises(AssertionError, match="again"):
        tokens(tmp_path, train_tokenizer(["another vocabulary"] * 3))
    with pytest.raises(AssertionError, match="again"):
        tokens(tmp_path, tokenizer, located=False)


def test_a_damaged_file_is_made_anew(tokenizer: BertTokenizer, tmp_path: Path) -> None:
    made = tokens(tmp_path, tokenizer)
    (path,) = tmp_path.iterdir()
    # As a map of the file, `made` must not see what happens to it.
    made = TokenTable(*(np.array(getattr(made, name)) for name in ("ids", "starts", "ends", "bounds")))
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])
    assert_equal(tokens(tmp_path, tokenizer), made)
    assert_equal(read_table(path), made)


def test_a_folder_keeps_the_tables_last_read(
    tokenizer: BertTokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model.token_cache, "KEPT", 2)
    for text in "abc":
        tokens(tmp_path, tokenizer, [text])
    assert len(list(tmp_path.iterdir())) == 2
