"""DeepL v2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.tasks.mt.fakes.protocol import Asked, Heard, Refused, Reply
from tests.tasks.mt.fakes.respelling import of_html, of_text, of_xml

SPECIALS = {
    "456 quota": Reply(456, {"message": "Quota exceeded"}),
    "529 busy": Reply(529, {"message": "Too many requests, high load"}),
    "400 target": Reply(400, {"message": "Value for 'target_lang' not supported."}),
    "400 too many texts": Reply(400, {"message": "Bad request. Reason: Too many texts."}),
    "400 anything else": Reply(400, {"message": "Bad request"}),
}


@dataclass(frozen=True)
class DeepL:
    keys: Mapping[str, str] = field(default_factory=lambda: {"DEEPL_API_KEY": "s3cr3t-deepl:fx"})
    specials: Mapping[str, Reply] = field(default_factory=lambda: SPECIALS)

    def spec(self, url: str) -> str:
        return f"deepl:{url}"

    def asked(self, heard: Heard) -> Asked:
        if heard.headers.get("authorization") not in {f"DeepL-Auth-Key {key}" for key in self.keys.values()}:
            raise Refused(self.expired())
        content = heard.json()
        if len(heard.body) > 131_072:
            raise Refused(Reply(413, {"message": "Request size exceeds the supported limit."}))
        if len(content["text"]) > 50:
            raise Refused(SPECIALS["400 too many texts"])
        if content["source_lang"] != "EN":
            raise Refused(SPECIALS["400 target"])
        style = content.get("tag_handling", "")
        if style and content.get("tag_handling_version") != "v2":
            raise Refused(self.refusal(400, "this account defaults to version 1"))
        return Asked(content["text"], content["source_lang"], content["target_lang"], style)

    def translated(self, text: str, asked: Asked) -> str:
        if asked.style != "xml":
            return (of_html if asked.style else of_text)(text, asked.target)
        translation = of_xml(text, asked.target)
        if translation is None:
            raise Refused(Reply(400, {"Message": "Tag handling parsing failed, please check input."}))
        return translation

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        common = {"detected_source_language": asked.source, "model_type_used": "quality_optimized"}
        return Reply(200, {"translations": [{**common, "text": text} for text in translations]})

    def refusal(self, status: int, words: str) -> Reply:
        return Reply(status, {"message": words})

    def expired(self) -> Reply:
        return Reply(403, b"")
