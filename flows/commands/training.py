"""`silverspan train`: a reader from a snapshot."""

from typing import Any

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import parse_choice
from model.spec import BATCH_SIZE, MAX_BATCH_TOKENS, Precision, Preset, QuestionVector, UpdateSchedule


def train(
    *,
    system: str,
    snapshot: str = "latest",
    languages: str = "",
    encoder: str = "",
    preset: str = "base",
    seed: int = 1,
    epochs: int = 1,
    batch_size: int = BATCH_SIZE,
    learning_rate: float = 0.0,
    dev: str = "",
    eval_interval: int = 0,
    schedule: str = "faithful",
    question_vector: str = "",
    precision: str = "float32",
    processes: int = 1,
    max_batch_tokens: int = MAX_BATCH_TOKENS,
    checkpoint_interval: int = 0,
    mirror: str = "",
    common: Common = COMMON,
) -> None:
    """Train a reader on a snapshot, in a process of its own, and publish it as `models/latest`.

    `silverspan train --system tall --snapshot latest --encoder bert-base-multilingual-cased`

    `silverspan train --system tq --languages es --preset tiny`

    `silverspan train --system laf-psa-qs-en-all --seed 1 --schedule joint`

    `silverspan train --system tq --dev mlqa --eval-interval 2000 --batch-size 32 --learning-rate 3e-5`

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
    batch_size:
        Windows of each update, over all processes together; for laf-* pairs of an English and a translated window.
    learning_rate:
        At its height, after the warm-up; 0 is the preset's: 3e-5 for base, as in the paper.
    dev:
        Questions to choose the best step by, in the languages of the training: `mlqa` (its dev split, downloaded),
        `squad`, `xquad`, `tydiqa`, or one of these from a file or folder, such as `squad:dev.json`. By default the last
        step is kept.
    eval_interval:
        Steps between two looks at the dev questions; 0 looks at the end of each epoch.
    schedule:
        `faithful` updates as the paper's Algorithms 1 and 2 do, `joint` once per batch; for at-* and laf-*.
    question_vector:
        What stands for a question: `cls`, `average` or `cls-sep`; for at-* (by default cls) and laf-psa-qs-*
        (average).
    precision:
        `float32`, or `bfloat16`, which is faster where the machine has it.
    processes:
        Processes that share each batch, one per GPU; 0 takes every GPU.
    max_batch_tokens:
        Tokens of one forward pass, padding included. Fewer need less memory, and change nothing that is learnt.
    checkpoint_interval:
        Steps between two checkpoints, from which a killed training goes on; 0 makes one every five minutes.
    mirror:
        Another host for official downloads.
    """
    from flows.train import (
        check_dev,
        check_languages,
        languages_learnt,
        preferred_set,
        train_reader,
        training_spec,
    )
    from tasks.place import Place
    from tasks.publication import find_snapshot

    chosen = parse_choice(Preset, preset)
    settings: dict[str, Any] = {
        "seed": seed,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "eval_interval": eval_interval,
        "schedule": parse_choice(UpdateSchedule, schedule),
        "question_vector": parse_choice(QuestionVector, question_vector),
        "precision": parse_choice(Precision, precision),
        "processes": processes,
        "max_batch_tokens": max_batch_tokens,
        "checkpoint_interval": checkpoint_interval,
    }
    spec = training_spec(system, names(languages), chosen, encoder, **settings)
    found = find_snapshot(Place(common.store).store, snapshot, preferred_set(system))
    check_languages(found, spec.languages)
    check_dev(dev, languages_learnt(found, spec))
    place: dict[str, Any] = {"dev": dev, "mirror": mirror, "store": common.store}
    with bars():
        result = train_reader(system, found.id, names(languages), chosen, encoder, **settings, **place)
    finish(common, result, f"model {result['model']} after {result['steps']:,} steps", result["path"])
