"""What has become of a signal at one destination.

An activation belongs to a principal, one of its accounts, a signal and a destination: there is one for each of these
four together, whatever has been ordered of it how often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from service.activation.machine import Standing
from service.activation.orders import Account, Action, Destination, State
from service.messages import ActivationAdapter


class Errand(NamedTuple):
    """How the last order is getting to the platform: whether it took it, how often it was tried, when it is tried (or
    asked after) next, and until when. Unix seconds, None when nothing is left to do."""

    sent: bool = False
    attempts: int = 0
    due: float | None = None
    patience: float | None = None


@dataclass(frozen=True, slots=True)
class Activation:
    """Times are Unix seconds. ``activation_key`` is there while it is live and the platform told one; ``sandbox`` says
    that all of it is simulated; ``reason`` is why it failed, or what the platform said."""

    id: str
    principal: str
    account: Account | None
    signal: str
    destination: Destination
    standing: Standing
    adapter: ActivationAdapter
    sandbox: bool
    pricing_option_id: str | None
    activation_key: Mapping[str, str] | None
    reason: str
    requested_at: float
    changed_at: float
    deployed_at: float | None
    estimated_minutes: int | None
    errand: Errand = Errand()

    @property
    def state(self) -> State:
        return self.standing.state

    @property
    def pending(self) -> Action | None:
        """The order that is under way."""
        return self.standing.pending


class Change(NamedTuple):
    """One step of an activation's history."""

    at: float
    state: State
    reason: str
