"""Pictures for a page whose colours nobody knows: Prefect's UI is dark for one person and light for the next."""

import base64
from io import BytesIO

from PIL import Image

PAPER = (250, 248, 243)
"""The ground of a light page, which the pictures of `tasks.scoring.plots` are drawn for."""

MARGIN_PIXELS = 24

MAX_PICTURE_BYTES = 130_000
"""In base64 they grow by a third, and are still to fit a page (`tasks.pages.fitting`)."""


def on_paper(png: bytes) -> bytes:
    """The same picture on an opaque light ground, with a margin: its dark ink can be read on a dark page, too."""
    with Image.open(BytesIO(png)) as opened:
        drawn = opened.convert("RGBA")
    size = (drawn.width + 2 * MARGIN_PIXELS, drawn.height + 2 * MARGIN_PIXELS)
    paper = Image.new("RGBA", size, (*PAPER, 255))
    paper.alpha_composite(drawn, (MARGIN_PIXELS, MARGIN_PIXELS))
    buffer = BytesIO()
    paper.convert("RGB").quantize(128).save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def picture(png: bytes, says: str) -> str:
    """A picture as Markdown, its bytes in its address; `says` is what it shows, for who cannot see it.

    It has to be one of ours: `says` is not escaped.
    """
    return f"![{says}](data:image/png;base64,{base64.b64encode(on_paper(png)).decode()})"
