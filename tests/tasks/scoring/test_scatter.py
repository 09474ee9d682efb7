from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tasks.scoring.invariance import project
from tasks.scoring.plots import DARK, LIGHT, Theme
from tasks.scoring.scatter import scatter

LANGUAGES = ["ar", "de", "en", "es", "hi", "vi", "zh", "ru", "$a_"]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_two_stages_of_nine_languages_fit_an_artifact(theme: Theme) -> None:
    """A thousand questions each: more points than any report has; no warning about odd names."""
    random = np.random.default_rng(0)
    languages = LANGUAGES * 700
    panels = {
        name: (project(random.normal(size=(len(languages), 8))), languages) for name in ("before", "after")
    }
    png = scatter(panels, theme)
    with Image.open(BytesIO(png)) as picture:
        one_panel = scatter(dict([next(iter(panels.items()))]), theme)
        with Image.open(BytesIO(one_panel)) as alone:
            assert picture.width == 2 * alone.width
    assert scatter(panels, theme) == png
    assert len(png) * 4 / 3 < 200_000
