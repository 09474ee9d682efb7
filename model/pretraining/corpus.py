"""The texts to pre-train on, as tensors: `[CLS] statement [SEP] context [SEP]`, each word one token."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from transformers import BertTokenizer

from model.errors import first_line
from model.texts import Ints
from model.vocabulary import MAX_TOKENS, SPECIALS
from storage.errors import InputError

COLUMNS = ("statement", "context", "told_first", "told_after", "found_first", "found_after")
"""A statement, a text that tells it, and where its value stands in either: half-open, in words."""


@dataclass(frozen=True, slots=True)
class Documents:
    """N documents, all int64: ids, types (N, T), the value in the statement and in the context (N, 2).

    Both ranges are inclusive, in tokens; a statement that asks, instead of telling, has (0, 0).
    """

    ids: torch.Tensor
    types: torch.Tensor
    told: torch.Tensor
    found: torch.Tensor

    def __len__(self) -> int:
        return len(self.ids)

    def to(self, device: torch.device) -> "Documents":
        """The same on a device."""
        return Documents(*(part.to(device) for part in (self.ids, self.types, self.told, self.found)))

    def take(self, chosen: torch.Tensor) -> "Documents":
        """These documents (B,), no longer than the longest of them."""
        ids = self.ids[chosen]
        longest = int((ids != 0).sum(1).max())
        return Documents(
            ids[:, :longest], self.types[chosen, :longest], self.told[chosen], self.found[chosen]
        )


def read_vocabulary(path: Path) -> dict[str, int]:
    """The words with the numbers of their concepts, in the file's order.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        return {str(word): int(number) for word, number in json.loads(path.read_bytes())}
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"The vocabulary {path} cannot be read ({first_line(error)}); write it anew."
        ) from error


def word_tokenizer(words: dict[str, int]) -> BertTokenizer:
    """A BERT tokenizer to which each of the words is one token."""
    vocabulary = {token: number for number, token in enumerate((*SPECIALS, *words))}
    return BertTokenizer(vocab=vocabulary, do_lower_case=False, model_max_length=MAX_TOKENS)


def read_documents(path: Path, tokenizer: BertTokenizer) -> Documents:
    """All documents of a corpus.

    Raises:
        InputError: the file cannot be read, or a document does not fit.
    """
    try:
        table = pq.read_table(path, columns=list(COLUMNS))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"The corpus {path} cannot be read ({first_line(error)}); write it anew.") from error
    statements, contexts = (_ids(table[name].to_pylist(), tokenizer, path) for name in COLUMNS[:2])
    begins = np.array([len(statement) + 2 for statement in statements])
    rows = [
        [tokenizer.cls_token_id, *statement, tokenizer.sep_token_id, *context, tokenizer.sep_token_id]
        for statement, context in zip(statements, contexts, strict=True)
    ]
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    if ids.shape[1] > MAX_TOKENS:
        raise InputError(f"The corpus {path} has texts of more than {MAX_TOKENS} words; make them shorter.")
    second = torch.arange(ids.shape[1]) >= torch.from_numpy(begins)[:, None]
    types = (second & (ids != 0)).long()
    return Documents(ids, types, _tokens(table, "told", begins * 0 + 1), _tokens(table, "found", begins))


def _ids(texts: Sequence[str], tokenizer: BertTokenizer, path: Path) -> list[list[int]]:
    """The words' numbers: what stands between blanks is one token, so no tokenizer has to look for more."""
    known = tokenizer.get_vocab()
    try:
        return [[known[word] for word in text.split()] for text in texts]
    except KeyError as error:
        raise InputError(f"The corpus {path} has the word {error}, which the vocabulary lacks.") from error


def _tokens(table: pa.Table, where: str, begin: Ints) -> torch.Tensor:
    """Half-open ranges of words as inclusive ones of tokens; (0, 0) where a range is empty."""
    first, after = (table[f"{where}_{end}"].to_numpy() for end in ("first", "after"))
    ranges = np.stack([begin + first, begin + after - 1], axis=1)
    return torch.from_numpy(np.where((first < after)[:, None], ranges, 0))
