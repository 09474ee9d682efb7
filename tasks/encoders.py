"""The multilingual encoder of a neural aligner: found or downloaded, known by the content of its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.errors import InputError
from tasks.mt.weights import digest, fingerprint, model_folder
from tasks.projection.cases import WordAligner


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder's folder, or its name on the Hugging Face Hub, and the SHA-256 of its files."""

    name: str
    sha256: str

    @classmethod
    def of(cls, name: str) -> "Encoder":
        """The encoder of that name as it is now.

        Raises:
            EngineMissing: there is none, here or on the Hub.
            InputError: the folder holds no weights that can be used.
        """
        folder = model_folder(name)
        if not list(folder.glob("*.safetensors")):
            raise InputError(
                f"{folder} holds no weights in safetensors; name the folder of an encoder that does."
            )
        return cls(name, digest(fingerprint(folder)))

    @property
    def identity(self) -> dict[str, str]:
        """What tells it from others, wherever it lies."""
        return {"encoder": f"sha256:{self.sha256}"}


def neural_aligner(name: str, identity: Mapping[str, Any], target: str, source: str = "en") -> WordAligner:
    """The aligner that works with this encoder.

    Raises:
        InputError: it is not the one that was meant, for its files have changed.
        ReaderUnusableError: it cannot be loaded, or its tokenizer tells no offsets.
    """
    from model.align import open_encoder
    from tasks.projection.alignment.neural import NeuralAligner

    if Encoder.of(name).identity != identity:
        raise InputError(f"The encoder {name!r} has changed since the run began; start it again.")
    return NeuralAligner(open_encoder(model_folder(name)), source, target)
