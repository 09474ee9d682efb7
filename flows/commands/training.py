"""`silverspan train`: a reader from a snapshot."""

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import parse_choice
from model.spec import Preset


def train(
    *,
    system: str,
    snapshot: str = "latest",
    languages: str = "",
    encoder: str = "",
    preset: str = "base",
    seed: int = 1,
    epochs: int = 1,
    common: Common = COMMON,
) -> None:
    """Train a reader on a snapshot, in a process of its own, and publish it as `models/latest`.

    `silverspan train --system tall --snapshot latest --encoder bert-base-multilingual-cased`

    `silverspan train --system tq --languages es --preset tiny`

    Parameters
    ----------
    system:
        A system of the paper's Table 2: zs, tq, tc, tqc, tall.
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
    """
    from flows.train import check_languages, preferred_set, train_reader, training_spec
    from tasks.place import Place
    from tasks.publication import find_snapshot

    chosen = parse_choice(Preset, preset)
    spec = training_spec(system, names(languages), chosen, encoder, seed, epochs)
    found = find_snapshot(Place(common.store).store, snapshot, preferred_set(system))
    check_languages(found, spec.languages)
    with bars():
        result = train_reader(
            system, found.id, names(languages), chosen, encoder, seed, epochs, store=common.store
        )
    finish(common, result, f"model {result['model']} after {result['steps']:,} steps", result["path"])
