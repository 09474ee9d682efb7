"""Text to the ids of a model and back, language tokens included."""

from collections.abc import Sequence
from typing import Any

from tasks.mt.families import Family, short_code
from tasks.mt.languages import THREE_LETTERS, TWO_LETTERS
from tasks.mt.options import Options


class Codec:
    """Text to ids and back, for one family's way to name languages.

    The ids of a text never come from what looks like a special token in it (`</s>`, `zho_Hans`): such text is split
    like any other.
    """

    def __init__(self, tokenizer: Any, family: Family, options: Options) -> None:
        self.tokenizer = tokenizer
        self.family = family
        vocabulary = tokenizer.get_vocab() | getattr(tokenizer, "lang_token_to_id", {})
        self.codes = family.codes(vocabulary)
        self.source = short_code(options.source or getattr(tokenizer, "source_lang", None) or "")
        self.target = short_code(options.target or getattr(tokenizer, "target_lang", None) or "")
        self.unknown: int = tokenizer.unk_token_id
        self.end: int = tokenizer.eos_token_id
        self.pad: int = tokenizer.pad_token_id
        self.positions: int = tokenizer.model_max_length

    def targets(self, source: str) -> list[str]:
        """A model that knows its own languages, or one that has a token for each."""
        if self.family.name == "marian":
            reached = list(self.codes) or [self.target]
            known = source == self.source or (not _is_language(self.source) and _is_language(source))
            return sorted(set(reached) - {source, ""}) if known else []
        return sorted(set(self.codes) - {source}) if source in self.codes else []

    def token(self, target: str) -> str:
        """The language token of a target; empty for a model that has only one."""
        return self.family.written.format(self.codes[target]) if self.codes else ""

    def first(self, target: str) -> int | None:
        """The id that an answer is made to begin with, where the family does that."""
        return int(self.tokenizer.convert_tokens_to_ids(self.token(target))) if self.family.forced else None

    def encode(self, text: str, source: str, target: str) -> list[int]:
        """Ids of a text with all that belongs around it; none where the tokenizer leaves nothing of the text."""
        body = self._ids(f" {text}" if text.startswith(">>") else text)
        if not body:
            return []
        if self.family.forced:
            self.tokenizer.src_lang = self.codes[source]
            return [*self.tokenizer.prefix_tokens, *body, *self.tokenizer.suffix_tokens]
        token = self.token(target)
        head = self.tokenizer(token, add_special_tokens=False).input_ids if token else []
        return [*head, *body, self.end]

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ids, spaces as the model has them."""
        marian = {"use_source_tokenizer": False} if self.family.name == "marian" else {}
        return str(
            self.tokenizer.decode(
                list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False, **marian
            )
        )

    def _ids(self, text: str) -> list[int]:
        encoded = self.tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)
        return list(encoded.input_ids)


def _is_language(code: str) -> bool:
    """Whether a code names one language rather than a group (`mul`, `ROMANCE`)."""
    return code in THREE_LETTERS or code in TWO_LETTERS
