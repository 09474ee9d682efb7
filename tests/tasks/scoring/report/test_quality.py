import json

from tasks.scoring.bitexts import Bitext
from tasks.scoring.report.quality import judged, quality_markdown, quality_page
from tasks.scoring.translation_quality import quality
from tests.tasks.scoring.report.test_page import EVIL, Page

SOURCE = ["The cat sat on the mat today.", "A dog barked at the moon all night.", "Nobody came to the party."]
HUMAN = ["El gato se sentó hoy en la alfombra.", "Un perro ladró a la luna.", "Nadie vino a la fiesta."]
GOOD = ["El gato se sentó hoy en la alfombra.", "Un perro ladró toda la noche.", "Nadie vino a la fiesta."]
POOR = ["Gato.", "", "Fiesta nadie."]


def test_engines_are_scored_and_tested_against_the_first() -> None:
    text = Bitext("lines", SOURCE, HUMAN)
    found = judged(text, {"good": GOOD, "poor": POOR}, "es")
    assert found.scores["good"].bleu.score == quality(GOOD, HUMAN, "es").bleu.score
    assert found.scores["good"].bleu.p_value is None
    assert found.scores["poor"].chrf.p_value is not None
    assert (found.missing("good"), found.missing("poor")) == (0, 1)
    assert found.worst[0] == 1
    numbers = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert numbers["segments"] == 3
    assert numbers["engines"]["poor"]["chrf"]["signature"].startswith("nrefs:1|bs:1000|seed:12345|")
    assert numbers["engines"]["poor"]["missing"] == 1


def test_one_engine_is_scored_alone() -> None:
    found = judged(Bitext("lines", SOURCE, HUMAN), {"poor": POOR}, "es")
    assert found.scores["poor"].bleu.margin is None
    page = Page(quality_page("es", [found]))
    assert page.open == []
    assert "Translations into es" in page.text
    assert "paired bootstrap" not in page.text


def test_texts_of_engines_are_no_markup() -> None:
    found = judged(Bitext("lines", [EVIL], [EVIL]), {EVIL: [f"x {EVIL}"]}, "ar")
    page = Page(quality_page("ar", [found]))
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert {"lang": "ar", "dir": "rtl"} in page.all("bdi")
    assert "<img" not in quality_markdown("ar", [found], "r")
