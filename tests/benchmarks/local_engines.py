"""Local engines beside plain `model.generate`: tokens per second on texts of mixed lengths, on one small random model.

    python -m tests.benchmarks.local_engines [--texts 256] [--rounds 3] [--seed 0]

Plain means what a script does that follows a model's card: texts in the order in which they come, in batches of as many
as the longest of them allow within the same padded size (both need the same memory), each padded to its longest.
Lengths are those of SQuAD: half questions, half paragraphs, log-normal round their means. Random weights never end a
sentence, so the network's real forward pass is made to, for both alike, after as many tokens as the source has. Both
write the same number of tokens; rounds alternate, and the ratio is of the medians. Time is the processor's, on one
thread, so that other programs disturb it little; seconds by the clock are printed too. Prints one JSON object last.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sentencepiece
import torch
import transformers

from tasks.mt import local
from tasks.mt.local import open_transformers
from tasks.mt.neural import NeuralEngine

QUESTION_WORDS, PARAGRAPH_WORDS, SPREAD = 10, 117, 0.4
"""SQuAD v1.1: mean words of a question and of a paragraph; the spread of their logarithms, roughly."""


def main() -> None:
    """Run the rounds and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in (("texts", 256), ("rounds", 3), ("seed", 0), ("threads", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = compared(Path(folder), options.texts, options.rounds, options.seed)
    for name in ("plain", "engine"):
        print(f"{name:7} {result[name]['tokens_per_s']:10.0f} tokens/s (median of {options.rounds})")
    print(f"ratio   {result['ratio']:10.2f}")
    print(json.dumps(result))


def compared(folder: Path, texts: int, rounds: int, seed: int) -> dict[str, Any]:
    """Both ways in turn, each round on the same texts."""
    random.seed(seed)
    written = write_model(folder, seed)
    engine = open_transformers(f"{written}?beams=1")
    model, cutting, *_ = engine._open("en", "es")
    assert isinstance(model, local.TorchModel)
    end_with_source(model._network)
    lines = [text(i) for i in range(texts)]
    rows = [model.encode(line, "en", "es") for line in lines]
    size = max(1, cutting.batch_tokens // max(map(len, rows)))
    ways: dict[str, Callable[[], None]] = {
        "plain": lambda: plain(model, rows, size),
        "engine": lambda: ours(engine, lines),
    }
    plain(model, rows[:8], 8)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    clock: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        for name in sorted(ways, reverse=turn % 2 == 0):
            start, clock_start = time.process_time(), time.perf_counter()
            ways[name]()
            seconds[name].append(time.process_time() - start)
            clock[name].append(time.perf_counter() - clock_start)
    tokens = sum(map(len, rows))
    speeds = {name: tokens / statistics.median(taken) for name, taken in seconds.items()}
    return {
        **{
            name: {"tokens_per_s": round(speeds[name], 1), "cpu_s": seconds[name], "clock_s": clock[name]}
            for name in ways
        },
        "ratio": round(speeds["engine"] / speeds["plain"], 3),
        "ratio_by_clock": round(statistics.median(clock["plain"]) / statistics.median(clock["engine"]), 3),
        "texts": texts,
        "tokens": tokens,
        "longest": max(map(len, rows)),
        "plain_batch": size,
        "batch_tokens": cutting.batch_tokens,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }


def plain(model: local.TorchModel, rows: list[list[int]], size: int) -> None:
    """What a model's card shows, batch after batch; every answer must end where it is made to."""
    pad, limit = model.codec.pad, model.positions - 2
    for start in range(0, len(rows), size):
        batch = rows[start : start + size]
        width = max(map(len, batch))
        ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in batch])
        with torch.inference_mode():
            found = model._network.generate(
                input_ids=ids, attention_mask=(ids != pad).long(), max_new_tokens=limit,
                suppress_tokens=[model.codec.unknown, pad],
            )  # fmt: skip
        answers = model.codec.tokenizer.batch_decode(found, skip_special_tokens=True)
        assert len(answers) == len(batch)
        assert found.shape[1] == width + 1


def ours(engine: NeuralEngine, lines: list[str]) -> None:
    """The engine as the client uses it, tokenizing, cutting and joining included."""
    limit = engine.limits.max_segments
    for start in range(0, len(lines), limit):
        answers = engine.translate(lines[start : start + limit], "en", "es")
        assert None not in answers


def text(place: int) -> str:
    """A question or a paragraph of random words."""
    mean = PARAGRAPH_WORDS if place % 2 else QUESTION_WORDS
    words = max(3, min(300, round(random.lognormvariate(0, SPREAD) * mean)))
    return " ".join(random.choices(WORDS, k=words))


WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("n", "r", "st", "l", "m")]


def write_model(folder: Path, seed: int) -> Path:
    """A Marian of 4 + 4 layers, d 256, with a vocabulary of one piece for each word."""
    (folder / "corpus.txt").write_text("\n".join(" ".join(random.sample(WORDS, 20)) for _ in range(3000)))
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "corpus.txt"), model_prefix=str(folder / "tiny"), vocab_size=420,
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tiny.model"))
    found = [pieces.id_to_piece(i) for i in range(len(pieces))]
    words = ["</s>", "<unk>", *(piece for piece in found if piece not in ("<s>", "</s>", "<unk>")), "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    tokenizer = transformers.MarianTokenizer(
        str(folder / "tiny.model"), str(folder / "tiny.model"), str(folder / "vocab.json"),
        source_lang="en", target_lang="es", model_max_length=512,
    )  # fmt: skip
    torch.manual_seed(seed)
    pad = len(words) - 1
    config = transformers.MarianConfig(
        vocab_size=len(words), d_model=256, encoder_layers=4, decoder_layers=4, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=1024, decoder_ffn_dim=1024, max_position_embeddings=512,
        pad_token_id=pad, decoder_start_token_id=pad, eos_token_id=0, init_std=0.1,
    )  # fmt: skip
    model = transformers.MarianMTModel(config)
    model.generation_config.update(forced_eos_token_id=None)
    model.save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    return folder / "model"


def end_with_source(network: Any) -> None:
    """Make each answer end after as many tokens as its source has, whatever the random weights say."""
    end = network.config.eos_token_id

    def after(_module: Any, _args: Any, kwargs: dict[str, Any], output: Any) -> Any:
        done = kwargs["past_key_values"].get_seq_length() >= kwargs["attention_mask"].sum(dim=1)
        output.logits[:, -1, end] = torch.where(done, 1e4, -1e4)
        return output

    network.register_forward_hook(after, with_kwargs=True)


if __name__ == "__main__":
    main()
