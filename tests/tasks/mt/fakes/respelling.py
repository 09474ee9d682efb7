"""The language that all fake services translate into: every letter a few places on in the alphabet, by target.

Deterministic, reversible and of the same length, so that a test can say what must come out at the end of any
pipeline. Tags, digits and signs stay; entities mean what they mean where the service reads HTML.
"""

import html
import re
import string
from collections.abc import Callable
from xml.etree import ElementTree

_HTML_TAG = re.compile(r"(<[^<>]*>)")
_TEXT_TAG = re.compile(r"(<[^<>]{1,12}>|\[/?\d{1,4}\]|&(?:amp|lt|gt|#\d+);)")


def respelled(text: str, language: str, direction: int = 1) -> str:
    shift = direction * (sum(language.lower().encode()) % 25 + 1) % 26
    lower, upper = string.ascii_lowercase, string.ascii_uppercase
    turned = lower[shift:] + lower[:shift] + upper[shift:] + upper[:shift]
    return text.translate(str.maketrans(lower + upper, turned))


def unspelled(text: str, language: str) -> str:
    return respelled(text, language, -1)


def of_html(text: str, language: str, translated: Callable[[str, str], str] = respelled) -> str:
    """As a service that reads HTML: quotes come back as entities, too."""
    parts = _HTML_TAG.split(text)
    return "".join(
        part if place % 2 else html.escape(translated(html.unescape(part), language))
        for place, part in enumerate(parts)
    )


def of_xml(text: str, language: str) -> str | None:
    """As a service that reads XML strictly; None for what is not well-formed."""
    try:
        ElementTree.fromstring(f"<x>{text}</x>")
    except ElementTree.ParseError:
        return None
    return of_html(text, language)


def of_text(text: str, language: str) -> str:
    """As a service that takes all for text, and is kind to what looks like a tag."""
    parts = _TEXT_TAG.split(text)
    return "".join(part if place % 2 else respelled(part, language) for place, part in enumerate(parts))
