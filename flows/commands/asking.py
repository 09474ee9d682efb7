"""`silverspan ask`: one question on one text."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from flows.commands.common import COMMON, Common, finish
from storage.errors import InputError, UsageError

if TYPE_CHECKING:
    from model.answers import Prediction

Text = Annotated[str, Parameter(allow_leading_hyphen=True)]
"""An option whose value may begin with a hyphen, as the sign for standard input does."""


def ask(
    *,
    model: str = "latest",
    question: Text,
    context: Text,
    n_best: int = 5,
    max_answer_tokens: int = 30,
    common: Common = COMMON,
) -> None:
    """Ask a reader one question on one text.

    `silverspan ask --question "Who wrote it?" --context text.txt`

    `echo "Ana wrote it in 1904." | silverspan ask --question "When?" --context -`

    Parameters
    ----------
    model:
        An id, a ref or a folder.
    question:
        The question.
    context:
        The file that holds the text, or `-` for standard input.
    n_best:
        How many answers to show, best first; `--json` has them too.
    max_answer_tokens:
        The longest answer, in tokens of the reader.
    """
    for name, value in (("n-best", n_best), ("max-answer-tokens", max_answer_tokens)):
        if value < 1:
            raise UsageError(f"--{name} {value} would find nothing; give 1 or more.")
    text = _text(context)
    found = _answered(common.store, model, question, text, n_best, max_answer_tokens)
    finish(common, _result(found), *_lines(found))


def _answered(store: str, model: str, question: str, context: str, n_best: int, tokens: int) -> "Prediction":
    from storage.models import local_model
    from storage.store import Store

    with tempfile.TemporaryDirectory(prefix="silverspan-ask-") as folder:
        reader = local_model(Store(store), model, Path(folder))
        from model import runtime
        from model.prediction import ask as ask_reader

        runtime.prepare(threads=0)
        return ask_reader(reader, question, context, n_best=n_best, max_answer_tokens=tokens)


def _result(found: "Prediction") -> dict[str, Any]:
    best = [{"answer": c.text, "answer_start": c.answer_start, "score": c.score} for c in found.n_best]
    return {
        "answer": found.text,
        "answer_start": found.answer_start,
        "score": found.score,
        "n_best": best,
    }


def _lines(found: "Prediction") -> list[str]:
    """The answer, then each candidate with its place (code points) and score (start logit plus end logit)."""
    if not found.n_best:
        return ["no answer: the text has no token that the reader knows"]
    table = [f"{c.answer_start:>8}  {c.score:>8.2f}  {c.text}" for c in found.n_best]
    return [found.text, "", f"{'offset':>8}  {'score':>8}  answer", *table]


def _text(context: str) -> str:
    try:
        return sys.stdin.read() if context == "-" else Path(context).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{context}: cannot be read as UTF-8 text ({error}); check the file.") from error
