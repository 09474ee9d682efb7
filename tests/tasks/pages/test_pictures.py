"""Pictures for a page of any colour."""

from io import BytesIO

import pytest
from PIL import Image

from tasks.pages.pictures import MARGIN_PIXELS, MAX_PICTURE_BYTES, on_paper, picture
from tasks.scoring.plots import DARK, LIGHT, heat_map, loss_curve
from tests.tasks.pages.rendering import harmless

CODES = ("ar", "de", "en", "es", "hi", "vi", "zh")


def test_a_picture_is_opaque_and_has_a_margin() -> None:
    drawn = loss_curve([(1, 2.0), (2, 1.0)])
    with Image.open(BytesIO(drawn)) as before, Image.open(BytesIO(on_paper(drawn))) as after:
        assert after.size == tuple(side + 2 * MARGIN_PIXELS for side in before.size)
        assert "A" not in after.getbands()
        assert "transparency" not in after.info
        assert sum(after.convert("RGB").getpixel((2, 2))) > 3 * 230


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_largest_picture_fits_a_page(theme: object) -> None:
    figures = {(c, q): 61.7 for c in CODES for q in CODES}
    assert len(picture(heat_map(figures, theme), "F1")) < MAX_PICTURE_BYTES / 2  # type: ignore[arg-type]


def test_a_picture_is_part_of_its_page() -> None:
    page = harmless(picture(loss_curve([(1, 2.0)]), "training loss by step"))
    assert len(page.pictures) == 1
