"""The vocabulary of the tiny preset: WordPiece learnt from the training texts themselves, in every script.

`tokenizers` walks its words in the order of a randomly seeded hash map, so ids and ties would change from
process to process. All single characters are therefore listed beforehand, with and without `##`, in a fixed
order; what it adds then, merge by merge, no longer depends on that order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from tokenizers import Tokenizer, models, trainers
from transformers import BertTokenizer

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PREFIX = "##"
VOCABULARY_SIZE = 8000
ALPHABET_SIZE = 3000
"""Characters at most, so that with their `##` forms they leave a quarter of the vocabulary to merges."""
MAX_TOKENS = 512


def train_tokenizer(texts: Sequence[str]) -> BertTokenizer:
    """A cased BERT tokenizer (accents kept, Chinese by character): at most 8,000 word pieces of the texts.

    The same texts give the same vocabulary with the same ids.
    """
    plain = _tokenizer({token: number for number, token in enumerate(SPECIALS)})
    words = _words(plain.backend_tokenizer, texts)
    listed = [*SPECIALS, *_characters(words)]
    learner = Tokenizer(models.WordPiece(unk_token=SPECIALS[1]))
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY_SIZE,
        min_frequency=2,
        # Not as an alphabet: only special tokens get their ids in the order in which they are given.
        special_tokens=listed,
        limit_alphabet=0,
        continuing_subword_prefix=PREFIX,
        show_progress=False,
    )
    learner.train_from_iterator(chain.from_iterable([word] * n for word, n in words.items()), trainer)
    return _tokenizer(learner.get_vocab(with_added_tokens=True))


def _tokenizer(vocabulary: dict[str, int]) -> BertTokenizer:
    ordered = dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    return BertTokenizer(vocab=ordered, do_lower_case=False, strip_accents=False, model_max_length=MAX_TOKENS)


def _words(rust: Tokenizer, texts: Iterable[str]) -> Counter[str]:
    """The words of the texts as BERT's own normaliser and pre-tokeniser see them."""
    counts: Counter[str] = Counter()
    for text in texts:
        normal = rust.normalizer.normalize_str(text)
        counts.update(word for word, _ in rust.pre_tokenizer.pre_tokenize_str(normal))
    return counts


def _characters(words: Counter[str]) -> list[str]:
    """The most frequent characters by code point, then their `##` forms where they occur."""
    counts: Counter[str] = Counter()
    inner: set[str] = set()
    for word, count in words.items():
        inner.update(word[1:])
        for character in word:
            counts[character] += count
    frequent = sorted(counts, key=lambda character: (-counts[character], character))[:ALPHABET_SIZE]
    return [*sorted(frequent), *(PREFIX + character for character in sorted(frequent) if character in inner)]
