"""LAF's pairs: ((Q_en, C_en), (Q_l, C_en)), an English question and its translation on the same context.

Algorithm 2 compares the two answers position by position, so both sequences of a pair hold the same stretch of the
context: it is cut into windows by the longer of the two questions.
"""

from dataclasses import replace

import numpy as np

from model.features import BoolArray, Windows, cut
from model.rows import Dropped, TrainingRows
from model.texts import Ints
from storage.errors import InputError


def pair_windows(windows: Windows, rows: TrainingRows, *, max_length: int, doc_stride: int) -> Windows:
    """2N windows of N pairs: window 2i asks in English, window 2i + 1 the same in another language.

    Args:
        windows: of all rows that train; rows without a window are left out of pairs.
        rows: of a T(Q) snapshot; rows that make no pair are counted in `rows.dropped`.
        max_length: tokens of the longest sequence.
        doc_stride: tokens that neighbouring windows share.

    Returns:
        Windows of the same tables. `first` and `last` are equal within a pair.

    Raises:
        InputError: not one row makes a pair.
    """
    english, translated = pair_rows(rows, np.unique(windows.row))
    if not len(english):
        raise InputError("No question stands beside its English original; build a T(Q) snapshot.")
    longer = np.maximum(windows.question_tokens[english], windows.question_tokens[translated])
    lengths = windows.contexts.lengths[windows.context_of[english]]
    pair, first, last = cut(lengths, max_length - windows.layout.specials - longer, doc_stride)
    return replace(
        windows,
        row=np.stack([english[pair], translated[pair]], axis=1).ravel(),
        first=first.repeat(2),
        last=last.repeat(2),
    )


def pair_rows(rows: TrainingRows, training: Ints) -> tuple[Ints, Ints]:
    """The numbers of the English row and of its translation of each pair, (N,) each, in the translations' order.

    `training` (n,) are the rows that may be in a pair. What cannot is counted in `rows.dropped`.
    """
    asks_english = rows.languages_of[training] == 0
    english_of = np.full(int(rows.sources.max(initial=-1)) + 1, -1, dtype=np.int64)
    english_of[rows.sources[training[asks_english]]] = training[asks_english]
    translated = training[~asks_english]
    english = english_of[rows.sources[translated]]
    found = english >= 0
    _drop(rows, Dropped.NO_ENGLISH, ~found)
    english, translated = english[found], translated[found]
    alike = (rows.texts.context_of[english] == rows.texts.context_of[translated]) & (
        rows.spans[english] == rows.spans[translated]
    ).all(axis=1)
    _drop(rows, Dropped.UNLIKE_ENGLISH, ~alike)
    return english[alike], translated[alike]


def _drop(rows: TrainingRows, reason: Dropped, lost: BoolArray) -> None:
    if lost.any():
        rows.dropped[reason] += int(lost.sum())
