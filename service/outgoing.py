"""One HTTP request from the service to somebody else, bounded as a whole: for webhooks, polls and the ping.

It promises an end within ``seconds``, name look-up and dribbled bytes included, and never an exception: what became of
it is a short text that never holds the URL, whose path or user part is often a secret. Imported late: httpx takes long.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: ``ok``, ``status N``, ``timeout``, ``invalid url`` or the kind of failure.

    ``retry_after`` is what the other side asked for, in seconds, if it did so with a number. ``body`` is there when it
    was asked for and came whole.
    """

    text: str
    retry_after: float | None = None
    body: bytes | None = None

    @property
    def ok(self) -> bool:
        return self.text == "ok"

    @property
    def passing(self) -> bool:
        """Whether the same request may go well later: what the other side refuses (3xx, 4xx) it will refuse again."""
        status = self.text.removeprefix("status ")
        lasting = self.text == "invalid url" or (status[0] in "34" and status not in ("408", "425", "429"))
        return not self.ok and not lasting


def send(
    method: str,
    url: str,
    *,
    seconds: float,
    json: Any = None,
    content: bytes | None = None,
    read_bytes: int = 0,
    headers: dict[str, str] | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Outcome:
    """Make one request. Redirects are not followed, and no proxy of the environment is used.

    An answer's body is read only if it is good and has at most ``read_bytes``. ``transport`` is closed.
    """
    try:
        # Through the transport, not a client: clients log every URL.
        request = httpx.Request(method, url, json=json, content=content, headers=headers)
        if request.url.scheme not in ("http", "https") or not request.url.host:
            return Outcome("invalid url")
        if request.url.userinfo:
            request = next(httpx.BasicAuth(request.url.username, request.url.password).auth_flow(request))
    except (httpx.InvalidURL, ValueError, TypeError):
        return Outcome("invalid url")
    request.extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}
    outcomes = [Outcome("timeout")]
    # httpx bounds each wait of an exchange but not their sum, nor the look-up of the name: the join bounds all.
    exchange = (transport or httpx.HTTPTransport(), request, outcomes, read_bytes, time.monotonic() + seconds)
    sender = threading.Thread(target=_exchange, args=exchange, name="outgoing", daemon=True)
    sender.start()
    sender.join(seconds)
    return outcomes[-1]


def _exchange(
    transport: httpx.BaseTransport, request: httpx.Request, outcomes: list[Outcome], read_bytes: int, deadline: float
) -> None:
    with transport:
        try:
            response = transport.handle_request(request)
            try:
                body = _body(response, read_bytes, deadline) if read_bytes and response.is_success else None
            finally:
                response.close()
        except httpx.TimeoutException:
            return
        except (httpx.HTTPError, OSError, ValueError) as error:
            outcomes.append(Outcome(type(error).__name__))
            return
    text = "ok" if response.is_success else f"status {response.status_code}"
    outcomes.append(Outcome(text, _seconds(response.headers.get("Retry-After", "")), body))


def _body(response: httpx.Response, most: int, deadline: float) -> bytes | None:
    """Return an answer's body; None if it is longer, or comes too slowly. It is read as it is sent: no decompression
    can make it larger."""
    body = b""
    for part in response.iter_raw():
        body += part
        if len(body) > most or time.monotonic() > deadline:
            return None
    return body


def _seconds(text: str) -> float | None:
    return float(text[:9]) if text.isascii() and text.isdigit() else None
