"""The official sources of the data sets that the project reads, as a table.

Checksums and sizes are those of the published files, as the checksum lists of TensorFlow Datasets have them;
XQuAD is pinned to one commit of its repository, whose files were hashed.
"""

from dataclasses import dataclass

OFFICIAL = "official"
"""Stands for the files that a benchmark's authors publish."""


@dataclass(frozen=True, slots=True)
class Source:
    """One published file: where it is, which bytes it has, how many, and under which licence."""

    url: str
    sha256: str
    size_bytes: int
    licence: str


_SQUAD = "https://rajpurkar.github.io/SQuAD-explorer/dataset"
_TYDIQA = "https://storage.googleapis.com/tydiqa/v1.1/tydiqa-goldp-v1.1"
_XQUAD = "https://raw.githubusercontent.com/google-deepmind/xquad/7d30520c717524000f0d9d2f9c10a069acd9d285"


def _squad(file: str, sha256: str, size_bytes: int) -> Source:
    return Source(f"{_SQUAD}/{file}", sha256, size_bytes, "CC BY-SA 4.0")


def _xquad(language: str, sha256: str, size_bytes: int) -> Source:
    return Source(f"{_XQUAD}/xquad.{language}.json", sha256, size_bytes, "CC BY-SA 4.0")


def _tydiqa(part: str, sha256: str, size_bytes: int) -> Source:
    return Source(f"{_TYDIQA}-{part}", sha256, size_bytes, "Apache 2.0")


DATASETS: dict[str, Source] = {
    "squad-v1.1-train": _squad(
        "train-v1.1.json", "3527663986b8295af4f7fcdff1ba1ff3f72d07d61a20f487cb238a6ef92fd955", 30_288_272
    ),
    "squad-v1.1-dev": _squad(
        "dev-v1.1.json", "95aa6a52d5d6a735563366753ca50492a658031da74f301ac5238b03966972c9", 4_854_279
    ),
    "squad-v2.0-train": _squad(
        "train-v2.0.json", "68dcfbb971bd3e96d5b46c7177b16c1a4e7d4bdef19fb204502738552dede002", 42_123_633
    ),
    "squad-v2.0-dev": _squad(
        "dev-v2.0.json", "80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8", 4_370_528
    ),
    "mlqa": Source(
        "https://dl.fbaipublicfiles.com/MLQA/MLQA_V1.zip",
        "246e8089933d13007fe80684d5c5c0713d6834cf8b3b4a0ec7c66f0a0d2baac8",
        75_719_050,
        "CC BY-SA 3.0",
    ),
    "xquad-ar": _xquad("ar", "abdabd7afed5c635d99cca0f3f0d0c9d9ed0bc77451e963c2e4e0638c29e486d", 1_582_988),
    "xquad-de": _xquad("de", "990b5d746746ed65ed4702ea5f35f99ffa4e2f1c390c07d003642acd937916f9", 669_810),
    "xquad-el": _xquad("el", "821cf0f88e73fa258fd2f548b19b6ec39f7025059e16f6f9fc8cd797c9c3663e", 1_918_889),
    "xquad-en": _xquad("en", "e4c57d1c9143aaa1c5d265ba5987a65f4e69528d2a98f29d6e75019b10344f29", 609_383),
    "xquad-es": _xquad("es", "dcbae93ec3a9f4b9e78fd834a171d6f96c1a875e10e15b7530b7e4ef4971e37e", 684_322),
    "xquad-hi": _xquad("hi", "df2cce3532b37e9beb8979704b5c9a4bf874358f105395a298b89427b43b9d24", 1_680_538),
    "xquad-ro": _xquad("ro", "94f8d54e93ad2b7dd2e76dd921a666b5b8eff2d4379df9f179c42b445f09643f", 661_158),
    "xquad-ru": _xquad("ru", "208d5b1aa154c52b1b5c5eda16281e455e8fd198cdb9af3f469f0d6037d973bf", 1_896_368),
    "xquad-th": _xquad("th", "5cdda11d0e1e075f7872abf4e6ae830388ce7f617964d542308e9ae4257e0f43", 1_809_143),
    "xquad-tr": _xquad("tr", "92179a564774b7696100d144c1e10870d0a966b6fccbdd254a65b9d2ab1971cc", 729_506),
    "xquad-vi": _xquad("vi", "f619a1eb11fb42d3ab0834259e488a65f585447ef6154437bfb7199d85161a04", 911_401),
    "xquad-zh": _xquad("zh", "691d0b3359bc6b8faa8de931dfdfe21d50a65861ae348e32a0d1a0190b0c8835", 808_652),
    "tydiqa-goldp-train": _tydiqa(
        "train.json", "cefc8e09ff2548d9b10a678d3a6bbbe5bc036be543f92418819ea676c97be23b", 58_004_076
    ),
    "tydiqa-goldp-dev": _tydiqa(
        "dev.json", "b286e0f34bc7f52259359989716f369b160565bd12ad8f3a3e311f9b0dbad1c0", 5_617_409
    ),
    "tydiqa-goldp-dev-by-language": _tydiqa(
        "dev.tgz", "5a415d019a345794c8a83191ecfe4a761eaab69dab79c3c9813d4379e1cc5519", 1_725_055
    ),
}
"""Name -> official file. XQuAD has one file per language, TyDiQA GoldP all languages in one."""
