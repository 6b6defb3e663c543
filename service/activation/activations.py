"""Takes orders: looks the signal up for who asks, chooses the way to each destination and writes down what shall be.

Nothing outside of this process is touched here; what must be sent is due when the order is written, and ``errands``
sends it. The one core of REST's ``activate`` and of AdCP's ``activate_signal``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from service.activation import machine, settling
from service.activation.activation import Activation, Errand
from service.activation.adapter import Adapter, Delivery
from service.activation.machine import Standing, UnderWay
from service.activation.orders import Destination, Order
from service.activation.prices import check_price
from service.activation.store import Store
from service.activation.targets import Targets
from service.durable import Unwritten
from service.errors import (
    Conflict,
    NotActivated,
    ReferenceNotFound,
    Unavailable,
    UnsupportedDestination,
)
from service.messages import Principal, Signal

MOST_OF_A_PRINCIPAL = 10_000
LOST_SECONDS = 24 * 3600.0


class Found(NamedTuple):
    """A signal as its viewer may see it; ``sample`` says that it is invented."""

    signal: Signal
    sample: bool


Find = Callable[[str, Principal], Found | None]
"""Takes the id of a signal, and who looks."""


class Activations:
    """``wall`` is Unix seconds; ``wake`` is called when something is due."""

    def __init__(
        self,
        store: Store,
        targets: Targets,
        find: Find,
        wall: Callable[[], float],
        wake: Callable[[], object],
    ) -> None:
        self._store = store
        self._targets = targets
        self._find = find
        self._wall = wall
        self._wake = wake

    def order(self, order: Order) -> tuple[Activation, ...]:
        """Write an order down, for all of its destinations or none, and return what there is now of each.

        Raises ``ReferenceNotFound`` (no such signal for this caller), ``InvalidPricingOption``,
        ``UnsupportedDestination``, ``Conflict`` (the opposite is under way, or there are too many) and ``Unavailable``.
        """
        try:
            with self._store.transaction():
                found = self._find(order.signal, order.principal)
                if order.action == "activate":
                    return self._activate(order, found)
                return self._deactivate(order, found)
        except Unwritten:
            raise Unavailable("Activations cannot be written at this moment.", retry_after=5) from None

    def _activate(self, order: Order, found: Found | None) -> tuple[Activation, ...]:
        if found is None:
            raise no_such_signal()
        check_price(order, found.signal)
        ways = [self._way(order, found, place) for place in range(len(order.destinations))]
        befores = [self._of(order, destination) for destination in order.destinations]
        new = sum(before is None for before in befores)
        if new and self._store.count(order.principal.id) + new > MOST_OF_A_PRINCIPAL:
            raise Conflict(f"You have {MOST_OF_A_PRINCIPAL} activations, and cannot have more.")
        rows = zip(order.destinations, befores, ways, strict=True)
        return tuple(
            self._ordered(order, destination, self._out_of_the_sandbox(order, before, way), way)
            for destination, before, way in rows
        )

    def _out_of_the_sandbox(self, order: Order, before: Activation | None, way: Adapter) -> Activation | None:
        """End what was only simulated, where the way leads to a platform by now: it is not live there."""
        if before is None or way.instant or not before.sandbox or before.state != "live":
            return before
        ending = order._replace(action="deactivate")
        return self._ordered(ending, before.destination, before, self._targets.of(before))

    def _deactivate(self, order: Order, found: Found | None) -> tuple[Activation, ...]:
        """Undo what the principal did; that needs no signal, which may have left the catalogue meanwhile."""
        befores = [self._of(order, destination) for destination in order.destinations]
        if found is None and not any(befores):
            raise no_such_signal()
        for place, before in enumerate(befores):
            if before is None:
                raise NotActivated("You have not activated this signal there.", field=f"destinations[{place}]")
        return tuple(
            self._ordered(order, before.destination, before, self._targets.of(before)) for before in befores if before
        )

    def _way(self, order: Order, found: Found, place: int) -> Adapter:
        destination, field = order.destinations[place], f"destinations[{place}]"
        way = self._targets.adapter(destination, order.account, found.sample)
        if way is None:
            raise UnsupportedDestination(
                "This service has no way to activate anything there; its operator has configured none.", field=field
            )
        offered = {(one.type, one.platform) for one in found.signal.deployments if one.type == "platform"}
        if not way.instant and destination.type == "platform" and offered and destination[:2] not in offered:
            raise UnsupportedDestination("This signal is not offered on that platform.", field=field)
        return way

    def _ordered(
        self, order: Order, destination: Destination, before: Activation | None, way: Adapter | None
    ) -> Activation:
        now, delivery = self._wall(), f"dlv_{secrets.token_hex(16)}"
        try:
            standing = machine.ordered(before.standing if before else None, order.action, delivery)
        except UnderWay as error:
            raise Conflict(f"It cannot be done now: {error}.", retry_after=60) from None
        if before is not None and standing == before.standing:
            return before
        after = self._written(order, destination, before, way, standing, now)
        self._store.keep(after, before)
        if way is not None and way.instant and after.pending:
            after = self._at_once(after, way, now)
        if after.errand.due is not None:
            self._store.afterwards(self._wake)
        return after

    def _written(
        self,
        order: Order,
        destination: Destination,
        before: Activation | None,
        way: Adapter | None,
        standing: Standing,
        now: float,
    ) -> Activation:
        errand = Errand(due=now, patience=now + (way.patience if way else LOST_SECONDS))
        if before is None or order.action == "activate":
            assert way is not None
            return Activation(
                id=before.id if before else f"act_{secrets.token_hex(12)}",
                principal=order.principal.id,
                account=order.account,
                signal=order.signal,
                destination=destination,
                standing=standing,
                adapter=way.name,
                sandbox=way.name == "sandbox",
                pricing_option_id=order.pricing_option_id,
                activation_key=None,
                reason="",
                requested_at=now,
                changed_at=now,
                deployed_at=None,
                estimated_minutes=way.minutes,
                errand=errand,
            )
        changed = now if standing.state != before.state else before.changed_at
        errand = errand if standing.pending else Errand()
        return replace(before, standing=standing, reason="", changed_at=changed, errand=errand)

    def _at_once(self, activation: Activation, way: Adapter, now: float) -> Activation:
        sent = settling.begun(activation, now, 0.0)
        self._store.keep(sent, activation)
        done = settling.after(sent, way.deliver(Delivery.of(sent)), now, None, 0.0)
        self._store.keep(done, sent)
        return done

    def _of(self, order: Order, destination: Destination) -> Activation | None:
        return self._store.of(order.principal.id, order.account, order.signal, destination)


def no_such_signal() -> ReferenceNotFound:
    """Return the refusal that is the same whether there is no such signal or it is somebody else's."""
    return ReferenceNotFound("There is no signal with this id.", field="signal_agent_segment_id")
