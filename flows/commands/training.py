"""`silverspan train`: a reader from a snapshot."""

from typing import Any

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import parse_choice
from model.spec import Precision, Preset, QuestionVector, UpdateSchedule


def train(
    *,
    system: str,
    snapshot: str = "latest",
    languages: str = "",
    encoder: str = "",
    preset: str = "base",
    seed: int = 1,
    epochs: int = 1,
    schedule: str = "faithful",
    question_vector: str = "",
    precision: str = "float32",
    processes: int = 1,
    common: Common = COMMON,
) -> None:
    """Train a reader on a snapshot, in a process of its own, and publish it as `models/latest`.

    `silverspan train --system tall --snapshot latest --encoder bert-base-multilingual-cased`

    `silverspan train --system tq --languages es --preset tiny`

    `silverspan train --system laf-psa-qs-en-all --seed 1 --schedule joint`

    Parameters
    ----------
    system:
        A system of the paper's Tables 2 and 5: zs, tq, tc, tqc, tall; at-en-all, laf-psa-en-all, laf-psa-qs-en-all;
        at-en-zh, laf-psa-en-zh, laf-psa-qs-en-zh, for English and any one language of --languages; tq-tydiqa,
        at-tydiqa, laf-psa-qs-tydiqa.
    snapshot:
        An id, a ref such as `squad-tc/latest`, or `latest` of the system's own set.
    languages:
        Languages of the snapshot to train on, separated by commas; by default all.
    encoder:
        A name on the Hugging Face Hub or a folder; by default bert-base-multilingual-cased.
    preset:
        `base` fine-tunes the encoder; `tiny` makes a toy from nothing in a minute, to try the plumbing.
    seed:
        Everything random follows from it.
    epochs:
        Passes over the data.
    schedule:
        `faithful` updates as the paper's Algorithms 1 and 2 do, `joint` once per batch; for at-* and laf-*.
    question_vector:
        What stands for a question: `cls`, `average` or `cls-sep`; for at-* (by default cls) and laf-psa-qs-*
        (average).
    precision:
        `float32`, or `bfloat16`, which is faster where the machine has it.
    processes:
        Processes that share each batch, one per GPU; 0 takes every GPU.
    """
    from flows.train import check_languages, preferred_set, train_reader, training_spec
    from tasks.place import Place
    from tasks.publication import find_snapshot

    chosen = parse_choice(Preset, preset)
    settings: dict[str, Any] = {
        "seed": seed,
        "epochs": epochs,
        "schedule": parse_choice(UpdateSchedule, schedule),
        "question_vector": parse_choice(QuestionVector, question_vector),
        "precision": parse_choice(Precision, precision),
        "processes": processes,
    }
    spec = training_spec(system, names(languages), chosen, encoder, **settings)
    found = find_snapshot(Place(common.store).store, snapshot, preferred_set(system))
    check_languages(found, spec.languages)
    with bars():
        result = train_reader(
            system, found.id, names(languages), chosen, encoder, **settings, store=common.store
        )
    finish(common, result, f"model {result['model']} after {result['steps']:,} steps", result["path"])
