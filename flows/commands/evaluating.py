"""`silverspan evaluate` and `silverspan ask`: what a reader can do."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import SAMPLE, Benchmark, parse_choice, resolve_data
from storage.errors import InputError

Text = Annotated[str, Parameter(allow_leading_hyphen=True)]
"""An option whose value may begin with a hyphen, as the sign for standard input does."""


def evaluate(
    *,
    benchmark: str,
    model: str = "latest",
    data: str = SAMPLE,
    split: str = "test",
    languages: str = "",
    mirror: str = "",
    common: Common = COMMON,
) -> None:
    """Put a reader to a benchmark and publish a report.

    `silverspan evaluate --model latest --benchmark mlqa --data official`

    `silverspan evaluate --model ./my-reader --benchmark xquad --data ./xquad`

    Parameters
    ----------
    benchmark:
        squad, mlqa, xquad or tydiqa.
    model:
        An id, a ref (`latest`, `champion`) or a folder that transformers loads.
    data:
        The folder (or file) of the benchmark, `official` to download it, or `sample`.
    split:
        MLQA's `test` or `dev`.
    languages:
        Only pairs of these languages, separated by commas; by default all pairs.
    mirror:
        Another host for official downloads.
    """
    chosen = parse_choice(Benchmark, benchmark)
    from flows.evaluate import check_evaluation, evaluate_reader
    from tasks.evaluation import Trial

    asked = names(languages)
    check_evaluation(common.store, Trial(model, chosen, resolve_data(data), split, tuple(asked)))
    with bars():
        result = evaluate_reader(model, chosen, data, split, asked, store=common.store, mirror=mirror)
    finish(
        common,
        result,
        f"F1 {result['f1']:.1f}, exact match {result['exact_match']:.1f} over {result['total']:,} questions",
        result["path"],
    )


def ask(*, model: str = "latest", question: Text, context: Text, common: Common = COMMON) -> None:
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
    """
    from storage.models import local_model
    from storage.store import Store

    text = _text(context)
    with tempfile.TemporaryDirectory(prefix="silverspan-ask-") as folder:
        reader = local_model(Store(common.store), model, Path(folder))
        from model.prediction import ask as ask_reader

        found = ask_reader(reader, question, text)
    result = {"answer": found.text, "answer_start": found.answer_start, "score": found.score}
    finish(common, result, found.text)


def _text(context: str) -> str:
    try:
        return sys.stdin.read() if context == "-" else Path(context).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{context}: cannot be read as UTF-8 text ({error}); check the file.") from error
