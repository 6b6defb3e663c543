"""Any OpenAI-compatible endpoint as a provider: ``POST {base_url}/chat/completions`` over httpx.

Model servers differ in how they take the schema of an answer: it is asked for strictly, and where that is refused in a
simpler way, which is remembered. A connection is made for each call, so that its deadline can shut it.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from service.ai.deadline import CONNECT_SECONDS, Deadline
from service.ai.provider import AiFailure, Prompt
from service.ai.replies import LONGEST_ANSWER, failure_of, too_long

if TYPE_CHECKING:
    import httpx

Format = dict[str, Any] | None


class OpenAi:
    """One model behind ``base_url``; ``key()`` is asked at each call, None for a server that wants none."""

    name = "openai"

    def __init__(self, base_url: str, model: str, key: Callable[[], str | None]) -> None:
        self.model = model
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._key = key
        self._format = 0
        self._client: httpx.Client | None = None

    def load(self) -> None:
        """Import httpx and make the client."""
        import httpx

        self._client = httpx.Client(
            follow_redirects=False,
            # A proxy of the environment is for the way out, never for this machine.
            trust_env=not _is_loopback(self._url),
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": "signals-agent", "Accept-Encoding": "identity"},
        )

    def close(self) -> None:
        """Let go of the client."""
        if self._client is not None:
            self._client.close()

    def complete(self, prompt: Prompt, deadline: Deadline) -> str:
        """Make one try and return the text of the answer. Raises ``AiFailure``."""
        formats = _formats(prompt)
        for place in range(self._format, len(formats)):
            status, headers, body = self._ask(_request(self.model, prompt, formats[place]), deadline)
            if status == 200:
                self._format = place
                return _text_of(body)
            if status not in (400, 422) or place == len(formats) - 1:
                raise failure_of(status, headers)
        raise AssertionError("unreachable")

    def _ask(self, request: dict[str, Any], deadline: Deadline) -> tuple[int, dict[str, str], bytes]:
        import httpx

        if self._client is None:
            raise AiFailure("not_ready", "httpx is not imported yet")

        def trace(event: str, info: dict[str, Any]) -> None:
            if event.endswith("connect_tcp.complete"):
                deadline.watch(info["return_value"].get_extra_info("socket"))

        key, left = self._key(), max(deadline.remaining(), 0.001)
        try:
            with self._client.stream(
                "POST",
                self._url,
                json=request,
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=httpx.Timeout(left, connect=min(left, CONNECT_SECONDS)),
                extensions={"trace": trace},
            ) as response:
                return response.status_code, dict(response.headers), _bounded(response)
        except httpx.HTTPError as error:
            if deadline.passed or isinstance(error, httpx.TimeoutException):
                raise AiFailure("timeout", "no whole answer in time") from None
            raise AiFailure("error", f"{type(error).__name__}", passing=True) from None


def _formats(prompt: Prompt) -> tuple[Format, ...]:
    """Return the ways to ask for the schema, the strictest first."""
    schema = {"name": "ranking", "strict": True, "schema": _closed(prompt.schema)}
    return {"type": "json_schema", "json_schema": schema}, {"type": "json_object"}, None


def _closed(schema: Any) -> Any:
    """Return the schema with objects that allow nothing else, as the strict way demands."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not hasattr(schema, "items"):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    return closed | {"additionalProperties": False} if schema.get("type") == "object" else closed


def _request(model: str, prompt: Prompt, form: Format) -> dict[str, Any]:
    system = prompt.system if form and "json_schema" in form else f"{prompt.system}\n\nSchema: {_as_text(prompt)}"
    messages = [{"role": "system", "content": system}, {"role": "user", "content": prompt.text}]
    request: dict[str, Any] = {"model": model, "messages": messages, "temperature": 0}
    return request | ({"response_format": form} if form else {})


def _as_text(prompt: Prompt) -> str:
    return json.dumps(prompt.schema, separators=(",", ":"))


def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > LONGEST_ANSWER:
            raise too_long()
    return bytes(body)


def _text_of(body: bytes) -> str:
    """Return the text of a chat completion. Raises ``AiFailure`` for what is none."""
    try:
        choice = json.loads(body)["choices"][0]
        text, ended = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise AiFailure("bad_answer", "not a chat completion") from None
    if ended == "content_filter":
        raise AiFailure("bad_answer", "withheld by the content filter", declined=True)
    if not isinstance(text, str) or not text.strip():
        raise AiFailure("bad_answer", "an empty answer")
    return text


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
