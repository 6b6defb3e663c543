"""What platforms tell of their own accord: ``POST /api/activations/{id}/callback``, authenticated by its signature.

The secret is that of the adapter which the activation went through, so that no platform speaks for another. A callback
that comes again changes nothing, since only the first word on the last delivery counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from service.activation import settling, words
from service.activation.activation import Activation
from service.activation.adapter import Confirmed
from service.activation.machine import IllegalTransition
from service.activation.signing import is_genuine
from service.activation.store import Store
from service.activation.targets import Targets
from service.durable import Unwritten
from service.errors import BadSignature, InvalidInput, Unavailable

_NOBODYS = b"checked all the same, so that an unknown activation takes as long as a known one"


class Told(NamedTuple):
    """The activation as it is now, and whether the callback changed it."""

    activation: Activation
    changed: bool


class Callbacks:
    """``wall`` is Unix seconds."""

    def __init__(self, store: Store, targets: Targets, wall: Callable[[], float]) -> None:
        self._store = store
        self._targets = targets
        self._wall = wall

    def tell(self, activation_id: str, timestamp: str, signature: str, body: bytes) -> Told:
        """Take a platform's word. Raises ``BadSignature``, ``InvalidInput`` and ``Unavailable``."""
        try:
            with self._store.transaction():
                one = self._store.by_id(activation_id)
                way = self._targets.of(one) if one else None
                secret = way.secret if way else None
                genuine = is_genuine(secret or _NOBODYS, timestamp, signature, body, self._wall())
                if one is None or secret is None or not genuine:
                    raise BadSignature("The signature does not fit, or is older or newer than five minutes.")
                return self._told(one, body)
        except Unwritten:
            raise Unavailable("Activations cannot be written at this moment.", retry_after=5) from None

    def _told(self, one: Activation, body: bytes) -> Told:
        delivery, word = words.read(body)
        if not isinstance(word, Confirmed):
            return Told(one, False)
        try:
            after = settling.confirmed(one, delivery, word, self._wall())
        except IllegalTransition as error:
            raise InvalidInput(f"This does not fit what was ordered: {error}.", field="state") from None
        if after is one:
            return Told(one, False)
        self._store.keep(after, one)
        return Told(after, True)
