"""Updates and micro-batches: complete, of like lengths, reproducible, the same on any number of processes."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from transformers import BertTokenizer

from model.batches import Features, Plan, collate, micro_batches
from model.features import make_windows
from model.progress import ignore
from model.texts import Ints, Texts
from model.vocabulary import train_tokenizer
from storage.errors import InputError

LENGTHS = st.lists(st.integers(1, 384), min_size=1, max_size=300).map(np.array)


@given(LENGTHS, st.integers(1, 40), st.integers(0, 9), st.integers(1, 3), st.integers(1, 8))
def test_an_epoch_holds_every_item_once(
    lengths: Ints, batch_size: int, seed: int, epochs: int, processes: int
) -> None:
    """Law: each epoch's updates are a partition of the items; one at most is smaller, or larger by a leftover."""
    assume(processes <= min(len(lengths), batch_size))
    plan = Plan(lengths, batch_size, seed, epochs, processes)
    updates = list(plan.updates())
    assert len(updates) == plan.steps
    for epoch in range(epochs):
        own = updates[epoch * plan.steps_per_epoch : (epoch + 1) * plan.steps_per_epoch]
        assert sorted(np.concatenate(own).tolist()) == list(range(len(lengths)))
        odd = [len(update) for update in own if len(update) != batch_size]
        assert len(odd) <= 1
        assert all(processes <= size < batch_size + processes for size in odd)


@given(LENGTHS, st.integers(1, 40), st.integers(1, 3), st.data())
def test_a_plan_can_be_entered_at_any_step(
    lengths: Ints, batch_size: int, epochs: int, data: st.DataObject
) -> None:
    """Law: `updates(n)` are what is left of `updates()` after n: a resumed training learns from the same items."""
    plan = Plan(lengths, batch_size, 3, epochs)
    first = data.draw(st.integers(0, plan.steps))
    whole = [update.tolist() for update in plan.updates()]
    assert [update.tolist() for update in plan.updates(first)] == whole[first:]


@given(LENGTHS, st.integers(1, 40), st.integers(1, 60), st.data())
def test_a_plan_of_so_many_steps_has_just_these(
    lengths: Ints, batch_size: int, steps: int, data: st.DataObject
) -> None:
    """Law: `exactly` n updates are the first n of a plan of enough passes, and can be entered anywhere."""
    plan = Plan(lengths, batch_size, 3, 1, exactly=steps)
    passes = -(-steps // plan.steps_per_epoch)
    whole = [update.tolist() for update in Plan(lengths, batch_size, 3, passes).updates()][:steps]
    assert plan.steps == len(whole) == steps
    first = data.draw(st.integers(0, steps))
    assert [update.tolist() for update in plan.updates(first)] == whole[first:]


@given(LENGTHS, st.integers(1, 2000), st.integers(1, 2), st.integers(1, 4), st.data())
def test_micro_batches_share_out_an_update_within_the_budget(
    lengths: Ints, max_tokens: int, group: int, processes: int, data: st.DataObject
) -> None:
    """Law: the parts of all processes are a partition of the update; only a part of one item exceeds the budget."""
    items = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, unique=True)))
    parts = [
        part
        for process in range(processes)
        for part in micro_batches(
            items, lengths, max_tokens=max_tokens, group=group, process=process, processes=processes
        )
    ]
    assert sorted(np.concatenate(parts).tolist()) == sorted(items.tolist())
    for part in parts:
        assert len(part) == 1 or len(part) * group * lengths[part].max() <= max_tokens


def test_the_order_is_that_of_seed_and_epoch() -> None:
    lengths = np.arange(200) % 50

    def order(seed: int) -> list[list[int]]:
        updates = list(Plan(lengths, 8, seed, 2).updates())
        return [np.concatenate(part).tolist() for part in (updates[:25], updates[25:])]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(1)[0] != order(1)[1]


def test_alike_lengths_stand_together() -> None:
    lengths = np.random.default_rng(0).integers(30, 384, 3000)
    updates = Plan(lengths, 32, 0, 1).updates()
    padded = sum(lengths[update].max() * len(update) for update in updates)
    assert padded / lengths.sum() < 1.05


def test_more_processes_than_items_are_refused() -> None:
    with pytest.raises(InputError, match="2 items to learn from for 3 processes"):
        Plan(np.array([4, 5]), 8, 0, 1, 3)


def test_more_processes_than_a_batch_has_items_are_refused() -> None:
    with pytest.raises(InputError, match="A batch of 2 cannot be shared by 4 processes"):
        Plan(np.arange(9), 2, 0, 1, 4)


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return train_tokenizer(["Where is the tower?", "¿Dónde está la torre?", "The tower stands in Paris."] * 3)


def test_a_batch_of_pairs_has_all_english_windows_first(tokenizer: BertTokenizer) -> None:
    questions = ["Where is the tower?", "¿Dónde está la torre?"] * 2
    texts = Texts.of(questions, ["The tower stands in Paris."] * 2 + ["In Paris."] * 2)
    windows = make_windows(tokenizer, texts, max_length=64, doc_stride=8, on_progress=ignore)
    features = Features(windows, np.arange(8).reshape(4, 2), np.array([0, 1, 0, 2]), group=2)
    assert len(features) == 2
    assert features.lengths.tolist() == windows.lengths.reshape(2, 2).max(axis=1).tolist()
    batch = collate(features, np.array([1, 0]), torch.device("cpu"))
    assert batch.languages.tolist() == [0, 0, 2, 1]
    assert batch.positions.tolist() == [[4, 5], [0, 1], [6, 7], [2, 3]]


def test_the_spans_of_a_batch_hold_the_texts_tokens_and_no_others(tokenizer: BertTokenizer) -> None:
    questions = ["Where is the tower?", "Where?"]
    texts = Texts.of(questions, ["The tower stands in Paris."] * 2)
    windows = make_windows(tokenizer, texts, max_length=64, doc_stride=8, on_progress=ignore)
    features = Features(windows, np.zeros((2, 2), dtype=np.int64), np.zeros(2, dtype=np.int64))
    batch = collate(features, np.array([0, 1]), torch.device("cpu"))
    assert batch.cls == 0
    for line, question in enumerate(questions):
        ids = batch.inputs["input_ids"][line].tolist()
        for (first, last), text in (
            (batch.questions[line].tolist(), question),
            (batch.contexts[line].tolist(), "The tower stands in Paris."),
        ):
            assert ids[first:last] == tokenizer.encode(text, add_special_tokens=False)
