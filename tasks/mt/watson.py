"""IBM Watson Language Translator v3, the engine of the paper (Bornea et al., 2021, Sec. 3.1).

IBM withdrew the service on 2024-12-10: this engine speaks to a server that is compatible with it, for replay.
"""

import base64

from tasks.mt.engine import Limits
from tasks.mt.errors import TooLarge, UnknownPair
from tasks.mt.http import Meaning
from tasks.mt.markup import Markup
from tasks.mt.service import Service, codes
from tasks.mt.shapes import EACH

INTERFACE_DATE = "2018-05-01"
"""The `version` that every request names: that of the interface, not of a model."""


class Watson(Service):
    """`watson:ADDRESS`, key `WATSON_API_KEY`; there is no official address any more.

    Text is plain to this service, and tags pass through it.
    """

    name = "watson"
    official = None
    key = "WATSON_API_KEY"
    # The documented 51,200 bytes are those of the whole body.
    limits = Limits(max_segments=100, max_chars=50_000, max_bytes=46_000)
    workers = 2
    markups = (Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)
    languages = codes(
        "ar bg bn bs ca cs cy da de el en es et eu fi fr ga gu he hi hr hu id it ja ko lt lv ml ms mt nb ne nl pl pt "
        "ro ru si sk sl sr sv ta te th tr uk ur vi zh",
        no="nb",
    )
    meanings = (
        Meaning(400, "too (large|long)|exceed|size limit", TooLarge),
        Meaning(404, "[Mm]odel|[Ll]anguage", UnknownPair),
        Meaning(400, "[Mm]odel|language pair", UnknownPair),
    )
    version_paths = (("model_id",),)

    def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        key = self._key()
        token = base64.b64encode(f"apikey:{key}".encode()).decode()
        answer = self._post(
            f"/v3/translate?version={INTERFACE_DATE}",
            {"text": texts, "model_id": f"{source}-{target}"},
            {"Authorization": f"Basic {token}"},
            [key, token],
        )
        return self._found(answer.content, len(texts), "translations", EACH, "translation")
