import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.projection.alignment.forms import normal, skeleton, stems
from tasks.projection.alignment.grid import grid
from tasks.projection.alignment.sounds import _LEVELS, CLASSES, _places, gains, likeness, sounds


@given(st.text(min_size=1))
def test_law_normal_forms_are_never_empty_and_can_be_stored(form: str) -> None:
    found = normal(form)
    assert found
    assert found.encode()
    assert skeleton(found).isascii() or found[0].isdigit()


def test_the_digits_of_a_number_are_its_normal_form() -> None:
    assert normal("711,988") == normal("711.988") == normal("٧١١٬٩٨٨") == normal("७११,९८८") == "711988"


def test_a_number_has_no_shorter_views() -> None:
    assert stems("123456") == ("123456",) * 4


@pytest.mark.parametrize(
    ("english", "others"),
    [
        ("mandela", ["मंडेला", "مانديلا", "мандела", "μανδελα"]),
        ("berlin", ["बर्लिन", "برلين", "берлин"]),
        ("catholic", ["catolico", "katholisch"]),
    ],
)
def test_names_keep_most_of_their_consonants_in_other_scripts(english: str, others: list[str]) -> None:
    for other in others:
        one, two = skeleton(english), skeleton(normal(other))
        assert len(one) > 1
        assert two.startswith(one[:2]), (one, two)


def test_likeness_tells_a_name_from_other_words() -> None:
    source, target = ["berlin", "water", "."], ["برلين", "من", "."]
    order = np.arange(3, dtype=np.int32)
    classes = likeness(grid([(3, 3)]), sounds(source), sounds(target), order, order).reshape(3, 3)
    assert classes.max() < CLASSES
    assert classes[0, 0] == classes.max()
    links, chance = np.eye(3, dtype=np.float32).ravel(), np.full(9, 1 / 3, np.float32)
    learnt = gains(classes.ravel(), links, chance)
    assert learnt[classes[0, 0]] > 0
    assert learnt[classes[0, 1]] < 0


def test_a_few_cells_do_not_overrule_what_is_believed_of_names() -> None:
    classes = np.array([0] * 60 + [CLASSES - 1], np.uint8)
    links, chance = np.array([0.5] * 60 + [0], np.float32), np.full(61, 0.5, np.float32)
    assert gains(classes, links, chance)[-1] > -1
    assert gains(np.repeat(classes, 1000), np.repeat(links, 1000), np.repeat(chance, 1000))[-1] < -3


@given(st.lists(st.text(alphabet="abdklnrstएकतन", max_size=7), min_size=2, max_size=12))
def test_law_two_words_are_as_alike_in_any_company(words: list[str]) -> None:
    """All in one bead, and each pair in a bead of its own."""
    known, size = sounds(words), len(words)
    order = np.arange(size, dtype=np.int32)
    together = likeness(grid([(size, size)]), known, known, order, order)
    pairs = np.repeat(order, size), np.tile(order, size)
    assert together.tolist() == likeness(grid([(1, 1)] * size**2), known, known, *pairs).tolist()
    for place, word in enumerate(words):
        shared = [set(_places(skeleton(word))) & set(_places(skeleton(other))) for other in words]
        sizes = [len(set(_places(skeleton(other)))) for other in words]
        cosines = [len(s) / max(1.0, (sizes[place] * n) ** 0.5) for s, n in zip(shared, sizes, strict=True)]
        levels = together[place * size : (place + 1) * size] % (len(_LEVELS) + 1)
        assert all(
            abs(cosine - edge) < 1e-6 or (cosine >= edge) == (level > number)
            for cosine, level in zip(cosines, levels.tolist(), strict=True)
            for number, edge in enumerate(_LEVELS.tolist())
        )
