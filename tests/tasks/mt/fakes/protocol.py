"""What the module of one documented protocol provides, and the values that it speaks in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Asked:
    """What a request wants; `style` is the protocol's own word for how its texts are to be read."""

    texts: Sequence[str]
    source: str
    target: str
    style: str = ""


@dataclass(frozen=True, eq=False)
class Reply:
    """Status, content for JSON (or bytes as they are), headers."""

    status: int
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A request that the protocol does not allow."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class Service(Protocol):
    """What a module beside this one provides."""

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys that it accepts, by the names under which the engine looks them up."""
        ...

    @property
    def specials(self) -> Mapping[str, Reply]:
        """What this service alone may answer, by a name for it."""
        ...

    def spec(self, url: str) -> str:
        """What opens the engine on a fake at this address."""
        ...

    def asked(self, heard: Heard) -> Asked:
        """The request read and checked; raises Refused."""
        ...

    def translated(self, text: str, asked: Asked) -> str:
        """One text; raises Refused."""
        ...

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        """The answer that holds them."""
        ...

    def refusal(self, status: int, words: str) -> Reply:
        """A refusal as this service words it."""
        ...

    def expired(self) -> Reply:
        """The refusal of a key that was good once."""
        ...
