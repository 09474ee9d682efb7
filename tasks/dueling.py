"""Two readers on the same benchmark: each question's scores of both, and the test between them."""

from storage.store import Store
from tasks.answering import Trial, reader_scores
from tasks.scoring.benchmarks import benchmark
from tasks.scoring.promotion import Duel, duel


def dueled(store: Store, challenger: Trial, champion: Trial) -> Duel:
    """The duel; answers that a reader has given before are not asked for again.

    Raises:
        StoreError: one of the readers is not in the store, or not whole.
    """
    pairs, new = reader_scores(store, challenger)
    _, old = reader_scores(store, champion)
    return duel(pairs, new, old, benchmark(challenger.benchmark).metric)
