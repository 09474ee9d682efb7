"""Chat completions: the model is obedient, and translates what the instructions ask for."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.tasks.mt.fakes.protocol import Asked, Heard, Refused, Reply
from tests.tasks.mt.fakes.respelling import of_text


def error(status: int, words: str, code: str | None = None, param: str | None = None) -> Reply:
    content = {"error": {"message": words, "type": "invalid_request_error", "param": param, "code": code}}
    return Reply(status, content)


def completion(text: str | None, reason: str = "stop", **message: str) -> Reply:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **message},
        "finish_reason": reason,
    }
    return Reply(
        200, {"model": "gpt-fake-2026-01-01", "system_fingerprint": "fp_0123456789", "choices": [choice]}
    )


SPECIALS = {
    "429 rate": error(429, "Rate limit reached for requests", "rate_limit_exceeded"),
    "429 quota": error(429, "You exceeded your current quota, check your plan.", "insufficient_quota"),
    "400 context": error(
        400, "This model's maximum context length is 8192 tokens.", "context_length_exceeded", "messages"
    ),
    "400 temperature": error(
        400,
        "Unsupported value: 'temperature' does not support 0 with this model.",
        "unsupported_value",
        "temperature",
    ),
    "400 content filter": error(400, "The response was filtered.", "content_filter"),
    "404 model": error(404, "The model `gpt-none` does not exist", "model_not_found"),
    "length": completion('[{"id": 1, "text": "half', "length"),
    "refusal": completion(None, refusal="I cannot help with that."),
    "filtered": completion("", "content_filter"),
    "tool call": completion(None, "tool_calls"),
    "no JSON": completion("Here are your translations: 1. uno"),
    "an object": completion('{"id": 1, "text": "uno"}'),
    "no ids": completion('["uno", "dos"]'),
    "ids as words": completion('[{"id": "1", "text": "uno"}, {"id": "2", "text": "dos"}]'),
}


@dataclass(frozen=True)
class OpenAI:
    keys: Mapping[str, str] = field(default_factory=lambda: {"OPENAI_API_KEY": "sk-s3cr3t-openai"})
    specials: Mapping[str, Reply] = field(default_factory=lambda: SPECIALS)

    def spec(self, url: str) -> str:
        return f"openai:{url}/v1?model=gpt-fake"

    def asked(self, heard: Heard) -> Asked:
        if heard.headers.get("authorization") not in {f"Bearer {key}" for key in self.keys.values()}:
            raise Refused(self.expired())
        if heard.path != "/v1/chat/completions":
            raise Refused(error(404, "Not found"))
        instructions, asked = (message["content"] for message in heard.json()["messages"])
        found = re.search(r"from (\w[\w ]*?) to (\w[\w ]*?)\. ", instructions)
        assert found
        texts = [item["text"] for item in json.loads(asked)]
        if sum(map(len, texts)) > 30_000:
            raise Refused(SPECIALS["400 context"])
        return Asked(texts, found[1], found[2])

    def translated(self, text: str, asked: Asked) -> str:
        return of_text(text, asked.target)

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        items: list[dict[str, Any]] = [
            {"id": number, "text": text} for number, text in enumerate(translations, 1)
        ]
        # A model that moves its answers moves their numbers with them.
        spoken = [self.translated(text, asked) for text in asked.texts]
        if len(spoken) > 1 and list(translations) == spoken[::-1] != spoken:
            items = [{"id": number, "text": text} for number, text in enumerate(spoken, 1)][::-1]
        return completion(f"```json\n{json.dumps(items)}\n```")

    def refusal(self, status: int, words: str) -> Reply:
        return error(status, words)

    def expired(self) -> Reply:
        return error(401, f"Incorrect API key provided: {next(iter(self.keys.values()))}.", "invalid_api_key")
