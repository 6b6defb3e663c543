"""An order placed under its idempotency key: what REST and AdCP do alike, and answer with the same stored document."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from service.activation import describe
from service.activation.activations import Activations
from service.activation.orders import Order
from service.activation.replay import Replay, Scope
from service.activation.store import account_key


class Placed(NamedTuple):
    """``document`` has AdCP's ``deployments`` and ``sandbox``, and REST's ``activations``."""

    document: dict[str, Any]
    replayed: bool


class Till:
    """Takes each order once. ``key`` and ``payload_hash`` tell a repetition from another order."""

    def __init__(self, activations: Activations, replay: Replay) -> None:
        self._activations = activations
        self._replay = replay

    def place(self, order: Order, key: str, payload_hash: bytes) -> Placed:
        """Return what the order led to, now or when it was placed first. Raises ``Refused``."""

        def do() -> bytes:
            done = self._activations.order(order)
            document = describe.answer(done) | {"activations": [describe.summary(one) for one in done]}
            return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

        scope = Scope(order.principal.id, account_key(order.account))
        body, replayed = self._replay.once(scope, key, payload_hash, do)
        return Placed(json.loads(body), replayed)
