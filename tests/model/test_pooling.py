"""Questions' vectors: the right tokens, for every family of tokenizers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from model.batches import Features, collate
from model.features import make_windows
from model.network import open_reader
from model.pooling import question_mask, question_vectors, vector_width
from model.progress import ignore
from model.spec import QuestionVector
from model.texts import Texts
from tests.model.families import FAMILIES, QUESTIONS, save_encoder

HIDDEN = torch.arange(24, dtype=torch.float32).reshape(2, 4, 3)


def test_cls_is_the_first_vector_or_the_one_that_is_named() -> None:
    spans = torch.tensor([[1, 2], [1, 3]])
    assert torch.equal(question_vectors(HIDDEN, spans, QuestionVector.CLS), HIDDEN[:, 0])
    assert torch.equal(question_vectors(HIDDEN, spans, QuestionVector.CLS, 2), HIDDEN[:, 2])


def test_the_average_is_over_the_questions_tokens_alone() -> None:
    vectors = question_vectors(HIDDEN, torch.tensor([[1, 2], [1, 3]]), QuestionVector.AVERAGE)
    torch.testing.assert_close(vectors, torch.stack([HIDDEN[0, 1], (HIDDEN[1, 1] + HIDDEN[1, 2]) / 2]))


def test_an_empty_question_is_zero() -> None:
    vectors = question_vectors(HIDDEN, torch.tensor([[1, 1], [1, 1]]), QuestionVector.AVERAGE)
    assert not vectors.any()


def test_cls_and_sep_stand_side_by_side() -> None:
    vectors = question_vectors(HIDDEN, torch.tensor([[1, 2], [1, 3]]), QuestionVector.CLS_SEP)
    sep = torch.stack([HIDDEN[0, 2], HIDDEN[1, 3]])
    assert torch.equal(vectors, torch.cat([HIDDEN[:, 0], sep], dim=1))
    assert vector_width(3, QuestionVector.CLS_SEP) == 6
    assert vector_width(3, QuestionVector.AVERAGE) == vector_width(3, QuestionVector.CLS) == 3


def test_an_unset_vector_is_refused() -> None:
    with pytest.raises(ValueError, match="cls, average, cls-sep"):
        question_vectors(HIDDEN, torch.tensor([[1, 2], [1, 3]]), QuestionVector.UNSET)


def test_a_mask_is_its_span() -> None:
    mask = question_mask(torch.tensor([[1, 3], [2, 2]]), 4)
    assert mask.tolist() == [[False, True, True, False], [False] * 4]


def test_the_gradient_of_the_average_stays_in_the_question() -> None:
    hidden = HIDDEN.clone().requires_grad_()
    question_vectors(hidden, torch.tensor([[1, 2], [1, 3]]), QuestionVector.AVERAGE).sum().backward()
    assert hidden.grad is not None
    assert hidden.grad[:, :, 0].tolist() == [[0, 1, 0, 0], [0, 0.5, 0.5, 0]]


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_encoder(request.param, tmp_path_factory.mktemp("family"))


def test_the_mask_is_that_of_transformers_own_encoding(family: Path) -> None:
    """The positions that the tokenizer itself gives to the first text, in every script."""
    tokenizer = AutoTokenizer.from_pretrained(family)
    tokenizer.model_max_length = 128
    questions, contexts = zip(*QUESTIONS, strict=True)
    texts = Texts.of(questions, contexts)
    windows = make_windows(tokenizer, texts, max_length=96, doc_stride=16, on_progress=ignore)
    assert len(windows) == len(QUESTIONS)
    features = Features(windows, windows.question_spans, windows.row)
    batch = collate(features, np.arange(len(windows)), torch.device("cpu"))
    mask = question_mask(batch.questions, batch.inputs["input_ids"].shape[1])
    for row, (question, context) in enumerate(QUESTIONS):
        encoded = tokenizer(question, context)
        owners = encoded.sequence_ids(0)
        assert batch.inputs["input_ids"][row, : len(owners)].tolist() == encoded["input_ids"]
        assert mask[row, : len(owners)].tolist() == [owner == 0 for owner in owners]
        assert not mask[row, len(owners) :].any()
        first, after = batch.contexts[row].tolist()
        assert [owner == 1 for owner in owners] == [first <= at < after for at in range(len(owners))]
        ids = batch.inputs["input_ids"][row]
        assert ids[batch.cls] == tokenizer.cls_token_id
        assert ids[batch.questions[row, 1]] == tokenizer.sep_token_id
        assert tokenizer.unk_token_id not in encoded["input_ids"]


def test_encoded_is_the_encoders_last_layer(family: Path) -> None:
    reader = open_reader(family)
    reader.network.eval()
    tokenizer = reader.tokenizer
    encoded = tokenizer(*map(list, zip(*QUESTIONS, strict=True)), padding=True, return_tensors="pt")
    inputs = {"token_type_ids": torch.zeros_like(encoded["input_ids"]), **encoded}
    seen = []
    reader.network.base_model.register_forward_hook(lambda *parts: seen.append(parts[2][0]))
    found = reader.encode(inputs)
    assert torch.equal(found.hidden, seen[0])
    start, end = reader.answer_logits(inputs)
    assert torch.equal(found.start_logits, start)
    assert torch.equal(found.end_logits, end)
    assert found.hidden.shape[2] == reader.hidden_size
