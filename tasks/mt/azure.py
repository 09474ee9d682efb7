"""Microsoft Azure Translator, version 3.0 of its interface.

Source: https://learn.microsoft.com/azure/ai-services/translator/text-translation/reference/v3/translate
"""

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlencode

from tasks.mt.engine import Limits
from tasks.mt.errors import QuotaSpent, TooLarge, UnknownPair
from tasks.mt.http import Meaning, TextRefused
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate
from tasks.mt.service import Service, codes
from tasks.mt.shapes import EACH


class Azure(Service):
    """`azure[:ADDRESS][?region=REGION]`, key `AZURE_TRANSLATOR_KEY`; `azure:westeurope` is short for the region.

    The region must be told where the resource is a regional one. Option `category`: the id of a custom model.
    The service reports no version, only whether a custom model took part.
    """

    name = "azure"
    official = "https://api.cognitive.microsofttranslator.com"
    key = "AZURE_TRANSLATOR_KEY"
    limits = Limits(max_segments=1000, max_chars=50_000)
    # 40 million characters an hour (tier S1), to be used evenly, as the window slides; the free tier has a twentieth.
    # https://learn.microsoft.com/azure/ai-services/translator/service-limits
    rate = Rate(chars_per_s=11_000)
    price_per_million = 10.0
    markups = (Markup.HTML, Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)
    languages = codes(
        "af am ar as az bg bn bs ca cs cy da de el en es et eu fa fi fj fo fr ga gl gu ha he hi hr ht hu hy id ig is "
        "it ja ka kk km kn ko ku ky lo lt lv mg mi mk ml mr ms mt my nb ne nl or pa pl ps pt ro ru rw sd si sk sl sm "
        "sn so sq st sv sw ta te th ti tk to tr tt ty ug uk ur uz vi xh yo zu",
        mn="mn-Cyrl",
        no="nb",
        sr="sr-Cyrl",
        zh="zh-Hans",
    )
    options: ClassVar[Mapping[str, str]] = {"region": "", "category": ""}
    bare = "region"
    operational = ("region",)
    # Six digits, of which the first three are the status: the finer ones count.
    meanings = (
        Meaning(403, "403001", QuotaSpent),
        Meaning(400, "400050|400072|400077", TooLarge),
        Meaning(400, "400005|400020", TextRefused),
        Meaning(400, "400003|400006|400018|400019|400023|400035|400036", UnknownPair),
    )

    def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        key, region, category = self._key(), self.settings["region"], self.settings["category"]
        query = {"api-version": "3.0", "from": source, "to": target}
        query["textType"] = "html" if self.markup is Markup.HTML else "plain"
        if category:
            query["category"] = category
        headers = {"Ocp-Apim-Subscription-Key": key or ""}
        if region:
            headers["Ocp-Apim-Subscription-Region"] = region
        path = f"/translate?{urlencode(query)}"
        answer = self._post(path, [{"Text": text} for text in texts], headers, [key])
        return self._found(answer.content, len(texts), EACH, "translations", 0, "text")
