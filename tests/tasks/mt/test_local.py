"""Local neural engines through the libraries' real classes, on tiny models with random weights made here.

Where a test must know what comes out, a hook on the model's real forward pass makes it repeat its source (`echo`) or
end after as many tokens as its source has (`ending`), as `tests.tasks.mt.tiny` says; tokenizers, generation and all of
ours stay as they are.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from storage.errors import UsageError
from tasks.mt import local, weights
from tasks.mt.errors import BrokenAnswer, EngineMissing, TooLarge, UnknownPair
from tasks.mt.local import open_ctranslate2, open_transformers
from tasks.mt.markup import Markup, Tag, read
from tasks.mt.neural import NeuralEngine, OutOfMemory
from tests.tasks.mt import tiny
from tests.tasks.mt.tiny import SIZES, Pieces, converted, pieces_of, save, scripted

pytest.importorskip("sentencepiece")
pytestmark = pytest.mark.filterwarnings("ignore:Recommended. pip install sacremoses")

SENTENCE = "the old dog saw a red house where ten million people lived until they left for another town"
WORDS = SENTENCE.split()
CORPUS = [
    *(" ".join(WORDS[i:] + WORDS[:i]).capitalize() + "." for i in range(len(WORDS))),
    "<a>x</a> <b1>y</b1> <b23>z</b23> [4]w[/4] 0 1 2 3 4 5 6 7 8 9 ! ? , ; : & amp lt gt",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z",
]
TEXTS = [
    "The old dog saw a red house.",
    "Ten million people lived.",
    "Until they left for another town where the old dog lived.",
    "Dog",
    "A <a>red</a> house where <b>ten</b> million people lived until they left.",
    "the house " * 9,
]
LONG = " ".join(
    f"The old dog number {i} saw <{chr(97 + i)}>a red house</{chr(97 + i)}> until they left."
    for i in range(12)
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Pieces:
    return pieces_of(CORPUS * 3, tmp_path_factory.mktemp("spm"))


@pytest.fixture(scope="module")
def marian(pieces: Pieces, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    def build(*codes: str, ending: bool = False, **languages: str) -> Path:
        bias = 3.0 if ending else None  # found by trying: about half of the answers end
        return tiny.marian(pieces, tmp_path_factory.mktemp("model"), codes, bias, **languages)

    return build


@pytest.fixture(scope="module")
def opus(marian: Callable[..., Path]) -> Path:
    return marian(source_lang="en", target_lang="es")


@pytest.fixture(scope="module")
def opus_many(marian: Callable[..., Path]) -> Path:
    return marian("cmn_Hans", "cmn", "spa", "pt_BR", source_lang="en", target_lang="mul")


@pytest.fixture(scope="module")
def m2m100(pieces: Pieces, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("m2m100")
    words = ["<s>", "<pad>", "</s>", "<unk>", *(piece for piece, _ in pieces[1])]
    (folder / "v.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    codes = transformers.models.m2m_100.tokenization_m2m_100.FAIRSEQ_LANGUAGE_CODES["m2m100"]
    tokenizer = transformers.M2M100Tokenizer(
        str(folder / "v.json"), str(pieces[0]), additional_special_tokens=[f"__{code}__" for code in codes]
    )
    torch.manual_seed(2)
    config = transformers.M2M100Config(
        vocab_size=len(words) + 108, max_position_embeddings=256, tie_word_embeddings=False, **SIZES
    )
    model = transformers.M2M100ForConditionalGeneration(config)
    return save(model, tokenizer, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def nllb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trained.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=300, special_tokens=special, show_progress=False)
    )
    bpe = json.loads(trained.to_str())["model"]
    tokenizer = transformers.NllbTokenizer(vocab=bpe["vocab"], merges=[tuple(pair) for pair in bpe["merges"]])
    torch.manual_seed(3)
    config = transformers.M2M100Config(
        vocab_size=len(tokenizer), max_position_embeddings=256, tie_word_embeddings=False, **SIZES
    )
    model = transformers.M2M100ForConditionalGeneration(config)
    return save(model, tokenizer, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def madlad(pieces: Pieces, tmp_path_factory: pytest.TempPathFactory) -> Path:
    languages = [(f"<2{code}>", 0.0) for code in ("de", "en", "es", "iw", "zh")]
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *languages, *pieces[1]]
    tokenizer = transformers.T5Tokenizer(vocab=vocabulary, extra_ids=0, additional_special_tokens=None)
    torch.manual_seed(4)
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=32, d_kv=16, d_ff=32, num_layers=1, num_heads=2, initializer_factor=3.0,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0,
    )  # fmt: skip
    return save(transformers.T5ForConditionalGeneration(config), tokenizer, tmp_path_factory.mktemp("model"))


FAMILIES = ["opus", "opus_many", "m2m100", "nllb", "madlad"]


@pytest.fixture(params=FAMILIES)
def model(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(request.param))


@pytest.fixture
def hooked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes every model loaded from now on `echo` its source, or follow its weights with an `ending`."""
    handles: list[Any] = []
    real = local._network

    def choose(how: str, head: int = 0) -> None:
        def network(*arguments: Any) -> Any:
            found = real(*arguments)
            handles.extend(scripted(found, how, head))
            return found

        monkeypatch.setattr(local, "_network", network)

    yield choose
    for handle in handles:
        handle.remove()


@pytest.fixture
def echo(request: pytest.FixtureRequest, hooked: Callable[..., None]) -> None:
    family = request.node.callspec.params.get("model") if hasattr(request.node, "callspec") else None
    hooked("echo", {"opus_many": 1, "madlad": 2}.get(family or "", 0))


def opened(folder: Path, options: str = "beams=1") -> NeuralEngine:
    return open_transformers(f"{folder}?{options}")


@pytest.mark.usefixtures("echo")
@pytest.mark.parametrize(
    "options", ["beams=1", "beams=3", "beams=1&batch_tokens=1", "beams=2&split=sentences"]
)
def test_each_text_gets_its_own_answer_in_order(model: Path, options: str) -> None:
    engine = opened(model, options)
    assert engine.translate([*TEXTS, *TEXTS[::-1], "", " \n"], "en", "es") == [
        *(text for text in (*TEXTS, *TEXTS[::-1])),
        "",
        " \n",
    ]


def test_batches_answer_as_one_by_one(model: Path, hooked: Callable[..., None]) -> None:
    hooked("ending")
    engine = opened(model)
    together = engine.translate(TEXTS, "en", "es")
    assert together.count(None) <= 2, "words of random weights may be nothing but special tokens"
    assert len(set(together)) >= 4
    assert [engine.translate([text], "en", "es")[0] for text in TEXTS] == together


@pytest.mark.usefixtures("echo")
@pytest.mark.parametrize(
    "options", ["beams=1&max_source=40", "beams=1&max_source=24", "beams=1&max_source=12"]
)
def test_what_is_too_long_is_split_and_joined_whole(model: Path, options: str) -> None:
    engine = opened(model, options)
    seen: list[int] = []
    real = local.TorchModel.generate

    def generate(self: Any, rows: Any, target: str, limit: int) -> Any:
        seen.extend(map(len, rows))
        return real(self, rows, target, limit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local.TorchModel, "generate", generate)
        assert engine.translate([LONG], "en", "es") == [LONG]
    assert max(seen) <= int(options.rpartition("=")[2])
    assert len(seen) > 1


@pytest.mark.usefixtures("echo")
def test_nllb_gets_one_sentence_at_a_time_and_the_space_that_its_target_uses(nllb: Path) -> None:
    text = "The old dog left. A red house.\nTen lived."
    assert opened(nllb).translate([text], "en", "es") == [text]
    assert opened(nllb).translate([text], "en", "zh") == ["The old dog left.A red house.\nTen lived."]
    assert opened(nllb, "beams=1&split=limit").translate([text], "en", "zh") == [text]


@pytest.mark.usefixtures("echo")
def test_text_that_looks_like_a_special_token_stays_text(opus: Path) -> None:
    texts = [">>spa<< dog", "a </s> dog", "<pad>"]
    words = [["".join(filter(str.isalnum, text)) for text in texts]]
    found = opened(opus, "beams=1&markup=html").translate(texts, "en", "es")
    assert [["".join(filter(str.isalnum, text or "")) for text in found]] == words


def test_an_answer_that_does_not_end_is_none_and_spoils_no_other(
    opus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random weights run on for ever; the models' own habit to put an end at the limit must not hide that."""
    assert opened(opus).translate(TEXTS[:2], "en", "es") == [None, None]

    def generate(_self: Any, rows: Any, _target: str, limit: int) -> list[list[int] | None]:
        return [None if len(row) == longest else [7] * (limit if len(row) == shortest else 2) for row in rows]

    engine = opened(opus)
    assert engine._model()[0].encode("x", "en", "es")
    lengths = sorted(len(engine._model()[0].encode(text, "en", "es")) for text in TEXTS[:5])
    shortest, longest = lengths[0], lengths[-1]
    monkeypatch.setattr(local.TorchModel, "generate", generate)
    found = engine.translate(TEXTS[:5], "en", "es")
    assert found.count(None) == 2


def test_a_piece_without_a_word_spoils_its_segment(opus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        local.TorchModel, "generate", lambda _self, rows, _t, _l: [[] if len(r) < 10 else [9] for r in rows]
    )
    engine = opened(opus, "beams=1&split=sentences")
    text = "The old dog saw a red house where ten million people lived. Dog."
    assert engine.translate([text, text.split(". ")[0]], "en", "es")[0] is None
    assert engine.translate([text.split(". ")[0]], "en", "es")[0]


def test_a_tag_too_long_for_the_model_is_none(opus: Path) -> None:
    assert opened(opus, "beams=1&max_source=2").translate(["<a>", "dog house"], "en", "es")[0] is None


def test_source_without_spaces_gets_them_where_the_target_has_them(
    nllb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local.TorchModel, "generate", lambda _self, rows, _t, _l: [[9] for _ in rows])
    engine = opened(nllb)
    word = engine._model()[0].decode([9])
    assert engine.translate(["The old dog。A red house。Ten"], "zh", "es") == [f"{word} {word} {word}"]
    assert engine.translate(["The old dog。A red house。Ten"], "zh", "ja") == [word * 3]


def test_batches_hold_like_lengths_within_the_budget(opus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[int]] = []

    def generate(_self: Any, rows: Any, _target: str, _limit: int) -> list[list[int] | None]:
        seen.append([len(row) for row in rows])
        return [[9] for _ in rows]

    monkeypatch.setattr(local.TorchModel, "generate", generate)
    texts = [" ".join(WORDS[: i % 17 + 1]) + f" {i}" for i in range(100)]
    opened(opus, "beams=2&batch_tokens=200").translate(texts, "en", "es")
    assert [length for batch in seen for length in batch] == sorted(
        (length for batch in seen for length in batch), reverse=True
    )
    assert sum(map(len, seen)) == 100
    assert all(len(batch) * batch[0] * 2 <= 200 for batch in seen)
    assert all(batch[-1] + 4 >= 0.6 * batch[0] for batch in seen)


@pytest.mark.parametrize(
    ("family", "source", "target", "head", "first"),
    [
        ("opus", "en", "es", [], None),
        ("opus_many", "en", "zh", [">>cmn_Hans<<"], None),
        ("opus_many", "eng", "spa", [">>spa<<"], None),
        ("opus_many", "en", "pt", [">>pt_BR<<"], None),
        ("m2m100", "en", "es", ["__en__"], "__es__"),
        ("nllb", "en", "ar", ["eng_Latn"], "arb_Arab"),
        ("nllb", "hi", "zh", ["hin_Deva"], "zho_Hans"),
        ("nllb", "en", "zh-Hant", ["eng_Latn"], "zho_Hant"),
        ("madlad", "en", "de", ["▁", "<2de>"], None),
        ("madlad", "en", "he", ["▁", "<2iw>"], None),
    ],
)
def test_languages_are_told_in_the_way_of_the_family(
    request: pytest.FixtureRequest, family: str, source: str, target: str, head: list[str], first: str | None
) -> None:
    engine = opened(request.getfixturevalue(family))
    model, _, source, target = engine._open(source, target)
    assert isinstance(model, local.TorchModel)
    words = model.codec.tokenizer.convert_ids_to_tokens
    ids = words(model.encode("dog", source, target))
    assert ids[: len(head)] == head
    assert "".join(ids[len(head) :]) == "▁dog</s>"
    begin = model.codec.first(target)
    assert (None if begin is None else words([begin])[0]) == first


def test_the_forced_token_begins_what_the_network_says(nllb: Path, hooked: Callable[..., None]) -> None:
    hooked("ending")
    engine = opened(nllb)
    network = local._network(
        weights.fingerprint(nllb), nllb, "float32", "cuda" if torch.cuda.is_available() else "cpu"
    )
    said: list[list[int]] = []
    real = network.generate

    def generate(**kwargs: Any) -> Any:
        said.extend((found := real(**kwargs)).tolist())
        return found

    network.generate = generate
    try:
        assert engine.translate(["The old dog."], "en", "hi") != engine.translate(
            ["The old dog."], "en", "ar"
        )
    finally:
        del network.generate
    model = engine._model()[0]
    assert isinstance(model, local.TorchModel)
    assert model.codec.tokenizer.convert_ids_to_tokens([row[1] for row in said]) == ["hin_Deva", "arb_Arab"]


@pytest.mark.usefixtures("echo")
def test_memory_halves_the_batch_and_nothing_is_lost(nllb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, sizes = local.TorchModel.generate, []

    def generate(self: Any, rows: Any, target: str, limit: int) -> Any:
        sizes.append(len(rows))
        if len(rows) > 2:
            with local._mapped("transformers"):
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")
        return real(self, rows, target, limit)

    monkeypatch.setattr(local.TorchModel, "generate", generate)
    engine = opened(nllb)
    texts = [f"The old dog saw {word}." for word in WORDS]
    assert engine.translate(texts, "en", "es") == texts
    assert sizes[:4] == [18, 9, 4, 2]
    assert max(sizes[3:]) <= 2
    sizes.clear()
    engine.translate(texts, "en", "es")
    assert max(sizes) <= 2, "a later request asks for no more than memory held"


def test_one_text_that_memory_cannot_hold_is_too_large(nllb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def generate(*_: Any) -> Any:
        raise OutOfMemory

    monkeypatch.setattr(local.TorchModel, "generate", generate)
    with pytest.raises(TooLarge, match=r"not enough memory for one text of \d+ tokens"):
        opened(nllb).translate(TEXTS, "en", "es")


@pytest.mark.parametrize("error", [RuntimeError("device-side assert"), IndexError("x"), ValueError("y")])
def test_what_the_libraries_raise_is_a_broken_answer(error: Exception) -> None:
    with pytest.raises(BrokenAnswer, match="transformers failed on a batch"), local._mapped("transformers"):
        raise error


def test_identity_is_weights_and_options_not_the_place(opus: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(opus, tmp_path / "copy"))
    identity = opened(opus).identity("en", "es")
    assert identity.version.startswith("sha256:")
    assert opened(copy).identity("en", "es") == identity
    assert opened(copy, "beams=1&device=cpu&batch_tokens=9").identity("en", "es") == identity
    assert str(opus) not in repr(identity)
    for options in ("beams=2", "beams=1&dtype=bfloat16", "beams=1&split=sentences", "beams=1&max_source=50"):
        assert opened(copy, options).identity("en", "es") != identity
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(copy)
    with torch.no_grad():
        model.final_logits_bias[0, 5] += 1
    model.save_pretrained(copy)
    assert opened(copy).identity("en", "es") != identity


def test_targets(opus: Path, opus_many: Path, nllb: Path, m2m100: Path, madlad: Path) -> None:
    assert opened(opus).targets("eng") == ["es"]
    assert opened(opus).targets("de") == []
    assert opened(opus_many).targets("en") == ["es", "pt", "zh"]
    assert {"ar", "de", "es", "hi", "vi", "zh", "zh-Hant"} <= set(opened(nllb).targets("en"))
    assert {"ar", "de", "es", "hi", "vi", "zh"} <= set(opened(m2m100).targets("en"))
    assert opened(madlad).targets("en") == ["de", "es", "he", "iw", "zh"]
    for engine in (opened(nllb), opened(m2m100), opened(madlad), opened(opus)):
        assert engine.targets("xx") == []
        with pytest.raises(UnknownPair, match="'en' into 'qx'"):
            engine.translate(["a"], "en", "qx")


def test_a_model_that_does_not_say_its_languages_is_told(marian: Callable[..., Path]) -> None:
    folder = marian()
    assert opened(folder).targets("en") == []
    assert opened(folder, "source=en&target=hi").targets("en") == ["hi"]


@pytest.mark.parametrize(
    ("argument", "error", "message"),
    [
        ("", UsageError, "needs a model"),
        (
            "x?beam=2",
            UsageError,
            "Unknown option of the engine 'transformers' 'beam'; choose one of: batch_tokens",
        ),
        ("x?beams=0", UsageError, "beams is '0'; give a whole number"),
        ("x?split=words", UsageError, "choose one of: limit, sentences"),
        ("x?markup=xml", UsageError, "choose one of: brackets, html, letters, tags"),
        ("./no/such/folder", EngineMissing, "no model ./no/such/folder on this machine"),
    ],
)
def test_bad_arguments(argument: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        open_transformers(argument).targets("en")


def test_a_name_that_the_hub_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    def snapshot(*_: Any, **__: Any) -> str:
        raise OSError("no network")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    with pytest.raises(EngineMissing, match=r"cannot be had from the Hugging Face Hub \(OSError\)"):
        open_transformers("some/model").identity("en", "es")


def test_a_name_of_the_hub_with_a_revision(opus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def snapshot(name: str, revision: str | None, allow_patterns: list[str]) -> str:
        assert (name, revision) == ("some/model", "refs/pr/9")
        assert not any("pytorch" in pattern or pattern == "*.bin" for pattern in allow_patterns)
        return str(opus)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    assert open_transformers("some/model@refs/pr/9").targets("en") == ["es"]


def test_pickled_weights_are_refused(opus: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(opus, tmp_path / "copy"))
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(EngineMissing, match="no weights in safetensors"):
        opened(copy).identity("en", "es")


def test_damaged_weights_are_named(opus: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(opus, tmp_path / "copy"))
    (copy / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(EngineMissing, match="cannot be loaded"):
        opened(copy).translate(["dog"], "en", "es")


def test_weights_that_are_missing_are_not_made_up(opus: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    copy = Path(shutil.copytree(opus, tmp_path / "copy"))
    tensors = load_file(copy / "model.safetensors")
    del tensors["model.encoder.layers.0.fc1.weight"]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(EngineMissing, match="it lacks weights"):
        opened(copy).translate(["dog"], "en", "es")


def test_another_kind_of_model_is_bad_usage(tmp_path: Path, opus: Path) -> None:
    transformers.BertConfig().save_pretrained(tmp_path)
    for path in (*opus.glob("*.json"), *opus.glob("*.spm")):
        if path.name != "config.json":
            shutil.copy(path, tmp_path)
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(UsageError, match="A model of type 'bert' with a MarianTokenizer is none"):
        opened(tmp_path).targets("en")


@pytest.mark.parametrize("name", ["torch", "transformers", "sentencepiece"])
def test_a_missing_package_is_one_sentence(name: str, opus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local._loaded.cache_clear()
    engine = opened(opus)
    if name == "torch":
        engine.targets("en")
    monkeypatch.setitem(sys.modules, name, None)
    if name == "sentencepiece":
        with (
            pytest.raises(EngineMissing, match="sentencepiece; install it: pip install -e"),
            local._loading("m"),
        ):
            import sentencepiece  # noqa: F401
        return
    with pytest.raises(EngineMissing, match=f"package {name} is not installed; install it: pip install"):
        engine.translate(["dog"], "en", "es")


def test_tags_stay_whole_in_every_style(opus: Path) -> None:
    from tasks.mt.markup import closing, opening
    from tasks.mt.sentences import fitted

    for markup in Markup:
        text = " ".join(
            f"The {opening(i, markup)}old dog{closing(i, markup)} left. He ran" for i in range(1, 20)
        )
        found = fitted(text, markup, lambda piece: len(piece) <= 30, alone=False)
        assert "".join(found) == text
        assert max(map(len, found)) <= 30
        assert [t for piece in found for t in read(piece, markup) if isinstance(t, Tag)] == [
            t for t in read(text, markup) if isinstance(t, Tag)
        ]


@pytest.fixture(scope="module")
def pair(marian: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model and the same converted; it ends by itself because its bias makes that likely."""
    folder = marian("zho", "spa", ending=True, source_lang="en", target_lang="mul")
    return folder, converted(folder, tmp_path_factory.mktemp("ct2") / "model")


def test_ctranslate2_answers_as_transformers_does(pair: tuple[Path, Path]) -> None:
    texts = [*TEXTS, *(f"The old dog saw {word}." for word in WORDS)]
    plain, fast = (engine.translate(texts, "en", "zh") for engine in both(pair))
    assert sum(answer is not None for answer in plain) >= 5
    assert fast == plain
    found = open_ctranslate2(f"{pair[1]}?beams=3").translate(texts * 2, "en", "zh")
    assert found[len(texts) :] == found[: len(texts)]


def test_ctranslate2_other_languages_other_words(pair: tuple[Path, Path]) -> None:
    engine = open_ctranslate2(f"{pair[1]}?beams=1")
    assert engine.targets("en") == ["es", "zh"]
    assert engine.translate(TEXTS, "en", "es") != engine.translate(TEXTS, "en", "zh")


def test_ctranslate2_cuts_nothing_at_its_defaults(pair: tuple[Path, Path], monkeypatch: Any) -> None:
    library = pytest.importorskip("ctranslate2")
    asked: dict[str, Any] = {}

    class Translator:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def translate_batch(self, rows: Any, **options: Any) -> Any:
            asked.update(options)
            return []

    monkeypatch.setattr(library, "Translator", Translator)
    model = open_ctranslate2(str(pair[1]))._model()[0]
    model.generate([[5] * 2000], "zh", 70)
    assert (asked["max_input_length"], asked["max_decoding_length"]) == (0, 70)


def test_ctranslate2_m2m100_with_its_forced_token(m2m100: Path, tmp_path: Path) -> None:
    folder = converted(m2m100, tmp_path / "ct2")
    engines = open_transformers(f"{m2m100}?beams=1"), open_ctranslate2(f"{folder}?beams=1")
    rows = []
    for engine in engines:
        model = engine._open("en", "es")[0]
        rows.append(model.generate([model.encode(text, "en", "es") for text in TEXTS], "es", 30))
    assert rows[0] == rows[1]


def test_ctranslate2_answer_that_does_not_end_is_none(opus: Path, tmp_path: Path) -> None:
    folder = converted(opus, tmp_path / "ct2")
    assert open_ctranslate2(f"{folder}?beams=1").translate(TEXTS[:2], "en", "es") == [None, None]


def test_ctranslate2_identity_holds_the_tokenizer_too(pair: tuple[Path, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(pair[1], tmp_path / "copy"))
    assert open_ctranslate2(str(copy)).identity("en", "es") == open_ctranslate2(str(pair[1])).identity(
        "en", "es"
    )
    for path in copy.iterdir():
        if path.name not in ("model.bin", "config.json") and "shared" not in path.name:
            path.unlink()
    engine = open_ctranslate2(f"{copy}?tokenizer={pair[0]}&beams=1")
    assert engine.identity("en", "es").name == "ctranslate2"
    assert engine.translate(TEXTS, "en", "es") == open_ctranslate2(f"{pair[1]}?beams=1").translate(
        TEXTS, "en", "es"
    )


def test_ctranslate2_missing(opus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineMissing, match="holds no CTranslate2 model; write one with: ct2-transformers"):
        open_ctranslate2(str(opus)).targets("en")
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(EngineMissing, match=r"install it: pip install -e \.\[ctranslate2\]"):
        open_ctranslate2(str(opus)).translate(["a"], "en", "es")


def both(pair: tuple[Path, Path]) -> tuple[NeuralEngine, NeuralEngine]:
    return open_transformers(f"{pair[0]}?beams=1"), open_ctranslate2(f"{pair[1]}?beams=1")
