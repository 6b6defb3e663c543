"""The sandbox: confirms at once what it is told, and tells nobody. For sample data, sandbox accounts and trials.

Every activation that went this way is marked ``sandbox: true`` in every answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.activation.adapter import Confirmed, Delivery, NotYet, Outcome


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Fits ``Adapter``."""

    name: Literal["sandbox"] = "sandbox"
    instant: bool = True
    minutes: int | None = None
    patience: float = 0.0
    ask_every: float | None = None
    secret: bytes | None = None

    def deliver(self, delivery: Delivery) -> Outcome:
        if delivery.action == "deactivate":
            return Confirmed("deactivated")
        signal = delivery.activation.signal
        if delivery.activation.destination.type == "agent":
            return Confirmed("live", {"type": "key_value", "key": "sandbox_segment", "value": signal})
        return Confirmed("live", {"type": "segment_id", "segment_id": f"sandbox_{signal}"})

    def ask(self, delivery: Delivery) -> Outcome:
        return NotYet()
