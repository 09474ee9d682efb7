import numpy as np
import numpy.typing as npt

from tasks.projection.alignment.neural import NeuralAligner


class Fake:
    """Links every word with the one of the same length."""

    def links(
        self,
        source: str,
        source_words: npt.NDArray[np.int32],
        target: str,
        target_words: npt.NDArray[np.int32],
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        lengths = source_words[:, 1] - source_words[:, 0], target_words[:, 1] - target_words[:, 0]
        found = (lengths[0][:, None] == lengths[1][None, :]).astype(np.float32)
        return found, found


def test_it_gives_the_same_kind_of_alignment() -> None:
    found = NeuralAligner(Fake()).align("a bb ccc", "xxx y zz")
    assert found.source.forms == ("a", "bb", "ccc")
    assert found.links.argmax(axis=0).tolist() == [2, 0, 1]
    assert len(NeuralAligner(Fake()).align_many([("a", "b"), ("", "")])) == 2
