"""From logits to answers beside utils_qa.py's `postprocess_qa_predictions`, on one thread.

    python -m tests.benchmarks.postprocessing --peer FOLDER [--rounds 3] [--repeat 1] [--language en]

Both are given the same logits of XQuAD's windows: seeded noise with a peak at the gold answer. Both find the 20 best
spans of at most 30 tokens of each question, with their texts. Answers are compared one by one.
"""

import os

os.environ["TQDM_DISABLE"] = "1"

from typing import Any

import datasets
import numpy as np
import torch

from model.answering import Found, spans_of
from model.answers import Question
from model.batches import micro_batches
from model.features import Windows, make_windows
from model.nbest import Floats
from model.prediction import predictions_of
from model.progress import ignore
from tests.benchmarks.features import repeated
from tests.benchmarks.peers import (
    DOC_STRIDE,
    MAX_LENGTH,
    Row,
    mbert_tokenizer,
    parser,
    peer_function,
    peer_module,
    race,
    show,
    training_rows,
    xquad,
)  # fmt: skip

N_BEST, MAX_ANSWER_TOKENS = 20, 30
"""run_qa.py's defaults."""

BATCH_TOKENS = 64 * MAX_LENGTH


def main() -> None:
    """Run the rounds and print the figures."""
    made = parser(__doc__, rounds=3, repeat=1)
    made.add_argument("--language", default="en")
    options = made.parse_args()
    torch.set_num_threads(1)
    rows = repeated(xquad(options.data, options.language), options.repeat)
    tokenizer = mbert_tokenizer(options.data)
    read = training_rows({"en": rows})
    windows = make_windows(
        tokenizer, read.texts, max_length=MAX_LENGTH, doc_stride=DOC_STRIDE, on_progress=ignore
    )
    logits = noise(windows, windows.answer_positions(read.spans))
    ways: dict[str, Any] = {"ours": lambda: ours(rows, windows, *logits)}
    if options.peer:
        datasets.disable_progress_bars()
        table = datasets.Dataset.from_list(rows)
        prepare = peer_function(options.peer, "prepare_validation_features", tokenizer, pad=True)
        features = table.map(prepare, batched=True, remove_columns=table.column_names)
        process = peer_module(options.peer, "utils_qa").postprocess_qa_predictions
        ways["utils_qa"] = lambda: process(
            table, features, logits, n_best_size=N_BEST, max_answer_length=MAX_ANSWER_TOKENS
        )
    seconds, results = race(ways, options.rounds)
    base = seconds.get("utils_qa", seconds["ours"])
    lines = [("", "questions/s", "x utils_qa")]
    lines += [(name, f"{len(rows) / s:,.0f}", f"{base / s:.2f}") for name, s in seconds.items()]
    different = None
    if options.peer:
        expected = results["utils_qa"]
        different = sum(found.text != expected[found.key] for found in results["ours"])
        lines.append(("answers that differ", different, ""))
    show(
        lines,
        {"questions": len(rows), "cpu_s": seconds, "ratio": base / seconds["ours"], "different": different},
    )


def noise(windows: Windows, positions: Any) -> tuple[Floats, Floats]:
    """Start and end logits (W, 384), with a peak at the labels; they are lower outside of the context."""
    rng = np.random.default_rng(0)
    shape = (len(windows), MAX_LENGTH)
    context = np.zeros(shape, dtype=bool)
    held = windows.is_context()
    context[:, : held.shape[1]] = held
    found = []
    for column in positions.T:
        logits = rng.normal(0, 1.5, shape).astype(np.float32) - 4 * ~context
        logits[np.arange(len(windows)), column] += 6
        found.append(logits.astype(np.float32))
    return found[0], found[1]


def ours(rows: list[Row], windows: Windows, start_logits: Floats, end_logits: Floats) -> Any:
    """Predictions with their candidates, as `model.prediction` makes them once the network has run."""
    found = []
    for chosen in micro_batches(np.arange(len(windows)), windows.lengths, max_tokens=BATCH_TOKENS):
        batch = windows.take(chosen)
        width = int(batch.lengths.max())
        logits = (torch.from_numpy(part[chosen, :width]) for part in (start_logits, end_logits))
        found.append(spans_of(batch, *logits, n_best=N_BEST, max_tokens=MAX_ANSWER_TOKENS))
    best = Found(*(np.concatenate(column) for column in zip(*found, strict=True))).best(N_BEST)
    return predictions_of([Question(row["id"], row["question"], row["context"]) for row in rows], best)


if __name__ == "__main__":
    main()
