"""Eqs. 5 and 6 against figures by hand, gradients and limits."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.objectives.arbitration import question_similarity_loss, same_answer_labels, same_answer_loss

LOWEST = torch.finfo(torch.float32).min


def at(position: int, tokens: int = 8) -> torch.Tensor:
    """Logits (1, T) with their maximum at a position."""
    logits = torch.zeros(1, tokens)
    logits[0, position] = 5
    return logits


def spans(*pairs: tuple[int, int]) -> torch.Tensor:
    return torch.tensor(pairs)


def test_labels_move_with_the_context() -> None:
    # English: [CLS] q [SEP] c c c c [SEP]; the translation asks with two tokens more.
    labels = same_answer_labels(at(4), at(5), spans((3, 7)), spans((5, 9)))
    assert labels.tolist() == [[6, 7]]


def test_a_shorter_translation_moves_them_to_the_left() -> None:
    labels = same_answer_labels(at(6), at(7), spans((5, 8)), spans((3, 6)))
    assert labels.tolist() == [[4, 5]]


def test_not_in_this_window_is_the_same_label_in_both() -> None:
    labels = same_answer_labels(at(0), at(0), spans((3, 7)), spans((5, 9)))
    assert labels.tolist() == [[0, 0]]
    elsewhere = same_answer_labels(at(1), at(1), spans((3, 7)), spans((4, 8)), cls=1)
    assert elsewhere.tolist() == [[1, 1]]


def test_what_is_no_context_is_no_answer() -> None:
    start, end = torch.tensor([[0, 9, 9, 1, 2, 0, 9, LOWEST]]), torch.tensor([[0, 9, 9, 1, 0, 2, 9, LOWEST]])
    assert same_answer_labels(start, end, spans((3, 6)), spans((4, 7))).tolist() == [[5, 6]]


def test_each_pair_has_its_own_shift() -> None:
    logits = torch.cat([at(3), at(3)])
    labels = same_answer_labels(logits, logits, spans((3, 6), (3, 6)), spans((3, 6), (5, 8)))
    assert labels.tolist() == [[3, 3], [5, 5]]


def test_the_loss_is_that_of_the_english_answer_by_hand() -> None:
    start = torch.log(torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]))
    end = torch.log(torch.tensor([[0.2, 0.2, 0.6], [0.1, 0.8, 0.1]]))
    loss = same_answer_loss(start, end, torch.tensor([[2, 2], [0, 1]]))
    by_hand = -(math.log(0.7) + math.log(0.6) + math.log(0.5) + math.log(0.8)) / 4
    assert loss.item() == pytest.approx(by_hand)


def test_no_gradient_reaches_english() -> None:
    english = torch.randn(2, 2, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    other = torch.randn(2, 2, 8, generator=torch.Generator().manual_seed(1), requires_grad=True)
    labels = same_answer_labels(english[0], english[1], spans((3, 7), (3, 7)), spans((3, 7), (4, 8)))
    assert not labels.requires_grad
    (same_answer_loss(other[0], other[1], labels) + 0 * english.sum()).backward()
    assert english.grad is not None
    assert not english.grad.any()
    truth = torch.zeros(2, 2, 8)
    for side in range(2):
        truth[side, torch.arange(2), labels[:, side]] = 1
    torch.testing.assert_close(other.grad, (other.detach().softmax(-1) - truth) / 4)


def test_a_reader_that_gives_the_same_sure_answer_costs_nothing() -> None:
    start, end = 10 * at(4), 10 * at(5)
    labels = same_answer_labels(start, end, spans((3, 7)), spans((4, 8)))
    moved_start, moved_end = 10 * at(5), 10 * at(6)
    assert same_answer_loss(moved_start, moved_end, labels).item() == pytest.approx(0, abs=1e-6)
    assert same_answer_loss(start, end, labels).item() == pytest.approx(50)


def test_similarity_by_hand() -> None:
    english = torch.tensor([[3.0, 4.0], [1.0, 0.0]])
    other = torch.tensor([[4.0, 3.0], [0.0, 2.0]])
    assert question_similarity_loss(english, other).item() == pytest.approx(1 - (24 / 25 + 0) / 2)


def test_its_gradient_is_across_the_vector_and_moves_both_questions() -> None:
    english = torch.tensor([[1.0, 0.0]], requires_grad=True)
    other = torch.tensor([[0.6, 0.8]], requires_grad=True)
    question_similarity_loss(english, other).backward()
    # d/dv (1 - cos) = -(u/|u| - cos v/|v|) / |v|
    torch.testing.assert_close(other.grad, -(torch.tensor([[1.0, 0.0]]) - 0.6 * other.detach()))
    torch.testing.assert_close(english.grad, -(torch.tensor([[0.6, 0.8]]) - 0.6 * english.detach()))


vectors = st.lists(st.floats(-10, 10), min_size=3, max_size=3).filter(lambda v: math.hypot(*v) > 0.1)


@given(vectors, vectors, st.floats(0.01, 100))
def test_it_is_zero_where_the_vectors_are_parallel_and_only_there(
    one: list[float], other: list[float], scale: float
) -> None:
    """Law: 0 <= L_QS <= 2; 0 for a positive multiple, 2 for its opposite, positive for another direction."""
    u, v = torch.tensor([one], dtype=torch.float64), torch.tensor([other], dtype=torch.float64)
    assert question_similarity_loss(u, scale * u).item() == pytest.approx(0, abs=1e-9)
    assert question_similarity_loss(u, -scale * u).item() == pytest.approx(2, abs=1e-9)
    loss = question_similarity_loss(u, v).item()
    assert -1e-9 <= loss <= 2 + 1e-9
    sine = torch.linalg.cross(u, v).norm() / u.norm() / v.norm()
    if sine > 1e-3:
        assert loss > 1e-9


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="vectors"):
        question_similarity_loss(torch.zeros(2, 3), torch.zeros(3, 3))
    with pytest.raises(ValueError, match="positions"):
        same_answer_loss(torch.zeros(2, 4), torch.zeros(2, 4), torch.zeros(1, 2, dtype=torch.long))
