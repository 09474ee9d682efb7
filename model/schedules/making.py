"""From a spec to the training algorithm that it names."""

from torch.optim.lr_scheduler import LRScheduler as Rates

from model.ablations import Ablation, sign
from model.discriminator import make_discriminator
from model.network import Reader
from model.pooling import vector_width
from model.schedules.adversarial import FaithfulAdversarial, JointAdversarial
from model.schedules.arbitration import FaithfulArbitration, JointArbitration, Weights
from model.schedules.plain import Plain
from model.schedules.schedule import Average, Schedule, alone
from model.schedules.updates import Update, make_update, rate_schedule
from model.spec import TrainSpec, UpdateSchedule
from model.systems import Objective, system

ADVERSARIAL: dict[UpdateSchedule, type[FaithfulAdversarial] | type[JointAdversarial]] = {
    UpdateSchedule.FAITHFUL: FaithfulAdversarial,
    UpdateSchedule.JOINT: JointAdversarial,
}

ARBITRATION: dict[UpdateSchedule, type[FaithfulArbitration] | type[JointArbitration]] = {
    UpdateSchedule.FAITHFUL: FaithfulArbitration,
    UpdateSchedule.JOINT: JointArbitration,
}


def make_schedule(
    spec: TrainSpec, reader: Reader, *, languages: int, steps: int, average: Average = alone
) -> Schedule:
    """The training algorithm of the spec's system, at the start of a training of so many steps.

    The reader's network is already on its device; a discriminator (of so many `languages`) is made there, with
    weights from torch's global generator.
    """
    update = make_update(reader.network.parameters(), spec.learning_rate, spec.weight_decay, average)
    rates = rate_schedule(update.optimizer, steps, spec.warmup_ratio)
    objective = system(spec.system).objective
    if objective is Objective.EXTRACTION:
        return Plain(reader, update, rates, shift=int(spec.ablation is Ablation.ANSWERS_SHIFTED))
    if objective is Objective.ADVERSARIAL:
        return _adversarial(spec, reader, update, rates, languages)
    weights = Weights(
        translation=spec.translation_weight,
        same_answer=sign(spec.ablation, Ablation.SAME_ANSWER_FLIPPED) * spec.same_answer_weight,
        similarity=sign(spec.ablation, Ablation.SIMILARITY_FLIPPED) * spec.similarity_weight
        if objective is Objective.SAME_ANSWER_SIMILARITY
        else 0,
    )
    shifted = spec.ablation is not Ablation.LABELS_UNSHIFTED
    return ARBITRATION[spec.schedule](
        reader, update, rates, spec.question_vector, weights, spec.answer_updates, shifted
    )


def _adversarial(spec: TrainSpec, reader: Reader, update: Update, rates: Rates, languages: int) -> Schedule:
    hidden = reader.hidden_size
    discriminator = make_discriminator(vector_width(hidden, spec.question_vector), hidden, languages)
    discriminator.to(next(reader.network.parameters()).device).train()
    rate = spec.discriminator_learning_rate
    other = make_update(discriminator.parameters(), rate, spec.weight_decay, update.average)
    weight = sign(spec.ablation, Ablation.ADVERSARIAL_FLIPPED) * spec.adversarial_weight
    return ADVERSARIAL[spec.schedule](
        reader, discriminator, update, other, rates, spec.question_vector, weight
    )
