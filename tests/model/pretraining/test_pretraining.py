"""Pre-training: its documents are what the corpus says, and what comes out is the same however often it was killed."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from model.errors import DivergedError
from model.fingerprints import fingerprint
from model.pretraining.corpus import read_documents, read_vocabulary, word_tokenizer
from model.pretraining.network import make_network
from model.pretraining.spec import PretrainSpec
from model.pretraining.training import Pretraining, make_pretraining, pretrain, within
from model.spec import read_spec
from model.vocabulary import SPECIALS
from storage.errors import InputError, UsageError
from tasks.laboratory.files import CORPUS, VOCABULARY, world_files
from tasks.laboratory.knobs import Knobs


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    files = world_files(Knobs(questions=1, test_questions=1), documents=64)
    for name in (CORPUS, VOCABULARY):
        (folder / name).write_bytes(files[name])
    return folder


def spec_of(world: Path, output: Path, **changes: Any) -> PretrainSpec:
    base = {"world": "w", "corpus": str(world / CORPUS), "vocabulary": str(world / VOCABULARY)}
    settings = {"output": str(output), "steps": 6, "batch_size": 4, "seed": 1, "device": "cpu"}
    return PretrainSpec.from_json({**base, **settings, **changes})


def test_documents_hold_the_value_where_they_say(world: Path) -> None:
    tokenizer = word_tokenizer(read_vocabulary(world / VOCABULARY))
    documents = read_documents(world / CORPUS, tokenizer)
    assert len(documents) == 64
    told = 0
    for ids, types, statement, context in zip(
        documents.ids, documents.types, documents.told, documents.found, strict=True
    ):
        values = [ids[first : last + 1].tolist() for first, last in (statement, context) if first]
        assert len(values) != 1 or not statement[0]
        if statement[0]:
            told += 1
            assert values[0] == values[1]
            assert types[context[0]] == 1
            assert types[statement[0]] == 0
    assert told > 40
    assert (documents.ids != SPECIALS.index("[UNK]")).all()


def test_every_word_is_one_token_and_concepts_have_numbers(world: Path) -> None:
    words = read_vocabulary(world / VOCABULARY)
    tokenizer = word_tokenizer(words)
    assert tokenizer.tokenize(" ".join(words)) == list(words)
    assert len(tokenizer) == len(SPECIALS) + len(words)


@pytest.mark.parametrize(("rho", "alike"), [(0.0, False), (0.3, False), (1.0, True)])
def test_rho_is_what_words_of_one_concept_have_in_common(world: Path, rho: float, alike: bool) -> None:
    words = read_vocabulary(world / VOCABULARY)
    torch.manual_seed(0)
    weight = make_network(list(words.values()), rho).bert.embeddings.word_embeddings.weight.detach()
    pairs = [
        [len(SPECIALS) + place for place, number in enumerate(words.values()) if number == concept][:2]
        for concept in range(100)
    ]
    one, other = (weight[[pair[side] for pair in pairs], :32] for side in (0, 1))
    correlation = torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1]
    assert correlation == pytest.approx(rho, abs=0.05)
    assert torch.equal(one, other) is alike


def test_heads_begin_by_copying_the_left_neighbour() -> None:
    torch.manual_seed(0)
    network = make_network([-1] * 40, 0.3).eval()
    network.set_attn_implementation("eager")
    ids = torch.randperm(40)[None, :20] + len(SPECIALS)
    with torch.inference_mode():
        attention = network.bert(ids, output_attentions=True).attentions[0][0]
    assert attention[2:4].mean(0)[range(1, 20), range(19)].mean() > 0.5


def test_it_loads_in_plain_transformers_and_is_the_same_each_time(world: Path, tmp_path: Path) -> None:
    told = pretrain(spec_of(world, tmp_path / "one"))
    pretrain(spec_of(world, tmp_path / "two"))
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")
    assert told["steps"] == 6
    network, loading = AutoModelForQuestionAnswering.from_pretrained(
        tmp_path / "one", output_loading_info=True
    )
    assert not loading["missing_keys"]
    assert network.config.vocab_size == len(AutoTokenizer.from_pretrained(tmp_path / "one"))
    pretrain(spec_of(world, tmp_path / "other", seed=2))
    assert fingerprint(tmp_path / "other") != fingerprint(tmp_path / "one")
    with pytest.raises(UsageError, match="is not empty"):
        pretrain(spec_of(world, tmp_path / "one"))


def test_what_was_killed_goes_on_and_ends_alike(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretrain(spec_of(world, tmp_path / "whole"))
    sound, steps = Pretraining.step, []

    def step(self: Pretraining, *args: Any) -> float:
        steps.append(len(steps))
        if len(steps) == 5:
            raise KeyboardInterrupt
        return sound(self, *args)

    monkeypatch.setattr(Pretraining, "step", step)
    killed = spec_of(world, tmp_path / "killed", checkpoint_interval=2)
    with pytest.raises(KeyboardInterrupt):
        pretrain(killed)
    pretrain(killed)
    assert len(steps) == 5 + 2
    assert fingerprint(tmp_path / "killed") == fingerprint(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed", "whole"]


def test_a_loss_that_is_no_number_ends_it(world: Path) -> None:
    words = read_vocabulary(world / VOCABULARY)
    spec = spec_of(world, world / "never")
    training = make_pretraining(spec, list(words.values()), torch.device("cpu"))
    with torch.no_grad():
        training.network.qa_outputs.weight.fill_(float("nan"))
    documents = read_documents(world / CORPUS, word_tokenizer(words))
    with pytest.raises(DivergedError, match="pre-training is no number"):
        training.step(documents.take(torch.arange(4)))


def test_ranges_are_inclusive_and_nothing_is_in_none() -> None:
    assert within(torch.tensor([[1, 2], [0, 0]]), 4).tolist() == [[False, True, True, False], [False] * 4]


@pytest.mark.parametrize(("name", "sentence"), [(CORPUS, "corpus"), (VOCABULARY, "vocabulary")])
def test_files_that_cannot_be_used_are_told_of(world: Path, tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / name).write_text("{")
    where = {"corpus" if name == CORPUS else "vocabulary": str(tmp_path / name)}
    with pytest.raises(InputError, match=f"The {sentence} .* cannot be read"):
        pretrain(spec_of(world, tmp_path / "out", **where))


def test_its_job_is_read_as_every_other(world: Path, tmp_path: Path) -> None:
    spec = spec_of(world, tmp_path / "out")
    (tmp_path / "spec.json").write_text(json.dumps(spec.to_json()))
    assert read_spec(tmp_path / "spec.json") == spec
    assert not {"corpus", "vocabulary", "output", "threads"} & spec.identity().keys()
