"""The picture of what a poor projection costs."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tasks.scoring.plots import DARK, LIGHT, Theme
from tasks.scoring.price_curves import price_curves

LINES = {"<b>$paper$</b>": [(0.24, 40.0, 1.0), (1.0, 60.0, 0.5)], "πλήρης": [(0.24, 55.0, 0.0)]}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_line_is_drawn_in_its_colour(theme: Theme) -> None:
    with Image.open(BytesIO(price_curves(LINES, x="share", y="F1, %", theme=theme))) as picture:
        pixels = np.asarray(picture.convert("RGBA"))
    for colour in theme.series[:2]:
        wanted = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        assert (np.abs(pixels[..., :3].astype(int) - wanted).max(axis=-1) <= 3).any()


def test_the_same_lines_are_the_same_bytes() -> None:
    assert price_curves(LINES, x="s", y="F1") == price_curves(LINES, x="s", y="F1")
