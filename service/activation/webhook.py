"""The webhook adapter: a signed POST for each order, confirmed by a callback or by asking a status address.

Its addresses come from the operator's configuration alone; nothing that a caller sends is ever fetched. Redirects are
not followed, answers are bounded in time and size, and whatever passes is tried again under the same delivery id.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from service import VERSION
from service.activation import words
from service.activation.adapter import Declined, Delivery, NotYet, Taken
from service.activation.adapter import Outcome as Became
from service.activation.signing import signed
from service.errors import InvalidInput

if TYPE_CHECKING:
    from service.outgoing import Outcome

DELIVERY = "X-Delivery-ID"
PLACE = "{delivery_id}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Fits ``Adapter``. ``status_url`` holds ``{delivery_id}``; ``callback`` is where this service is found."""

    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    wall: Callable[[], float]
    callback: str = ""
    status_url: str | None = field(default=None, repr=False)
    ask_every: float | None = None
    minutes: int | None = None
    patience: float = 24 * 3600.0
    timeout: float = 10.0
    name: Literal["webhook"] = "webhook"
    instant: bool = False

    def deliver(self, delivery: Delivery) -> Became:
        callback = f"{self.callback}/api/activations/{delivery.activation.id}/callback"
        document = delivery.document() | ({} if self.status_url else {"callback": callback})
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        outcome = self._send("POST", self.url, delivery.id, body)
        if outcome.ok:
            return Taken()
        if outcome.passing:
            return _not_yet("webhook", outcome)
        return Declined(f"the platform's webhook refused it: {outcome.text}")

    def ask(self, delivery: Delivery) -> Became:
        if self.status_url is None:
            return NotYet()
        outcome = self._send("GET", self.status_url.replace(PLACE, delivery.id), delivery.id, b"")
        if not outcome.ok:
            return _not_yet("status", outcome)
        return said_of(delivery, outcome.body, "the platform's status")

    def _send(self, method: str, url: str, delivery_id: str, body: bytes) -> Outcome:
        from service.outgoing import send  # httpx takes a tenth of the service's start, and few set a webhook

        headers = {"User-Agent": f"signals-agent/{VERSION}", DELIVERY: delivery_id, "Accept-Encoding": "identity"}
        headers |= signed(self.secret, self.wall(), body)
        if body:
            headers["Content-Type"] = "application/json"
        most = 0 if body else words.BODY_BYTES
        return send(method, url, seconds=self.timeout, content=body or None, headers=headers, read_bytes=most)


def _not_yet(what: str, outcome: Outcome) -> NotYet:
    answered = outcome.text.startswith("status ")
    return NotYet(f"the platform's {what}: {outcome.text}", outcome.retry_after, silent=not answered)


def said_of(delivery: Delivery, body: bytes | None, who: str) -> Became:
    """Return what a body says of this delivery; what cannot be understood may be better at the next look."""
    if body is None:
        return NotYet(f"{who} is longer than {words.BODY_BYTES} bytes, or too slow")
    try:
        about, word = words.read(body)
    except InvalidInput as error:
        return NotYet(f"{who} cannot be read: {error.detail}")
    return word if about == delivery.id else NotYet(f"{who} is about another delivery")
