"""Features (windows with labels) of XQuAD beside run_qa.py's `datasets.map`, on one thread.

    python -m tests.benchmarks.features --peer FOLDER [--rounds 5] [--repeat 5] [--language en]

Each repetition has contexts of its own (a number is put before them), so texts repeat as in SQuAD: about five questions
on a context. Ours is timed from texts to labelled batches of 32, padded to their longest; the peer's to its Arrow
table, as run_qa.py makes it: padded to 384 (its default) and not padded. Tokens and labels are compared one by one.
"""

import os

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tempfile
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from model.features import Windows, make_windows
from model.progress import ignore
from model.texts import Ints
from tests.benchmarks.peers import (
    DOC_STRIDE,
    MAX_LENGTH,
    Row,
    mbert_tokenizer,
    parser,
    peer_function,
    race,
    show,
    training_rows,
    xquad,
)  # fmt: skip


def main() -> None:
    """Run the rounds and print the figures."""
    made = parser(__doc__, rounds=5, repeat=5)
    made.add_argument("--language", default="en")
    options = made.parse_args()
    rows = repeated(xquad(options.data, options.language), options.repeat)
    tokenizer = mbert_tokenizer(options.data)
    with tempfile.TemporaryDirectory() as folder:
        ways: dict[str, Any] = {
            "ours": lambda: ours(tokenizer, rows, None),
            "ours, read from the cache": lambda: ours(tokenizer, rows, Path(folder)),
        }
        if options.peer:
            datasets.disable_progress_bars()
            table = stored(rows, Path(folder) / "rows")
            for name, pad in (("run_qa, padded to 384 (its default)", True), ("run_qa, not padded", False)):
                function = peer_function(options.peer, "prepare_train_features", tokenizer, pad=pad)
                ways[name] = lambda function=function: table.map(
                    function, batched=True, remove_columns=table.column_names, load_from_cache_file=False
                )
        seconds, results = race(ways, options.rounds)
    windows, positions = results["ours"]
    lines = [("", "features/s", "x default")]
    base = seconds.get("run_qa, padded to 384 (its default)", seconds["ours"])
    lines += [(name, f"{len(windows) / s:,.0f}", f"{base / s:.2f}") for name, s in seconds.items()]
    different = None
    if options.peer:
        different = differing(windows, positions, results["run_qa, not padded"])
        lines.append(("features that differ", different, ""))
    ratios = {name: round(base / s, 3) for name, s in seconds.items()}
    show(lines, {"features": len(windows), "cpu_s": seconds, "ratios": ratios, "different": different})


def repeated(rows: list[Row], times: int) -> list[Row]:
    """The rows several times over, on contexts that differ."""
    found = []
    for turn in range(times):
        mark = f"{turn} "
        for row in rows:
            starts = [start + len(mark) for start in row["answers"]["answer_start"]]
            answers = {"text": row["answers"]["text"], "answer_start": starts}
            found.append(
                {**row, "id": f"{turn}-{row['id']}", "context": mark + row["context"], "answers": answers}
            )
    return found


def ours(tokenizer: Any, rows: list[Row], cache: Path | None) -> tuple[Windows, Ints]:
    """Windows, labels, and every batch of them put together."""
    read = training_rows({"en": rows})
    windows = make_windows(
        tokenizer,
        read.texts,
        max_length=MAX_LENGTH,
        doc_stride=DOC_STRIDE,
        on_progress=ignore,
        cache=cache,
    )
    positions = windows.answer_positions(read.spans)
    order = np.argsort(windows.lengths, kind="stable")
    for first in range(0, len(order), 32):
        windows.take(order[first : first + 32]).assemble()
    return windows, positions


def stored(rows: list[Row], folder: Path) -> Any:
    """The rows as run_qa.py has them: a memory-mapped Arrow table."""
    datasets.Dataset.from_list(rows).save_to_disk(folder)
    return datasets.load_from_disk(folder)


def differing(windows: Windows, positions: Ints, table: Any) -> int:
    """Features whose tokens or labels are not the peer's."""
    assert len(windows) == len(table)
    expected = table.with_format(None)[:]
    lengths, ids = windows.lengths, windows.assemble().input_ids
    return sum(
        ids[n, : lengths[n]].tolist() != expected["input_ids"][n]
        or positions[n].tolist() != [expected["start_positions"][n], expected["end_positions"][n]]
        for n in range(len(windows))
    )


if __name__ == "__main__":
    main()
