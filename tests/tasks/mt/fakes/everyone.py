"""All fake services by the name under which tests show them."""

from collections.abc import Callable

from tests.tasks.mt.fakes.amazon import Amazon
from tests.tasks.mt.fakes.apy import Apy
from tests.tasks.mt.fakes.azure import Azure
from tests.tasks.mt.fakes.deepl import DeepL
from tests.tasks.mt.fakes.google import Google, GoogleV3
from tests.tasks.mt.fakes.libretranslate import LibreTranslate
from tests.tasks.mt.fakes.openai import OpenAI
from tests.tasks.mt.fakes.protocol import Service
from tests.tasks.mt.fakes.watson import Watson

SERVICES: dict[str, Callable[[], Service]] = {
    "amazon": Amazon,
    "apertium-apy": Apy,
    "azure": Azure,
    "deepl": DeepL,
    "google": Google,
    "google-v3": GoogleV3,
    "libretranslate": LibreTranslate,
    "openai": OpenAI,
    "watson": Watson,
}


def spanish(engine: str) -> str:
    """What the service of an engine calls Spanish: by that its fake translates."""
    return {"apertium-apy": "spa", "deepl": "ES", "openai": "Spanish"}.get(engine, "es")
