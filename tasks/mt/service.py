"""What all engines that speak to a service share: their argument, keys, languages, and the frame of a request.

The argument of such an engine, what stands behind the colon of `name:argument`, is `[ADDRESS][?OPTION=VALUE&...]`.
The address (`https://host/path`) replaces that of the official service; where an engine says so, a bare word stands
for one of its options. Every service knows the options `markup`, one of the styles that it can be sent (see
`tasks.mt.markup`), `timeout_s`, the longest that a request may take, and `requests_per_s` and `chars_per_s`, how fast
it may be asked. Keys never stand there.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from storage.errors import UsageError
from tasks.mt.engine import Billing, Identity, Keys, Limits
from tasks.mt.errors import BrokenAnswer, KeyRefused, TooLarge, UnknownPair
from tasks.mt.http import Answer, Http, Meaning, Request, TextRefused, Timeouts
from tasks.mt.languages import short
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate
from tasks.mt.shapes import texts_at

TIMEOUT_S = 120.0
COMMON = ("markup", "timeout_s", "requests_per_s", "chars_per_s")
NOT_REPORTED = "not reported"

_KEY = re.compile(r"[!-~]+")


class Service:
    """A base for engines: what a subclass declares is its protocol.

    Args:
        argument: see the module.
        keys: where the key is looked up, at the first request.

    Raises:
        UsageError: the argument is not of the form above, or names an option that the engine does not have.
    """

    name: str
    official: str | None
    """The address of the service; None where there is no such thing."""
    key: str | None = None
    """The name of its key among `keys`; None where there is none."""
    key_optional = False
    limits: Limits
    workers = 4
    rate = Rate()
    """What an account usually bears. A service in one's own network is asked as fast as it answers."""
    billing = Billing.CHARACTERS
    price_per_million: float | None = None
    markups: tuple[Markup, ...]
    languages: Mapping[str, str]
    """ISO code to the code that the service knows a target by."""
    source_codes: Mapping[str, str] = MappingProxyType({})
    """Where a source goes by another code than a target."""
    options: ClassVar[Mapping[str, str]] = {}
    """Options of its own with their defaults; they change translations, and so they belong to the identity."""
    operational: tuple[str, ...] = ()
    """Those of them that do not."""
    bare: str | None = None
    """The option that a bare word as the argument stands for."""
    meanings: tuple[Meaning, ...] = ()
    version_paths: tuple[tuple[str | int, ...], ...] = ()
    """Where an answer tells what made it."""

    def __init__(self, argument: str, keys: Keys) -> None:
        address, given = _parsed(self.name, argument, self.bare, {*COMMON, *self.options})
        self.address = address or self.official
        self.markup = _style(self.name, given.pop("markup", self.markups[0]), self.markups)
        timeouts = Timeouts.of(_number(self.name, given, "timeout_s") or TIMEOUT_S)
        usual = Rate() if _is_own(self.address) else self.rate
        self.rate = Rate(
            _number(self.name, given, "requests_per_s") or usual.requests_per_s,
            _number(self.name, given, "chars_per_s") or usual.chars_per_s,
        )
        self.settings = {**self.options, **given}
        self._keys = keys
        self._http = Http(self.name, self.meanings, timeouts)
        self._version = NOT_REPORTED
        if self.address is None:
            raise UsageError(
                f"The engine {self.name!r} needs the address of its service; "
                f"write for instance: {self.name}:https://host."
            )

    def identity(self, source: str, target: str) -> Identity:
        """The version that the last answer told, and what else decides what comes back."""
        self._codes(source, target)
        options = {"markup": str(self.markup)}
        options |= {n: value for n, value in self.settings.items() if value and n not in self.operational}
        if self.address != self.official and self.address is not None:
            options["url"] = self.address
        return Identity(self.name, self._version, options)

    def targets(self, source: str) -> list[str]:
        """The documented targets; the service is not asked."""
        if short(source) not in self.languages:
            return []
        return sorted(language for language in self.languages if language != short(source))

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """One request, as `tasks.mt.engine.Engine` says; blank texts are not sent, they stay what they are."""
        codes = self._codes(source, target)
        answers: list[str | None] = list(texts)
        asked = [place for place, text in enumerate(texts) if text.strip()]
        if asked:
            try:
                found: list[str | None] = [*self._ask([_sound(texts[place]) for place in asked], *codes)]
            except TextRefused as error:
                found = self._without_refused(len(asked), error)
            except UnknownPair:
                targets = [known for known in self.targets(source) if known != short(target)]
                raise UnknownPair.of(self.name, source, target, targets) from None
            for place, answer in zip(asked, found, strict=True):
                answers[place] = answer
        return answers

    def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        """One request of the protocol for texts that are not blank, in the service's own language codes."""
        raise NotImplementedError

    def _without_refused(self, count: int, error: TextRefused) -> list[str | None]:
        if count > 1:
            raise TooLarge(str(error)) from None
        return [None]

    def _codes(self, source: str, target: str) -> tuple[str, str]:
        into = self.languages.get(short(target))
        if into is None or short(target) not in self.targets(source):
            raise UnknownPair.of(self.name, source, target, self.targets(source))
        return self.source_codes.get(short(source), self.languages[short(source)]), into

    def _key(self, name: str | None = None) -> str | None:
        """The key, checked so that it fits into a header; None only where it is optional."""
        name = name or self.key
        value = self._keys(name) if name is not None else None
        if name is None or (value is None and self.key_optional):
            return None
        if not value:
            raise KeyRefused(f"The engine {self.name!r} needs a key; set {name}.")
        if not _KEY.fullmatch(value):
            raise KeyRefused(f"{name} holds spaces or signs that no key of {self.name!r} has; set it anew.")
        return value

    def _post(
        self,
        path: str,
        content: Any,
        headers: Mapping[str, str],
        secrets: Sequence[str | None] = (),
        address: str | None = None,
    ) -> Answer:
        """Send JSON to `path` below the address."""
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return self._sent(path, body, {"Content-Type": "application/json", **headers}, secrets, address)

    def _sent(
        self,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        secrets: Sequence[str | None] = (),
        address: str | None = None,
    ) -> Answer:
        shown = [secret for secret in secrets if secret]
        url = f"{address or self.address}{path}"
        answer = self._http.post(Request(url, body, headers, shown, self.key or "the address"))
        versions = [texts_at(answer.content, 1, *place) for place in self.version_paths]
        # Assigned whole, so that other threads see one version or the other.
        self._version = " ".join(found[0] for found in versions if found and found[0]) or self._version
        return answer

    def _found(self, content: Any, count: int, *path: str | int) -> list[str]:
        """The translations at a path of an answer.

        Raises:
            BrokenAnswer: there are too few, too many, or something else.
        """
        found = texts_at(content, count, *path)
        if found is None:
            raise BrokenAnswer(
                f"The service of {self.name!r} did not answer {count} texts with {count} translations; try again."
            )
        return found


def codes(same: str, **others: str) -> dict[str, str]:
    """A table of language codes: those that the service shares with ISO 639-1, and those that it has its own for.

    >>> codes("de es", zh="zh-CN")
    {'de': 'de', 'es': 'es', 'zh': 'zh-CN'}
    """
    return {**{code: code for code in same.split()}, **others}


def mapped(table: Mapping[str, str], change: Callable[[str], str], **others: str) -> dict[str, str]:
    """Another spelling of a table of language codes."""
    return {**{language: change(code) for language, code in table.items()}, **others}


def _parsed(
    engine: str, argument: str, bare: str | None, known: set[str]
) -> tuple[str | None, dict[str, str]]:
    """The address (None where it is not given) and the options of an argument; messages do not repeat it."""
    address, _, query = argument.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(options.keys() - known):
        raise UsageError.unknown(f"option of the engine {engine!r}", unknown[0], known)
    if address and "://" not in address and bare is not None:
        return None, {bare: address, **options}
    return (_checked(engine, address) if address else None), options


def _checked(engine: str, address: str) -> str:
    try:
        parts = urlsplit(address)
        sound = (
            parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        sound = False
    if not sound or not address.isprintable() or " " in address or "#" in address:
        raise UsageError(
            f"The address of the engine {engine!r} is not one; write for instance: https://host/path."
        )
    if "@" in parts.netloc:
        raise UsageError(
            f"The address of the engine {engine!r} holds a user or a password; leave them out, "
            "keys come from the environment."
        )
    return address.rstrip("/")


def _style(engine: str, name: str, styles: Sequence[Markup]) -> Markup:
    if name not in styles:
        raise UsageError.unknown(f"markup of the engine {engine!r}", name, styles)
    return Markup(name)


def _number(engine: str, given: dict[str, str], name: str) -> float | None:
    """The option of that name, taken out of those given; None where it is not among them."""
    value = given.pop(name, None)
    if value is not None and (not re.fullmatch(r"\d{1,6}(\.\d+)?", value) or not float(value)):
        raise UsageError(f"{name} of the engine {engine!r} must be a number above 0, such as 120.")
    return None if value is None else float(value)


def _is_own(address: str | None) -> bool:
    """Whether a service is on this machine, or in a private network."""
    host = urlsplit(address or "").hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


def _sound(text: str) -> str:
    """The text with U+FFFD in place of lone surrogates, which no protocol can carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
