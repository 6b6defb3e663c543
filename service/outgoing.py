"""One HTTP request from the service to somebody else, bounded as a whole: for the webhook and the ping.

It promises an end within ``seconds``, name look-up and dribbled bytes included, and never an exception: what became of
it is a short text that never holds the URL, whose path or user part is often a secret. Imported late: httpx takes long.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: ``ok``, ``status N``, ``timeout``, ``invalid url`` or the kind of failure.

    ``retry_after`` is what the other side asked for, in seconds, if it did so with a number.
    """

    text: str
    retry_after: float | None = None

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
    headers: dict[str, str] | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Outcome:
    """Make one request. Redirects are not followed, no answer's body is read, no proxy of the environment is used.

    ``transport`` is closed.
    """
    try:
        # Through the transport, not a client: clients log every URL.
        request = httpx.Request(method, url, json=json, headers=headers)
        if request.url.scheme not in ("http", "https") or not request.url.host:
            return Outcome("invalid url")
        if request.url.userinfo:
            request = next(httpx.BasicAuth(request.url.username, request.url.password).auth_flow(request))
    except (httpx.InvalidURL, ValueError, TypeError):
        return Outcome("invalid url")
    request.extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}
    outcomes = [Outcome("timeout")]
    # httpx bounds each wait of an exchange but not their sum, nor the look-up of the name: the join bounds all.
    sender = threading.Thread(
        target=_exchange, args=(transport or httpx.HTTPTransport(), request, outcomes), name="outgoing", daemon=True
    )
    sender.start()
    sender.join(seconds)
    return outcomes[-1]


def _exchange(transport: httpx.BaseTransport, request: httpx.Request, outcomes: list[Outcome]) -> None:
    with transport:
        try:
            response = transport.handle_request(request)
            response.close()
        except httpx.TimeoutException:
            return
        except (httpx.HTTPError, OSError, ValueError) as error:
            outcomes.append(Outcome(type(error).__name__))
            return
    text = "ok" if response.is_success else f"status {response.status_code}"
    outcomes.append(Outcome(text, _seconds(response.headers.get("Retry-After", ""))))


def _seconds(text: str) -> float | None:
    return float(text[:9]) if text.isascii() and text.isdigit() else None
