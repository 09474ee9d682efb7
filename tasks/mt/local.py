"""Neural engines on this machine: `transformers` (Marian, NLLB-200, M2M100, MADLAD-400) and `ctranslate2`.

    transformers:MODEL[@REVISION][?option=value&...]      transformers:facebook/nllb-200-distilled-600M?beams=2
    ctranslate2:DIRECTORY[?option=value&...]              ctranslate2:models/nllb-ct2?tokenizer=models/nllb

MODEL is a directory or a name on the Hugging Face Hub; only weights in safetensors are read, never pickled ones. The
directory of a CTranslate2 model (written by `ct2-transformers-converter`) must hold the files of its tokenizer too
(`--copy_files`), unless the option `tokenizer` says where they are. The options are those of `tasks.mt.options`.

The packages are imported at first use: transformers and torch are always there, ctranslate2 comes with the extra of its
name, sentencepiece (for Marian and M2M100) with `local`.
"""

import importlib
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from storage.errors import EngineError, UsageError
from tasks.mt.codec import Codec
from tasks.mt.errors import BrokenAnswer, EngineMissing
from tasks.mt.families import family_of
from tasks.mt.markup import Markup
from tasks.mt.neural import Model, NeuralEngine, OutOfMemory
from tasks.mt.options import Options, parsed
from tasks.mt.weights import Fingerprint, digest, fingerprint, model_folder, needed


def open_transformers(argument: str) -> NeuralEngine:
    """An engine for a model of one of the four families; nothing is read or loaded before its first use.

    Raises:
        UsageError: no model is named, or an option is unknown or out of range.
    """
    return _engine("transformers", argument, _open_torch)


def open_ctranslate2(argument: str) -> NeuralEngine:
    """An engine for a model in the format of CTranslate2; nothing is read or loaded before its first use.

    Raises:
        UsageError: no model is named, or an option is unknown or out of range.
    """
    return _engine("ctranslate2", argument, _open_ctranslate2)


def _engine(name: str, argument: str, load: Callable[[str, Options], Model]) -> NeuralEngine:
    where, options = parsed(name, argument)
    markup = Markup(options.markup)
    return NeuralEngine(name, partial(load, where, options), options.cutting, options.identity(), markup)


class _Local:
    """A model's files and codec; what generates comes with the subclass, at its first use."""

    def __init__(
        self, folder: Path, codec: Codec, options: Options, *, tokenizer: Path, positions: int | None
    ) -> None:
        self.folder = folder
        self.tokenizer = tokenizer
        self.codec = codec
        self.options = options
        self.family = codec.family
        self.positions = min(positions or codec.positions, codec.positions)
        self.targets = codec.targets
        self.encode = codec.encode
        self.decode = codec.decode

    @property
    def version(self) -> str:
        """Weights, configuration and tokenizer by content."""
        folders = dict.fromkeys((self.folder, self.tokenizer))
        return f"sha256:{digest(tuple(file for folder in folders for file in fingerprint(folder)))}"


class TorchModel(_Local):
    """A model run by transformers."""

    def generate(self, rows: Sequence[Sequence[int]], target: str, limit: int) -> list[list[int] | None]:
        """One padded batch. That an answer ended is seen by its end token, which nothing forces at the limit."""
        model, first = self._network, self.codec.first(target)
        import torch

        width = max(map(len, rows))
        ids = [[*row, *[self.codec.pad] * (width - len(row))] for row in rows]
        mask = [[1] * len(row) + [0] * (width - len(row)) for row in rows]
        with _mapped("transformers"), torch.inference_mode():
            found = model.generate(
                input_ids=torch.tensor(ids, device=model.device),
                attention_mask=torch.tensor(mask, device=model.device),
                max_new_tokens=min(limit, self.positions - 2),
                num_beams=self.options.beams,
                forced_bos_token_id=first,
                suppress_tokens=[self.codec.unknown, self.codec.pad],
            )
        return [self._answer(row, first) for row in found[:, 1:].tolist()]

    def _answer(self, row: list[int], first: int | None) -> list[int] | None:
        if self.codec.end not in row:
            return None
        start = 1 if first is not None and row[:1] == [first] else 0
        return row[start : row.index(self.codec.end)]

    @cached_property
    def _network(self) -> Any:
        with needed("torch"):
            import torch
        device = self.options.device or ("cuda" if torch.cuda.is_available() else "cpu")
        return _network(fingerprint(self.folder), self.folder, self.options.dtype, device)


class CTranslate2Model(_Local):
    """A model run by CTranslate2, without its silent cuts at 1024 source and 256 target tokens."""

    def generate(self, rows: Sequence[Sequence[int]], target: str, limit: int) -> list[list[int] | None]:
        """One batch as it is; an answer that lacks its end token did not end."""
        words, first = self.codec.tokenizer.convert_ids_to_tokens, self.codec.first(target)
        prefix = None if first is None else [words([first])] * len(rows)
        with _mapped("ctranslate2"):
            found = self._translator.translate_batch(
                [words(list(row)) for row in rows],
                target_prefix=prefix,
                beam_size=self.options.beams,
                max_input_length=0,
                max_decoding_length=min(limit, self.positions - 2),
                return_end_token=True,
                disable_unk=True,
            )
        return [self._answer(result.hypotheses[0], prefix is not None) for result in found]

    def _answer(self, tokens: list[str], prefixed: bool) -> list[int] | None:
        ids: list[int] = self.codec.tokenizer.convert_tokens_to_ids(tokens)
        return ids[prefixed:-1] if ids and ids[-1] == self.codec.end else None

    @cached_property
    def _translator(self) -> Any:
        library = _ctranslate2()
        device = self.options.device or ("cuda" if library.get_cuda_device_count() else "cpu")
        with _loading(self.folder):
            return library.Translator(str(self.folder), device=device, compute_type=self.options.dtype)


def _open_torch(name: str, options: Options) -> Model:
    folder = model_folder(name)
    if not any(folder.glob("*.safetensors")):
        raise EngineMissing(
            f"The model {name} has no weights in safetensors; choose a revision that has them (MODEL@REVISION), "
            "or write them once with save_pretrained of transformers."
        )
    with needed("transformers"):
        from transformers import AutoConfig
    with _loading(name):
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
    positions = getattr(config, "max_position_embeddings", None)
    codec = _codec(folder, config.model_type, options)
    return TorchModel(folder, codec, options, tokenizer=folder, positions=positions)


def _open_ctranslate2(name: str, options: Options) -> Model:
    _ctranslate2()
    folder = model_folder(name)
    if not (folder / "model.bin").is_file():
        raise EngineMissing(
            f"The directory {name} holds no CTranslate2 model; write one with: "
            "ct2-transformers-converter --model MODEL --output_dir DIRECTORY."
        )
    tokenizer = model_folder(options.tokenizer) if options.tokenizer else folder
    codec = _codec(tokenizer, "", options)
    return CTranslate2Model(folder, codec, options, tokenizer=tokenizer, positions=None)


def _ctranslate2() -> ModuleType:
    with needed("ctranslate2"):
        return importlib.import_module("ctranslate2")


def _codec(folder: Path, model_type: str, options: Options) -> Codec:
    with needed("transformers"):
        from transformers import AutoTokenizer
    with _loading(folder), warnings.catch_warnings():
        # Marian's tokenizer recommends a package that it has no use for.
        warnings.simplefilter("ignore")
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return Codec(tokenizer, family_of(model_type, type(tokenizer).__name__), options)


_LOADING = threading.Lock()


def _network(files: Fingerprint, folder: Path, dtype: str, device: str) -> Any:
    """A model's network, once per process and device, however many engines are opened on it."""
    with _LOADING:
        return _loaded(files, folder, dtype, device)


@lru_cache(maxsize=2)
def _loaded(_files: Fingerprint, folder: Path, dtype: str, device: str) -> Any:
    import torch
    from transformers import AutoModelForSeq2SeqLM, GenerationConfig
    from transformers.utils.logging import disable_progress_bar

    if dtype not in ("float32", "bfloat16", "float16"):
        raise UsageError.unknown("precision", dtype, ("float32", "bfloat16", "float16"))
    disable_progress_bar()
    with _loading(folder):
        model, report = AutoModelForSeq2SeqLM.from_pretrained(
            folder,
            use_safetensors=True,
            local_files_only=True,
            dtype=getattr(torch, dtype),
            output_loading_info=True,
        )
        if report["missing_keys"] or report["mismatched_keys"]:
            raise ValueError("it lacks weights")
        model.to(device).eval()
    theirs = model.generation_config
    model.generation_config = GenerationConfig(
        decoder_start_token_id=theirs.decoder_start_token_id or model.config.decoder_start_token_id,
        pad_token_id=theirs.pad_token_id,
        eos_token_id=theirs.eos_token_id,
    )
    return model


@contextmanager
def _loading(model: Path | str) -> Iterator[None]:
    """What the libraries raise over a damaged or incomplete model, in one sentence."""
    try:
        yield
    except EngineError:
        raise
    except ImportError as error:
        raise EngineMissing(
            f"The tokenizer of {model} needs the package sentencepiece; install it: pip install -e .[local]."
        ) from error
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise EngineMissing(
            f"The model {model} cannot be loaded ({reason}); download or convert it anew."
        ) from error


@contextmanager
def _mapped(library: str) -> Iterator[None]:
    """What the libraries raise over a batch."""
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        if isinstance(error, MemoryError) or _NO_MEMORY.search(reason):
            raise OutOfMemory from error
        raise BrokenAnswer(
            f"{library} failed on a batch ({reason}); try again, or choose another device or precision."
        ) from error


_NO_MEMORY = re.compile(
    r"out of memory|can't allocate memory|bad_alloc|CUBLAS_STATUS_ALLOC_FAILED", re.IGNORECASE
)
