"""What an adapter is: the way to one platform, chosen by the operator's configuration alone.

``deliver`` hands an order over, ``ask`` looks for a confirmation. Both may be repeated under the same delivery id, and
neither raises for the platform's sake: what became of it is an ``Outcome``. Only ``Confirmed`` makes anything live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from service.activation.activation import Activation
from service.activation.machine import Word
from service.activation.orders import Action
from service.messages import ActivationAdapter


class Delivery(NamedTuple):
    """One order on its way; ``id`` stays the same however often it is sent."""

    id: str
    action: Action
    activation: Activation

    @classmethod
    def of(cls, activation: Activation) -> Delivery:
        """Return the delivery of the last order."""
        return cls(activation.standing.delivery, activation.standing.action, activation)

    def document(self) -> dict[str, Any]:
        """Return what the platform is told."""
        one = self.activation
        document: dict[str, Any] = {
            "delivery_id": self.id,
            "activation_id": one.id,
            "action": self.action,
            "signal_agent_segment_id": one.signal,
            "destination": one.destination.document(),
            "principal": one.principal,
        }
        if one.account is not None:
            document["account"] = one.account.document()
        if one.pricing_option_id is not None:
            document["pricing_option_id"] = one.pricing_option_id
        return document


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The platform's word, with the key by which the segment is bought there."""

    word: Word
    activation_key: Mapping[str, str] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The platform has it; its word is still to come."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """It did not go well, or nothing is known yet; it may later. ``retry_after`` is what the other side asked for;
    ``silent`` that it did not answer at all, which took time."""

    reason: str = ""
    retry_after: float | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """It did not go well and never will."""

    reason: str


Outcome = Confirmed | Taken | NotYet | Declined


class Adapter(Protocol):
    """``instant`` ones touch nothing outside of this process and always confirm: they are called inside the order.

    ``minutes`` is the estimate that callers are told; ``patience`` the seconds until an order that nobody confirmed has
    failed; ``ask_every`` the seconds between questions, None where the platform calls back. ``secret`` signs callbacks.
    """

    @property
    def name(self) -> ActivationAdapter: ...
    @property
    def instant(self) -> bool: ...
    @property
    def minutes(self) -> int | None: ...
    @property
    def patience(self) -> float: ...
    @property
    def ask_every(self) -> float | None: ...
    @property
    def secret(self) -> bytes | None: ...

    def deliver(self, delivery: Delivery) -> Outcome: ...
    def ask(self, delivery: Delivery) -> Outcome: ...
