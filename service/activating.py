"""Activation put together: orders, their delivery, their confirmation, and the handlers of REST."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from service import web
from service.activation.activation import Activation
from service.activation.activations import Activations, Found
from service.activation.callbacks import Callbacks
from service.activation.deployed import Deployed
from service.activation.errands import Errands
from service.activation.orders import STATES
from service.activation.paging import Cursors
from service.activation.placing import Till
from service.activation.replay import Replay
from service.activation.rest import Rest
from service.activation.store import Store
from service.activation.targets import Targets
from service.blocks import WRONG_TOKEN
from service.catalogue.shelf import Shelf
from service.durable import Unwritten
from service.messages import Principal, Request
from service.monitoring.sources import ActivationsState, FailedActivation
from service.observation import Observation
from service.reading import BadSetting
from service.settings import Settings
from service.stages.block import Book
from service.state import State

FAILURES_SHOWN = 10
KEPT_SECONDS = 90 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Activating:
    """``till`` takes orders; ``errands`` is the job that brings them; ``deployed`` knows what is live; ``handlers`` are
    those of the routes."""

    till: Till
    activations: Activations
    replay: Replay
    store: Store
    errands: Errands
    deployed: Deployed
    handlers: dict[str, web.Handler]
    wall: Callable[[], float]

    def state(self) -> ActivationsState | None:
        """Return what monitoring shows; None while the file cannot be read."""
        try:
            with self.store.transaction():
                counts, under_way = self.store.counts()
                failures = self.store.failures(FAILURES_SHOWN)
        except Unwritten:
            return None
        states: dict[str, int] = {state: counts.get(state, 0) for state in STATES}
        return ActivationsState(states, under_way, [_failed(one) for one in failures])

    def clean(self) -> int:
        """Forget activations that ended long ago; return how many went."""
        try:
            return self.store.forget_ended_before(self.wall() - KEPT_SECONDS)
        except Unwritten:
            return 0


def activating(
    settings: Settings,
    targets: Targets,
    watching: Observation,
    state: State,
    shelf: Shelf,
    book: Book,
    draining: Callable[[Request], bool],
    wake: Callable[[], object],
) -> Activating:
    """Make the parts of activation; ``wake`` has the errands run soon."""

    def find(signal_id: str, principal: Principal) -> Found | None:
        with shelf.borrow() as snapshot:
            signal = snapshot.seen_by(snapshot.viewer(principal.name)).signal(signal_id)
            return None if signal is None else Found(signal, snapshot.sample)

    def changed(one: Activation) -> None:
        deployed.changed()
        watching.tally.activation(one.adapter, one.state)
        told = {"activation": one.id, "state": one.state, "signal": one.signal, "destination": place_of(one)}
        level = "warning" if one.state == "failed" else "info"
        watching.journal.event(
            level, "activation", **told, adapter=one.adapter, principal=one.principal, reason=one.reason
        )

    def trouble(one: Activation, reason: str) -> None:
        watching.journal.event(
            "warning", "activation_delayed", activation=one.id, destination=place_of(one), reason=reason
        )

    store = Store(state, changed)
    deployed = Deployed(store.live)
    activations = Activations(store, targets, find, watching.wall, wake)
    replay = Replay(state, watching.wall, watching.now)
    till = Till(activations, replay)
    callbacks = Callbacks(store, targets, watching.wall)
    errands = Errands(store, targets, watching.wall, watching.now, random.random, trouble)
    rest = Rest(
        till,
        store,
        callbacks,
        Cursors(state.secret("activations")),
        draining,
        lambda client: book.charge(client, WRONG_TOKEN, "callback with a wrong signature"),
    )
    handlers: dict[str, web.Handler] = {
        "activate": rest.activate,
        "activations": rest.page,
        "activation": rest.one,
        "callback": rest.callback,
    }
    return Activating(till, activations, replay, store, errands, deployed, handlers, watching.wall)


def targets_in_force(settings: Settings, wall: Callable[[], float]) -> Targets:
    """Return the adapters that the operator configured. Raises ``BadSetting``."""
    path = settings.activation_config
    if path is None:
        return Targets()
    from service.activation.configuration import Surroundings, load  # few configure any

    try:
        return load(path, Surroundings(wall, settings.activation_secret, settings.base_url or ""))
    except ValueError as error:
        raise BadSetting("ACTIVATION_CONFIG", str(path), f"a file of adapters ({error})") from None


def place_of(one: Activation) -> str:
    """Return where an activation is, in a word."""
    return one.destination.platform or one.destination.agent_url


def _failed(one: Activation) -> FailedActivation:
    return FailedActivation(one.id, one.signal, place_of(one), one.adapter, one.reason, one.changed_at)
