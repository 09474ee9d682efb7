"""The peer of the reader's benchmarks: Hugging Face's question-answering example, and XQuAD as it and we read it.

The example's files (run_qa.py, utils_qa.py; transformers, examples/pytorch/question-answering) are fetched outside of
the project and named by `--peer`. Functions that stand within its `main` are taken from its source as they are.
"""

import argparse
import ast
import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from transformers import BertTokenizer

from model.rows import TrainingRows
from model.texts import Texts, distinct

DATA = Path(__file__).parents[3] / "shared" / "data"
MAX_LENGTH, DOC_STRIDE = 384, 128
"""The paper's (Sec. 4.2), and run_qa.py's."""

Row = dict[str, Any]


def parser(description: str | None, **defaults: int) -> argparse.ArgumentParser:
    """A command line with whole numbers, and the folders of peer and data."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in defaults.items():
        made.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
    made.add_argument("--peer", type=Path, help="the folder with run_qa.py and utils_qa.py")
    made.add_argument("--data", type=Path, default=DATA, help="the folder with xquad/ and mbert/vocab.txt")
    return made


def mbert_tokenizer(data: Path) -> Any:
    """bert-base-multilingual-cased's, from its vocabulary."""
    return BertTokenizer(vocab=str(data / "mbert" / "vocab.txt"), do_lower_case=False, model_max_length=512)


def xquad(data: Path, language: str = "en", questions: str | None = None) -> list[Row]:
    """XQuAD as SQuAD's rows; `questions` asks them in another language, as T(Q) does."""
    asked = {row["id"]: row["question"] for row in xquad(data, questions)} if questions else {}
    articles = json.loads((data / "xquad" / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
    return [
        {
            "id": qa["id"],
            "question": asked.get(qa["id"], qa["question"]),
            "context": paragraph["context"],
            "answers": {
                "text": [answer["text"] for answer in qa["answers"]],
                "answer_start": [answer["answer_start"] for answer in qa["answers"]],
            },
        }
        for article in articles
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]


def training_rows(parts: Mapping[str, Sequence[Row]]) -> TrainingRows:
    """Rows by language of the question, as `model.rows` reads them from a snapshot."""
    rows = [row for part in parts.values() for row in part]
    asked = [number for number, part in enumerate(parts.values()) for _ in part]
    starts = np.array([row["answers"]["answer_start"][0] for row in rows], dtype=np.int64)
    lengths = np.array([len(row["answers"]["text"][0]) for row in rows], dtype=np.int64)
    return TrainingRows(
        texts=Texts.of((row["question"] for row in rows), (row["context"] for row in rows)),
        spans=np.stack([starts, starts + lengths], axis=1),
        languages=tuple(parts),
        question_languages=tuple(parts),
        languages_of=np.array(asked, dtype=np.int64),
        sources=distinct(row["id"] for row in rows)[1],
    )


def peer_function(peer: Path, name: str, tokenizer: Any, *, pad: bool) -> Callable[[Any], Any]:
    """A function that stands within run_qa.py's `main`, with the values that it finds there."""
    tree = ast.parse((peer / "run_qa.py").read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    within = {
        "question_column_name": "question",
        "context_column_name": "context",
        "answer_column_name": "answers",
        "pad_on_right": True,
        "max_seq_length": MAX_LENGTH,
        "tokenizer": tokenizer,
        "data_args": SimpleNamespace(doc_stride=DOC_STRIDE, pad_to_max_length=pad),
    }
    exec(compile(ast.Module(body=[found[0]], type_ignores=[]), str(peer / "run_qa.py"), "exec"), within)
    function: Callable[[Any], Any] = within[name]
    return function


def peer_module(peer: Path, name: str) -> Any:
    """One of the peer's files as a module."""
    spec = importlib.util.spec_from_file_location(name, peer / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def race(ways: Mapping[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Runs all ways in turn, round after round; each one's median processor seconds, and what it returned last.

    The processor's time, on one thread: other programs disturb it less than the clock's.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    results: dict[str, Any] = {}
    for turn in range(rounds + 1):
        for name in sorted(ways, reverse=turn % 2 == 1):
            began = time.process_time()
            results[name] = ways[name]()
            # The first round warms caches up.
            if turn:
                taken[name].append(time.process_time() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}, results


def show(lines: Sequence[Sequence[Any]], result: Mapping[str, Any]) -> None:
    """A table for people, one JSON object for machines."""
    for name, *figures in lines:
        print(f"{name:44}" + "".join(f"{figure:>14}" for figure in figures))
    print(json.dumps(result))
