"""How many contexts of an evaluation also stood in training: a reader may know those by heart."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.scoring.benchmarks import Pair
from tasks.scoring.metrics import UNICODE_PUNCTUATION


@dataclass(frozen=True, slots=True)
class Shared:
    """Of `contexts` distinct contexts, `shared` stood in training too."""

    contexts: int
    shared: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """The contexts shared with training, in all and by context language."""

    total: Shared
    by_language: Mapping[str, Shared]


def context_key(text: str) -> bytes:
    """A hash that is equal for texts that differ in case, punctuation, spacing or Unicode form only.

    >>> context_key("Paris is\\u00a0the capital.") == context_key("paris is the  capital")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(UNICODE_PUNCTUATION)
    return hashlib.blake2b("".join(folded.split()).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def overlap(training_contexts: Iterable[str], pairs: Sequence[Pair]) -> Overlap:
    """Compare the distinct contexts of the pairs with those of training.

    Training contexts may repeat and come as a stream: 16 bytes are kept of each distinct one.
    """
    evaluated: dict[str, set[bytes]] = {}
    seen: dict[str, bytes] = {}
    for pair in pairs:
        keys = evaluated.setdefault(pair.context_language, set())
        for context in {example.context for example in pair.examples}:
            keys.add(seen.get(context) or seen.setdefault(context, context_key(context)))
    trained = {context_key(context) for context in _runs_collapsed(training_contexts)}
    by_language = {code: Shared(len(keys), len(keys & trained)) for code, keys in sorted(evaluated.items())}
    everything = set().union(*evaluated.values())
    return Overlap(Shared(len(everything), len(everything & trained)), by_language)


def _runs_collapsed(contexts: Iterable[str]) -> Iterable[str]:
    """Rows of one context stand together in a snapshot: hash it once a run, not once a row."""
    previous = None
    for context in contexts:
        if context != previous:
            yield context
        previous = context
