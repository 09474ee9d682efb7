"""DeepL. Sources: https://developers.deepl.com/api-reference/translate and .../docs/translate/translating-xml."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tasks.mt.engine import Limits
from tasks.mt.errors import TooLarge, UnknownPair
from tasks.mt.http import Meaning, TextRefused
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate
from tasks.mt.service import Service, codes, mapped
from tasks.mt.shapes import EACH

FREE_HOST = "https://api-free.deepl.com"
"""Where keys that end in `:fx` are valid, and no others."""

SOURCES = {
    language: code.upper()
    for language, code in codes(
        "ar bg cs da de el en es et fi fr he hi hu id it ja ko lt lv nb nl pl pt ro ru sk sl sv th tr uk vi zh",
        no="nb",
    ).items()
}


class DeepL(Service):
    """`deepl[:ADDRESS]`, key `DEEPL_API_KEY`; one that ends in `:fx` is of the free service and is sent there.

    `tag_handling_version` is always sent, as its default depends on the age of the account. Version 2 parses XML
    strictly: hence the style `xml`. `model_type` is always sent, as else the answer does not tell which was used.
    Options: `model_type`, and `formality` (`more`, `less`, `prefer_more`, `prefer_less`).
    """

    name = "deepl"
    official = "https://api.deepl.com"
    key = "DEEPL_API_KEY"
    # 128 KiB a body are documented, 413 has been seen near 76 KiB where there are many tags.
    limits = Limits(max_segments=50, max_chars=60_000, max_bytes=60_000)
    # A cautious guess: "the service dynamically adjusts to the load" is all that its documents say.
    rate = Rate(requests_per_s=10)
    price_per_million = 25.0
    markups = (Markup.XML, Markup.HTML, Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)
    languages = mapped(SOURCES, str, en="EN-US", pt="PT-PT", zh="ZH-HANS")
    source_codes = SOURCES
    options: ClassVar[Mapping[str, str]] = {
        "model_type": "prefer_quality_optimized",
        "formality": "",
        "tag_handling_version": "v2",
    }
    meanings = (
        Meaning(400, "Tag handling parsing failed", TextRefused),
        Meaning(400, "[Tt]oo (many|large|long)|exceed", TooLarge),
        Meaning(400, "(source|target)_lang.*not supported|anguage pair", UnknownPair),
    )
    version_paths = (("translations", 0, "model_type_used"),)

    def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        key = self._key()
        content: dict[str, Any] = {"text": texts, "source_lang": source, "target_lang": target}
        content["model_type"] = self.settings["model_type"]
        if self.settings["formality"]:
            content["formality"] = self.settings["formality"]
        if self.markup in (Markup.XML, Markup.HTML):
            content["tag_handling"] = str(self.markup)
            content["tag_handling_version"] = self.settings["tag_handling_version"]
        free = key is not None and key.endswith(":fx") and self.address == self.official
        headers = {"Authorization": f"DeepL-Auth-Key {key}"}
        answer = self._post("/v2/translate", content, headers, [key], FREE_HOST if free else None)
        return self._found(answer.content, len(texts), "translations", EACH, "text")
