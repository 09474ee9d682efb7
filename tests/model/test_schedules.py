"""The update rules of Algorithms 1 and 2: which loss moves whom, from which forward pass, in which order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from model.batches import Batch
from model.network import Reader
from model.objectives.adversarial import confusion_loss, discriminator_loss
from model.objectives.arbitration import question_similarity_loss, same_answer_labels, same_answer_loss
from model.objectives.extraction import span_loss
from model.pooling import question_vectors
from model.schedules.making import make_schedule
from model.schedules.schedule import Schedule
from model.spec import QuestionVector, TrainSpec

Tensors = list[torch.Tensor]
LENGTH, PAIRS = 12, 3


class Tokenizer:
    """What a reader asks of its tokenizer."""

    model_input_names = ("input_ids", "token_type_ids", "attention_mask")


@pytest.fixture
def reader() -> Reader:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=40,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=LENGTH,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.3,
    )
    return Reader(BertForQuestionAnswering(config).train(), Tokenizer())


@pytest.fixture
def batch() -> Batch:
    """Three pairs: English questions of 2, 2, 3 tokens, their translations of 3, 1, 3, on contexts of 5."""
    generator = torch.Generator().manual_seed(1)
    lengths = torch.tensor([2, 2, 3, 3, 1, 3])
    position = torch.arange(LENGTH)
    begin = lengths[:, None] + 2
    ids = torch.randint(4, 40, (6, LENGTH), generator=generator)
    mask = (position < begin + 6).long()
    gold = torch.tensor([[0, 1], [2, 2], [1, 4]] * 2)
    return Batch(
        inputs={
            "input_ids": ids * mask,
            "token_type_ids": (position >= begin).long() * mask,
            "attention_mask": mask,
        },
        positions=gold + begin,
        questions=torch.cat([torch.ones(6, 1, dtype=torch.long), begin - 1], dim=1),
        contexts=torch.cat([begin, begin + 5], dim=1),
        languages=torch.tensor([0, 0, 0, 1, 2, 1]),
        cls=0,
    )


def take(batch: Batch, chosen: Sequence[int]) -> Batch:
    index = torch.tensor(chosen)
    inputs = {name: tensor[index] for name, tensor in batch.inputs.items()}
    parts = (batch.positions, batch.questions, batch.contexts, batch.languages)
    return Batch(inputs, *(part[index] for part in parts), cls=batch.cls)


class Watch:
    """The `average` of a schedule: sees each update's gradients, and all parameters, just before it is made."""

    def __init__(self, reader: Reader) -> None:
        self.schedule: Schedule | None = None
        self.gradients: list[Tensors] = []
        self.weights: list[dict[str, Tensors]] = []
        self.windows: list[int] = []
        self.forwards = 0
        reader.network.register_forward_hook(self._count)

    def __call__(self, gradients: Sequence[torch.Tensor], windows: int) -> None:
        self.gradients.append([gradient.clone() for gradient in gradients])
        self.windows.append(windows)
        self.weights.append(self.now())

    def now(self) -> dict[str, Tensors]:
        assert self.schedule
        modules = self.schedule.trainables().items()
        return {name: [p.detach().clone() for p in module.parameters()] for name, module in modules}

    def _count(self, *_: object) -> None:
        self.forwards += 1


Make = Callable[..., tuple[Schedule, Watch]]


@pytest.fixture
def make(reader: Reader) -> Make:
    def build(system: str, **changes: Any) -> tuple[Schedule, Watch]:
        base = {"system": system, "files": ["f"], "output": "o", "learning_rate": 0.01}
        spec = TrainSpec.from_json({**base, "warmup_ratio": 0.0, **changes})
        watch = Watch(reader)
        torch.manual_seed(2)
        watch.schedule = make_schedule(spec, reader, languages=3, steps=10, average=watch)
        return watch.schedule, watch

    return build


def equal(one: Tensors, other: Tensors) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def unequal(one: Tensors, other: Tensors) -> bool:
    return not equal(one, other)


def gradients(loss: torch.Tensor, module: torch.nn.Module) -> Tensors:
    found = torch.autograd.grad(loss, list(module.parameters()), retain_graph=True, allow_unused=True)
    return [gradient for gradient in found if gradient is not None]


def assert_close(found: Tensors, expected: Tensors) -> None:
    assert len(found) == len(expected)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def at_weights(module: torch.nn.Module, weights: Tensors) -> torch.nn.Module:
    """The module, set to weights that were seen before."""
    with torch.no_grad():
        for parameter, weight in zip(module.parameters(), weights, strict=True):
            parameter.copy_(weight)
    return module


def answer_loss(reader: Reader, batch: Batch) -> torch.Tensor:
    return span_loss(*reader.answer_logits(batch.inputs), batch.positions[:, 0], batch.positions[:, 1])


ENGLISH, TRANSLATED = range(PAIRS), range(PAIRS, 2 * PAIRS)


def gold_loss(reader: Reader, batch: Batch) -> torch.Tensor:
    return answer_loss(reader, take(batch, ENGLISH)) + answer_loss(reader, take(batch, TRANSLATED))


def alike_loss(reader: Reader, batch: Batch) -> torch.Tensor:
    """L_PSA whose English side is run apart and without any gradient."""
    with torch.no_grad():
        english = reader.answer_logits(take(batch, ENGLISH).inputs)
    labels = same_answer_labels(*english, batch.contexts[:PAIRS], batch.contexts[PAIRS:])
    return same_answer_loss(*reader.answer_logits(take(batch, TRANSLATED).inputs), labels)


def similarity_loss(reader: Reader, batch: Batch) -> torch.Tensor:
    hidden = reader.encode(batch.inputs).hidden
    vectors = question_vectors(hidden, batch.questions, QuestionVector.AVERAGE)
    return question_similarity_loss(vectors[:PAIRS], vectors[PAIRS:])


def language_logits(schedule: Schedule, reader: Reader, batch: Batch) -> torch.Tensor:
    return schedule.trainables()["discriminator"](reader.encode(batch.inputs).hidden[:, 0])


def test_plain_is_one_update_on_the_answers(make: Make, reader: Reader, batch: Batch) -> None:
    schedule, watch = make("tq")
    expected = answer_loss(reader, batch)
    wanted = gradients(expected, reader.network)
    watch.forwards = 0
    losses = schedule.step([batch])
    assert (watch.forwards, len(watch.gradients), watch.windows) == (1, 1, [6])
    assert_close(watch.gradients[0], wanted)
    torch.testing.assert_close(losses["loss"], expected.detach())
    norm = torch.stack([gradient.norm() for gradient in wanted]).norm()
    torch.testing.assert_close(losses["gradient_norm"], norm)


def test_faithful_at_moves_one_side_at_a_time(make: Make, batch: Batch) -> None:
    schedule, watch = make("at-en-all")
    watch.forwards = 0
    schedule.step([batch])
    before, between, after = *watch.weights, watch.now()
    assert unequal(before["reader"], between["reader"])
    assert equal(before["discriminator"], between["discriminator"])
    assert equal(between["reader"], after["reader"])
    assert unequal(between["discriminator"], after["discriminator"])
    assert watch.forwards == 2


@pytest.mark.parametrize("schedule_name", ["faithful", "joint"])
def test_at_moves_the_reader_on_answers_and_confusion(
    make: Make, reader: Reader, batch: Batch, schedule_name: str
) -> None:
    schedule, watch = make("at-en-all", schedule=schedule_name, adversarial_weight=0.5)
    adversarial = confusion_loss(language_logits(schedule, reader, batch))
    wanted = gradients(answer_loss(reader, batch) + 0.5 * adversarial, reader.network)
    losses = schedule.step([batch])
    assert_close(watch.gradients[0], wanted)
    torch.testing.assert_close(losses["adversarial"], adversarial.detach())
    torch.testing.assert_close(losses["loss"], losses["qa"] + 0.5 * losses["adversarial"])


def test_faithful_at_shows_the_discriminator_the_updated_reader(
    make: Make, reader: Reader, batch: Batch
) -> None:
    schedule, watch = make("at-en-all")
    schedule.step([batch])
    seen = watch.weights[1]
    at_weights(reader.network, seen["reader"])
    discriminator = at_weights(schedule.trainables()["discriminator"], seen["discriminator"])
    loss = discriminator_loss(language_logits(schedule, reader, batch), batch.languages)
    assert_close(watch.gradients[1], gradients(loss, discriminator))


def test_joint_at_gives_the_discriminator_its_own_loss_alone(
    make: Make, reader: Reader, batch: Batch
) -> None:
    schedule, watch = make("at-en-all", schedule="joint", adversarial_weight=100.0)
    loss = discriminator_loss(language_logits(schedule, reader, batch), batch.languages)
    wanted = gradients(loss, schedule.trainables()["discriminator"])
    watch.forwards = 0
    losses = schedule.step([batch])
    assert watch.forwards == 1
    assert_close(watch.gradients[1], wanted)
    torch.testing.assert_close(losses["discriminator"], loss.detach())


def test_faithful_laf_is_three_updates_of_two_forward_passes(
    make: Make, reader: Reader, batch: Batch
) -> None:
    schedule, watch = make("laf-psa-qs-en-all")
    first = gradients(gold_loss(reader, batch), reader.network)
    # Of the reader before the first update, as lines 4-5 are.
    second = gradients(alike_loss(reader, batch), reader.network)
    watch.forwards = 0
    losses = schedule.step([batch])
    assert watch.forwards == 2
    at_weights(reader.network, watch.weights[2]["reader"])
    third = gradients(similarity_loss(reader, batch), reader.network)
    for found, wanted in zip(watch.gradients, (first, second, third), strict=True):
        assert_close(found, wanted)
    total = losses["qa"] + losses["same_answer"] + losses["similarity"]
    torch.testing.assert_close(losses["loss"], total)


def test_joint_laf_is_one_update_on_the_sum(make: Make, reader: Reader, batch: Batch) -> None:
    weights = {"translation_weight": 0.5, "same_answer_weight": 2.0, "similarity_weight": 3.0}
    schedule, watch = make("laf-psa-qs-en-all", schedule="joint", **weights)
    english, translated = (answer_loss(reader, take(batch, half)) for half in (ENGLISH, TRANSLATED))
    total = english + 0.5 * translated + 2 * alike_loss(reader, batch) + 3 * similarity_loss(reader, batch)
    wanted = gradients(total, reader.network)
    watch.forwards = 0
    losses = schedule.step([batch])
    assert watch.forwards == 1
    (found,) = watch.gradients
    assert_close(found, wanted)
    torch.testing.assert_close(losses["loss"], total.detach())


@pytest.mark.parametrize("schedule_name", ["faithful", "joint"])
def test_psa_alone_has_no_similarity(make: Make, batch: Batch, schedule_name: str) -> None:
    schedule, watch = make("laf-psa-en-all", schedule=schedule_name)
    assert set(schedule.step([batch])) == {"loss", "qa", "same_answer", "gradient_norm"}
    assert len(watch.gradients) == (2 if schedule_name == "faithful" else 1)


def test_a_weight_of_zero_takes_an_update_out(make: Make, batch: Batch) -> None:
    schedule, watch = make("laf-psa-qs-en-all", same_answer_weight=0.0, similarity_weight=0.0)
    assert set(schedule.step([batch])) == {"loss", "qa", "gradient_norm"}
    assert len(watch.gradients) == 1


def test_extra_answer_updates_are_made_on_the_moved_reader(make: Make, reader: Reader, batch: Batch) -> None:
    schedule, watch = make("laf-psa-en-all", same_answer_weight=0.0, answer_updates=3)
    losses = schedule.step([batch])
    assert set(losses) == {"loss", "qa", "gradient_norm"}
    assert len(watch.gradients) == 3
    for found, weights in zip(watch.gradients, watch.weights, strict=True):
        at_weights(reader.network, weights["reader"])
        assert_close(found, gradients(gold_loss(reader, batch), reader.network))


@pytest.mark.parametrize(
    ("ablation", "place", "loss"),
    [("same-answer-flipped", 1, "same_answer"), ("similarity-flipped", 2, "similarity")],
)
def test_a_flipped_loss_of_laf_has_the_opposite_gradient(
    make: Make, reader: Reader, batch: Batch, ablation: str, place: int, loss: str
) -> None:
    schedule, watch = make("laf-psa-qs-en-all", ablation=ablation)
    assert schedule.step([batch])[loss] < 0
    if place == 2:
        at_weights(reader.network, watch.weights[2]["reader"])
        assert_close(
            watch.gradients[2], [-g for g in gradients(similarity_loss(reader, batch), reader.network)]
        )


def test_shifted_answers_are_those_of_the_next_token(make: Make, reader: Reader, batch: Batch) -> None:
    """Windows without an answer keep [CLS]."""
    schedule, watch = make("tq", ablation="answers-shifted")
    positions = torch.where(batch.positions == batch.cls, batch.positions, batch.positions + 1)
    assert (positions != batch.positions).any()
    wanted = gradients(answer_loss(reader, replace(batch, positions=positions)), reader.network)
    schedule.step([batch])
    assert_close(watch.gradients[0], wanted)


def test_a_flipped_loss_of_at_drives_the_reader_the_other_way(
    make: Make, reader: Reader, batch: Batch
) -> None:
    schedule, watch = make("at-en-all", ablation="adversarial-flipped")
    logits = language_logits(schedule, reader, batch)
    wanted = gradients(answer_loss(reader, batch) - confusion_loss(logits), reader.network)
    assert schedule.step([batch])["adversarial"] >= 0
    assert_close(watch.gradients[0], wanted)


def test_labels_that_are_not_shifted_are_positions_in_english(
    make: Make, reader: Reader, batch: Batch
) -> None:
    """Where the questions are of one length the broken labels are the right ones, elsewhere they are not."""
    broken, sound = make("laf-psa-en-all", ablation="labels-unshifted")[0], make("laf-psa-en-all")[0]
    logits = reader.answer_logits(batch.inputs)
    alike = take(batch, [2, 5])
    same = logits[0][[2, 5]], logits[1][[2, 5]]
    torch.testing.assert_close(broken.same_answer(same, alike), sound.same_answer(same, alike))
    assert broken.same_answer(logits, batch).isfinite()
    assert broken.same_answer(logits, batch) != sound.same_answer(logits, batch)


EVERY = [
    ("tq", {}),
    ("at-en-all", {}),
    ("at-en-all", {"schedule": "joint", "question_vector": "average"}),
    ("at-en-all", {"question_vector": "cls-sep"}),
    ("laf-psa-qs-en-all", {}),
    ("laf-psa-qs-en-all", {"schedule": "joint", "question_vector": "cls-sep"}),
]


@pytest.mark.parametrize(("system", "changes"), EVERY)
def test_micro_batches_make_the_same_step(
    make: Make, reader: Reader, batch: Batch, system: str, changes: dict[str, str]
) -> None:
    start = [p.detach().clone() for p in reader.network.parameters()]
    whole, watched = make(system, **changes)
    expected = whole.step([batch])
    at_weights(reader.network, start)
    parted, watch = make(system, **changes)
    parts = [[0, 3], [1, 2, 4, 5]]
    losses = parted.step([take(batch, part) for part in parts])
    assert watch.windows == watched.windows
    for found, wanted in zip(watch.gradients, watched.gradients, strict=True):
        # Adam turns the noise of an almost empty gradient into a whole step, which the third update of LAF sees.
        torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-3)
    assert losses.keys() == expected.keys()
    torch.testing.assert_close(losses["qa"], expected["qa"])


@pytest.mark.parametrize(("system", "changes"), EVERY)
def test_the_state_of_a_schedule_has_names(
    make: Make, batch: Batch, system: str, changes: dict[str, str]
) -> None:
    schedule, _ = make(system, **changes)
    schedule.step([batch])
    sides = {"reader", "discriminator"} if system.startswith("at") else {"reader"}
    assert schedule.trainables().keys() == schedule.optimizers().keys() == sides
    assert schedule.schedulers().keys() == {"reader"}
    for name, module in schedule.trainables().items():
        (group,) = schedule.optimizers()[name].param_groups
        assert [id(p) for p in group["params"]] == [id(p) for p in module.parameters()]
        assert all(p.grad is None for p in module.parameters())


@pytest.mark.parametrize(("system", "changes"), EVERY)
def test_the_rate_advances_once_a_step(
    make: Make, batch: Batch, system: str, changes: dict[str, str]
) -> None:
    schedule, _ = (
        make(system, discriminator_learning_rate=0.5, **changes)
        if system.startswith("at")
        else make(system, **changes)
    )
    schedule.step([batch])
    rates = {name: o.param_groups[0]["lr"] for name, o in schedule.optimizers().items()}
    assert rates["reader"] == pytest.approx(0.009)
    assert rates.get("discriminator", 0.5) == 0.5


def test_a_bad_gradient_shows_in_its_norm(make: Make, reader: Reader, batch: Batch) -> None:
    schedule, _ = make("tq")
    reader.network.qa_outputs.weight.register_hook(lambda gradient: gradient * float("nan"))
    losses = schedule.step([batch])
    assert torch.isfinite(losses["loss"])
    assert not torch.isfinite(losses["gradient_norm"])
