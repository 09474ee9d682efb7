"""Made-up English: contexts with repeated, nested and crossing answers, quotes, brackets, commas and ampersands."""

import random
from collections.abc import Iterator
from functools import partial

from storage.examples import Answer, Example, Span

SHORT = ("a", "the", "of", "in", "and", "to", "was", "by")
SYLLABLES = ("ba", "ke", "lim", "ro", "stu", "tan", "ver", "mi", "gos", "pel", "dra", "no")
OFTEN = [1 / (rank + 10) for rank in range(400)]
"""How often each long word is used, by Zipf's law less its peak."""

BEFORE = {" ": 20, ", ": 3, " & ": 1, ' "': 1.5, " (": 1}
CLOSES = {' "': '"', " (": ")"}
"""What stands before a word, how often, and what then has to come behind it or one of the next."""

SENTENCES, WORDS = 4, (8, 14)


def examples(seed: int, contexts: int) -> list[Example]:
    """Examples with one answer each, about eight on every context."""
    rng = random.Random(seed)
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in OFTEN]
    found = []
    for number in range(contexts):
        context, sentences = _context(words, rng)
        spans = dict.fromkeys(filter(partial(_is_whole, context), _spans(context, sentences, rng)))
        found += [
            Example(f"{number}-{i}", "", "?", context, (Answer(context[span.start : span.end], span.start),))
            for i, span in enumerate(spans)
        ]
    return found


def _context(words: list[str], rng: random.Random) -> tuple[str, list[list[Span]]]:
    """A context, and where the words of each of its sentences stand."""
    text, sentences = "", []
    for _ in range(SENTENCES):
        spans: list[Span] = []
        close = ""
        for _ in range(rng.randint(*WORDS)):
            before = rng.choices([*BEFORE], [*BEFORE.values()])[0] if spans and not close else " "
            word = rng.choice(SHORT) if rng.random() < 0.3 else rng.choices(words, OFTEN)[0]
            text += before if spans else ""
            spans.append(Span(len(text), len(text) + len(word)))
            text += word
            close = CLOSES.get(before, close)
            if close and rng.random() < 0.4:
                text, close = text + close, ""
        text += f"{close}. "
        sentences.append(spans)
    return text.rstrip(), sentences


def _is_whole(context: str, span: Span) -> bool:
    """Whether no quotation and no bracket is cut, which people's answers do not do either."""
    text = context[span.start : span.end]
    return text.count('"') % 2 == 0 and text.count("(") == text.count(")")


def _spans(context: str, sentences: list[list[Span]], rng: random.Random) -> Iterator[Span]:
    for words in sentences:
        first = rng.randrange(len(words) - 4)
        yield Span(words[first].start, words[first + rng.randint(0, 3)].end)
    words = rng.choice(sentences)
    first = rng.randrange(len(words) - 4)
    yield Span(words[first].start, words[first + 3].end)
    yield Span(words[first + 1].start, words[first + 2].end)
    yield Span(words[first + 2].start, words[first + 4].end)
    yield from _repeated(context, [word for words in sentences for word in words], rng)
    yield from _quoted(context)


def _repeated(context: str, words: list[Span], rng: random.Random) -> list[Span]:
    """Two of the places of a word that stands in the context more than once."""
    texts = [context[word.start : word.end] for word in words]
    often = [word for word, text in zip(words, texts, strict=True) if texts.count(text) > 1 and len(text) > 3]
    if not often:
        return []
    text = context[(chosen := rng.choice(often)).start : chosen.end]
    return [word for word, other in zip(words, texts, strict=True) if other == text][:2]


def _quoted(context: str) -> list[Span]:
    """The first quotation, marks and all."""
    start = context.find('"')
    end = context.find('"', start + 1)
    return [Span(start, end + 1)] if 0 <= start < end else []
