import io
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.projection.alignment.aligner import Aligner, Alignment, fit
from tasks.projection.alignment.hmm import REACH, first_jumps

Pairs = list[tuple[str, str]]
TEXT = st.lists(
    st.one_of(
        st.sampled_from(["dog ", "the ", "zu ", "harok. ", "。", "华沙", "नई ", "1,5 ", "\ud800"]),
        st.text(max_size=5),
    ),
    max_size=12,
).map("".join)

DISTINCT = ["dog", "harbour", "1901", "Berlin", "paper", "22,5", "moon", "valley", "queen", "tea"]


def written(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def same(one: Alignment, other: Alignment) -> bool:
    return (
        one.source.forms == other.source.forms
        and one.target.forms == other.target.forms
        and all(
            np.array_equal(getattr(one, name), getattr(other, name))
            for name in ("forward", "backward", "bonds")
        )
    )


def test_it_learns_a_language_and_its_order(aligner: Aligner) -> None:
    found = aligner.align("The old king loves the cat.", "Zu derun prin zu mielo fimol.")
    best = {found.target.forms[t]: found.source.forms[s] for t, s in enumerate(found.links.argmax(axis=0))}
    assert best == {
        "Zu": "The", "derun": "king", "prin": "old", "zu": "the", "mielo": "cat", "fimol": "loves", ".": ".",
    }  # fmt: skip
    assert found.links.max(axis=0).min() > 0.5


def test_it_learns_that_adjectives_follow_their_nouns(aligner: Aligner) -> None:
    before, learnt = first_jumps(), aligner.model.forward_jumps
    assert learnt.sum() == pytest.approx(1)
    assert learnt[REACH + 2] > before[REACH + 2]


def test_a_word_never_seen_is_linked_by_exclusion(aligner: Aligner) -> None:
    found = aligner.align("The old wizard loves the cat.", "Zu quoxar prin zu mielo fimol.")
    assert found.source.forms[found.links[:, 1].argmax()] == "wizard"


def test_repeated_words_are_looked_for_in_their_own_sentence(aligner: Aligner) -> None:
    found = aligner.align("The dog sleeps. One cat sees the dog.", "Zu harok anuk. Mir mielo zu harok lapti.")
    assert found.links[:, [1, 7]].argmax(axis=0).tolist() == [1, 8]
    assert found.links[1, 7] == found.links[8, 1] == 0


@given(one=TEXT, other=TEXT)
def test_law_links_have_the_shape_of_the_words_and_are_posteriors(
    aligner: Aligner, one: str, other: str
) -> None:
    found = aligner.align(one, other)
    shape = len(found.source), len(found.target)
    assert found.links.shape == found.forward.shape == found.backward.shape == shape
    assert found.links.dtype == np.float32
    assert found.bonds.shape == (shape[1] + 1,)
    assert np.isfinite(found.links).all()
    assert (found.links >= 0).all()
    assert (found.forward.sum(axis=0) <= 1 + 1e-3).all()
    assert (found.backward.sum(axis=1) <= 1 + 1e-3).all()


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_law_a_table_read_back_aligns_equally(pairs: Pairs) -> None:
    """Whatever it was fitted on, nothing at all too; also by way of Parquet."""
    fitted = fit(pairs, source="en", target="xx")
    sink = io.BytesIO()
    pq.write_table(fitted.to_table(), sink)
    back = Aligner.from_table(pq.read_table(io.BytesIO(sink.getvalue())))
    assert (back.source, back.target) == ("en", "xx")
    assert all(
        same(one, other) for one, other in zip(fitted.align_many(pairs), back.align_many(pairs), strict=True)
    )
    assert back.to_table().equals(fitted.to_table(), check_metadata=True)


@given(st.lists(st.lists(st.sampled_from(DISTINCT), min_size=1, unique=True), min_size=1, max_size=5))
def test_law_identical_texts_align_to_the_diagonal(lists: list[list[str]]) -> None:
    """Texts of distinct words, fitted on themselves or on nothing."""
    texts = [" ".join(words) for words in lists]
    for pairs in ([(text, text) for text in texts], []):
        fitted = fit(pairs, source="en", target="en")
        for text in texts:
            links = fitted.align(text, text).links
            assert links.argmax(axis=0).tolist() == links.argmax(axis=1).tolist() == list(range(len(links)))


@pytest.mark.parametrize(
    "pair", [("", ""), ("", "a b"), ("a b", ""), (" ", "\n"), ("a", "b"), ("a b c", "x")]
)
def test_empty_and_short_texts_are_no_trouble(aligner: Aligner, pair: tuple[str, str]) -> None:
    found = aligner.align(*pair)
    assert found.links.shape == (len(pair[0].split()), len(pair[1].split()))


def test_many_pairs_align_as_each_alone(aligner: Aligner, made_up_pairs: Pairs) -> None:
    some = [*made_up_pairs[:70], ("", ""), ("The cat.", "")]
    for one, pair in zip(aligner.align_many(some), some, strict=True):
        alone = aligner.align(*pair)
        np.testing.assert_allclose(one.links, alone.links, atol=1e-4)


def test_the_order_of_pairs_and_doubles_change_nothing(made_up_pairs: Pairs) -> None:
    shuffled = [*made_up_pairs, *made_up_pairs[:10]]
    random.Random(1).shuffle(shuffled)
    one, other = (fit(pairs, source="en", target="xx").to_table() for pairs in (made_up_pairs, shuffled))
    assert written(one) == written(other)


def test_a_sample_is_drawn_by_its_seed(made_up_pairs: Pairs) -> None:
    def table(seed: int) -> bytes:
        return written(fit(made_up_pairs, source="en", target="xx", seed=seed, limit=20).to_table())

    assert table(0) == table(0)
    assert table(0) != table(1)


def test_the_table_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "import hashlib, io, pyarrow as pa\n"
        "from tasks.projection.alignment.aligner import fit\n"
        "pairs = [(f'the dog {n} sees 华沙', f'zu harok {n} lapti 华沙城') for n in range(30)]\n"
        "table, sink = fit(pairs, source='en', target='zh').to_table(), io.BytesIO()\n"
        "with pa.ipc.new_stream(sink, table.schema) as stream: stream.write_table(table)\n"
        "print(hashlib.sha256(sink.getvalue()).hexdigest())"
    )
    root = Path(__file__).parents[4]
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert len(found) == 1


def test_a_table_of_another_version_is_refused(aligner: Aligner) -> None:
    table = aligner.to_table()
    other = table.replace_schema_metadata({**table.schema.metadata, b"version": b"0"})
    with pytest.raises(ValueError, match="fit it anew"):
        Aligner.from_table(other)


def test_chinese_characters_of_one_word_are_bound() -> None:
    pairs = [(f"{n} Warsaw {w}", f"{n}华沙{c}") for n in range(6) for w, c in (("is", "是"), ("in", "在"))]
    found = fit(pairs, source="en", target="zh").align("Warsaw is", "华沙是")
    assert found.bonds[1] > found.bonds[2] > 0
    assert found.bonds[[0, 3]].tolist() == [0, 0]
