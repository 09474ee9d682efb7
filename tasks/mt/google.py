"""Google Cloud Translation: v2 ("Basic", a key) and v3 ("Advanced", an access token and a project).

Sources: https://cloud.google.com/translate/docs/reference/rest/v2/translate,
https://cloud.google.com/translate/docs/reference/rest/v3/projects.locations/translateText
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from tasks.mt.engine import Keys, Limits
from tasks.mt.errors import KeyRefused, QuotaSpent, SlowDown, TooLarge, UnknownPair
from tasks.mt.http import Meaning
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate
from tasks.mt.service import Service, codes
from tasks.mt.shapes import EACH

LANGUAGES = codes(
    "af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha hi hr ht hu hy id ig is it "
    "ja ka kk km kn ko ku ky la lb lo lt lv mg mi mk ml mn mr ms mt my ne nl no ny or pa pl ps pt ro ru rw sd si sk "
    "sl sm sn so sq sr st su sv sw ta te tg th tk tr tt ug uk ur uz vi xh yi yo zu",
    he="iw",
    nb="no",
    zh="zh-CN",
)

_MEANINGS = (
    # A day's quota or the user's own cap on it: nothing will go through before it is renewed.
    Meaning(403, "dailyLimitExceeded|Daily Limit Exceeded|quotaExceeded", QuotaSpent),
    Meaning(429, "per day|PerDay|per_day|Daily Limit", QuotaSpent),
    Meaning(403, "[rR]ateLimitExceeded|Rate Limit Exceeded", SlowDown),
    Meaning(400, "Too many text segments|too (long|large)|size limit|exceeds", TooLarge),
    Meaning(
        400, "API_KEY_INVALID|API_KEY_EXPIRED|API key (not valid|expired)|keyInvalid|keyExpired", KeyRefused
    ),
    Meaning(400, "[Bb]ad language pair|language.*(not supported|is invalid)|Target language", UnknownPair),
)


class Google(Service):
    """`google[:ADDRESS]` is v2 with the key `GOOGLE_API_KEY`.

    `google:projects/PROJECT/locations/PLACE` is v3 with the key `GOOGLE_ACCESS_TOKEN`, an access token
    (`gcloud auth print-access-token`) that holds for an hour. An address that ends in
    `/v3/projects/...` is v3 too. Option `model`: in v3 the full name of a model of one's own. In v2 it is always sent,
    because only then the answer tells which one translated.
    """

    name = "google"
    official = "https://translation.googleapis.com"
    key = "GOOGLE_API_KEY"
    # Bytes are those of the whole body, hence the slack.
    limits = Limits(max_segments=128, max_chars=100_000, max_bytes=90_000)
    workers = 8
    # 6,000,000 characters a minute per project by default: https://cloud.google.com/translate/quotas
    rate = Rate(chars_per_s=100_000)
    price_per_million = 20.0
    markups = (Markup.HTML, Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)
    languages = LANGUAGES
    options: ClassVar[Mapping[str, str]] = {"project": "", "model": "nmt"}
    bare = "project"
    operational = ("project",)
    meanings = _MEANINGS
    version_paths = (("data", "translations", 0, "model"), ("translations", 0, "model"))

    def __init__(self, argument: str, keys: Keys) -> None:
        super().__init__(argument, keys)
        address, _, project = (self.address or "").partition("/v3/")
        if project:
            self.address, self.settings["project"] = address, project
        self.advanced = bool(self.settings["project"])
        self.settings["interface"] = "v3" if self.advanced else "v2"
        if self.advanced:
            self.key, self.limits = "GOOGLE_ACCESS_TOKEN", Limits(max_segments=1024, max_chars=30_000)

    def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        return self._ask_v3(texts, source, target) if self.advanced else self._ask_v2(texts, source, target)

    def _ask_v2(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        key = self._key()
        style = "html" if self.markup is Markup.HTML else "text"
        content = {
            "q": texts,
            "source": source,
            "target": target,
            "format": style,
            "model": self.settings["model"],
        }
        answer = self._post("/language/translate/v2", content, {"X-Goog-Api-Key": key or ""}, [key])
        return self._found(answer.content, len(texts), "data", "translations", EACH, "translatedText")

    def _ask_v3(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        token, project = self._key(), self.settings["project"]
        content = {
            "contents": texts,
            "sourceLanguageCode": source,
            "targetLanguageCode": target,
            "mimeType": "text/html" if self.markup is Markup.HTML else "text/plain",
        }
        if self.settings["model"] != "nmt":
            content["model"] = self.settings["model"]
        answer = self._post(
            f"/v3/{project}:translateText", content, {"Authorization": f"Bearer {token}"}, [token]
        )
        return self._found(answer.content, len(texts), "translations", EACH, "translatedText")
