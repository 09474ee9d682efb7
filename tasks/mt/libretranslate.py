"""LibreTranslate, one's own server or libretranslate.com. Source: https://docs.libretranslate.com/api/."""

from tasks.mt.engine import Billing, Limits
from tasks.mt.errors import KeyRefused, QuotaSpent, TooLarge, UnknownPair
from tasks.mt.http import Meaning
from tasks.mt.markup import Markup, tags_as_html
from tasks.mt.pace import Rate
from tasks.mt.service import Service, codes
from tasks.mt.shapes import EACH


class LibreTranslate(Service):
    """`libretranslate[:ADDRESS]`, key `LIBRETRANSLATE_API_KEY` where the server wants one.

    It reads HTML but gives back text whose entities are undone: hence the style `tags`, put into HTML on the way out.
    The server sets its own limits and says 400 beyond them; ours are what its public instance takes. Being asked
    too fast counts towards a ban, which is a 403: hence a slow pace, which `?requests_per_s=20` raises.
    """

    name = "libretranslate"
    official = "https://libretranslate.com"
    key = "LIBRETRANSLATE_API_KEY"
    key_optional = True
    limits = Limits(max_segments=50, max_chars=2_000)
    workers = 2
    # A cautious guess: every server has a limit of its own, and tells it only by counting towards the ban.
    rate = Rate(requests_per_s=1)
    billing = Billing.NONE
    markups = (Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)
    languages = codes(
        "ar az bg bn ca cs da de el en eo es et eu fa fi fr ga gl he hi hu id it ja ko ky lt lv ms nb nl pl pt ro ru "
        "sk sl sq sr sv th tl tr uk ur vi",
        no="nb",
        zh="zh-Hans",
    )
    meanings = (
        Meaning(400, "exceeds text limit|too (long|large)", TooLarge),
        Meaning(400, "API key", KeyRefused),
        Meaning(403, "request limits violations", QuotaSpent),
        Meaning(400, "not supported|not available as a target", UnknownPair),
        Meaning(500, "not available as a target", UnknownPair),
    )

    def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        key, tagged = self._key(), self.markup is Markup.TAGS
        content = {
            "q": [tags_as_html(text) for text in texts] if tagged else texts,
            "source": source,
            "target": target,
            "format": "html" if tagged else "text",
        }
        answer = self._post("/translate", {**content, "api_key": key} if key else content, {}, [key])
        return self._found(answer.content, len(texts), "translatedText", EACH)
