"""The job that brings orders to their platforms and asks what became of them.

Before anything is sent it is written down that it will be; what became of it is written after. A service that dies in
between sends the same delivery again after its restart, under the same id: nothing is lost, and the platform can tell
a repetition. Runs on the scheduler's thread for other machines, in bounded batches.
"""

from __future__ import annotations

from collections.abc import Callable

from service.activation import settling
from service.activation.activation import Activation
from service.activation.adapter import Adapter, Delivery, NotYet, Outcome
from service.activation.machine import IllegalTransition
from service.activation.store import Store
from service.activation.targets import Targets
from service.durable import Unwritten

BATCH = 500
RUN_SECONDS = 20.0
LEASE_SECONDS = 60.0


class Errands:
    """``wall`` is Unix seconds, ``now`` monotonic ones; ``trouble`` is told of the first failure of a delivery."""

    def __init__(
        self,
        store: Store,
        targets: Targets,
        wall: Callable[[], float],
        now: Callable[[], float],
        random: Callable[[], float],
        trouble: Callable[[Activation, str], object],
    ) -> None:
        self._store = store
        self._targets = targets
        self._wall = wall
        self._now = now
        self._random = random
        self._trouble = trouble
        self._taken_up = False

    def run(self) -> None:
        """Do what is due; nothing while the file cannot be used, which is told elsewhere."""
        try:
            self._run()
        except Unwritten:
            return

    def _run(self) -> None:
        if not self._taken_up:
            # Whoever had begun something has ended with the process that this one follows: no lease is waited for.
            self._store.take_up(self._wall())
            self._taken_up = True
        end = self._now() + RUN_SECONDS
        silent: set[int] = set()
        for one in self._store.due(self._wall(), BATCH):
            way = self._targets.of(one)
            # Who did not answer is not asked again in this run: others would wait behind every time-out.
            if id(way) in silent:
                continue
            if self._now() >= end:
                return
            outcome = self._do(one, way)
            if way is not None and isinstance(outcome, NotYet) and (outcome.silent or not one.errand.sent):
                silent.add(id(way))

    def _do(self, found: Activation, way: Adapter | None) -> Outcome | None:
        claimed = self._claim(found)
        if claimed is None:
            return None
        outcome = _asked(claimed, way)
        if isinstance(outcome, NotYet) and outcome.reason and claimed.errand.attempts == 1:
            self._trouble(claimed, outcome.reason)
        self._settle(claimed, outcome, way.ask_every if way else None)
        return outcome

    def _claim(self, found: Activation) -> Activation | None:
        """Write down that an errand begins; None if another process has it, or its time is over."""
        with self._store.transaction():
            one = self._store.by_id(found.id)
            if one is None or one.errand != found.errand or one.pending is None:
                return None
            now = self._wall()
            if one.errand.patience is not None and now >= one.errand.patience:
                self._store.keep(settling.out_of_patience(one, "", now), one)
                return None
            claimed = settling.begun(one, now, LEASE_SECONDS)
            self._store.keep(claimed, one)
            return claimed

    def _settle(self, claimed: Activation, outcome: Outcome, ask_every: float | None) -> None:
        with self._store.transaction():
            one = self._store.by_id(claimed.id)
            # A callback may have been faster, or another order.
            if one is None or one.standing != claimed.standing:
                return
            now = self._wall()
            try:
                after = settling.after(one, outcome, now, ask_every, self._random())
            except IllegalTransition as error:
                after = settling.after(one, NotYet(f"the platform's word does not fit: {error}"), now, ask_every, 1.0)
            self._store.keep(after, one)


def _asked(claimed: Activation, way: Adapter | None) -> Outcome:
    if way is None:
        return NotYet("no adapter is configured for it any more")
    delivery = Delivery.of(claimed)
    return way.ask(delivery) if claimed.errand.sent else way.deliver(delivery)
