"""Fourth stage: a blocked client gets 403 until its time is over; everyone else's conduct is noted on the way back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from service.blocks import ATTACK
from service.errors import Blocked, RateLimited, Refused, SuspiciousInput
from service.messages import Request, Response
from service.pipeline import Stage


class Book(Protocol):
    """Whoever keeps the book of abuse: this process (``blocks.Blocks``), or a store shared by many."""

    def blocked_for(self, client: str) -> float: ...
    def accepted(self, client: str) -> None: ...
    def told_to_wait(self, client: str, seconds: float) -> None: ...
    def charge(self, client: str, points: float, reason: str) -> None: ...


def block(blocks: Book) -> Stage[Request, Response]:
    """Return the stage over a book of abuse."""

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        client = request.client
        left = blocks.blocked_for(client)
        if left > 0:
            wait = math.ceil(left)
            raise Blocked(f"This client is blocked for abuse for {wait} s more.", retry_after=wait)
        try:
            response = proceed(request)
        except Refused as refusal:
            note(blocks, client, refusal)
            raise
        if response.status < 400:
            blocks.accepted(client)
        return response

    return stage


def note(blocks: Book, client: str, refusal: Refused) -> None:
    """Charge a client for what made the service refuse it, where that counts as abuse."""
    if isinstance(refusal, RateLimited):
        blocks.told_to_wait(client, refusal.retry_after or 0)
    elif isinstance(refusal, SuspiciousInput):
        blocks.charge(client, ATTACK, f"suspicious input ({refusal.attack})")
