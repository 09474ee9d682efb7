from collections.abc import Callable
from io import BytesIO

import pytest
from matplotlib.axes import Axes
from PIL import Image

from tasks.scoring import paper
from tasks.scoring.plots import (
    DARK,
    LIGHT,
    Theme,
    heat_map,
    loss_curve,
    loss_curves,
    yield_bars,
    yield_curves,
)


def colours(png: bytes) -> int:
    with Image.open(BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return len(set(picture.convert("RGBA").get_flattened_data()))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_heat_map_of_49_pairs_fits_an_artifact(theme: Theme) -> None:
    png = heat_map(paper.TABLE_3, theme)
    assert colours(png) > 49
    assert len(png) * 4 / 3 < 200_000


def test_equal_figures_give_equal_bytes() -> None:
    assert heat_map(paper.TABLE_3) == heat_map(paper.TABLE_3)
    assert heat_map(paper.TABLE_3) != heat_map({**paper.TABLE_3, ("ar", "ar"): 0.0})


def test_a_benchmark_in_part_and_odd_names_are_drawn() -> None:
    """No warning about a missing glyph or mathematics: warnings are errors here."""
    assert colours(heat_map({("里$x$", "en"): 1.0, ("de", "$a_"): 1.0})) > 1
    assert colours(heat_map({("en", "en"): 0.0})) > 1


@pytest.mark.parametrize("points", [1, 2, 1000])
def test_a_loss_curve_of_any_length(points: int) -> None:
    assert colours(loss_curve([(10 * n, 5.0 / (n + 1)) for n in range(points)])) > 1


def test_more_loss_curves_than_colours() -> None:
    curves = {f"T(Q), seed {n} $a_": [(step, 5.0 / step + n) for step in range(1, 9)] for n in range(18)}
    assert colours(loss_curves(curves)) > 8


def test_yields_of_languages() -> None:
    rejected = {"es": {"tags-split": 30, "tags-lost": 5}, "hi": {}, "ta": {"empty-answer": 1}}
    assert colours(yield_bars({"es": 65, "hi": 10, "xx": 0}, rejected)) > 3


def test_yield_curves_of_methods_and_a_dot() -> None:
    png = yield_curves({"confidence": [(0.5, 0.8), (1.0, 0.7)], "exact tags": [(0.82, 0.71)]})
    assert colours(png) > 3


def test_only_figures_that_are_there_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(Axes, "text", lambda self, x, y, text, **how: written.append(text))
    heat_map({("en", "en"): 61.66, ("de", "de"): 50.0})
    assert sorted(written) == ["50.0", "61.7"]


@pytest.mark.parametrize("draw", [heat_map, lambda figures, theme: loss_curve([(1, 2.0), (2, 1.0)], theme)])
def test_a_dark_page_has_its_own_colours(draw: Callable[..., bytes]) -> None:
    def ramp_end(png: bytes) -> set[tuple[int, ...]]:
        with Image.open(BytesIO(png)) as picture:
            return set(picture.convert("RGBA").get_flattened_data())

    solid = [{c for c in ramp_end(draw(paper.TABLE_3, theme)) if c[3] == 255} for theme in (LIGHT, DARK)]
    shared = solid[0] & solid[1]
    assert len(shared) < len(solid[0]) / 4
