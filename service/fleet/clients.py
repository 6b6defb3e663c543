"""Limits and blocks that hold for all instances together: one call of a script in Redis for each request.

It stands in the walk twice, as the book of the block stage and as the limiter of the rate limit stage: the first asks
for both, unless that was done ahead (``inquiry``), the second takes what this thread was told. What was learned about a
request (who behaved, what was asked) rides on a later call. While Redis is down, this instance's own book and window
judge, which know what it saw itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from service.blocks import Blocks
from service.fleet.naming import name, text
from service.fleet.riding import Riding
from service.fleet.script import Call, packed
from service.fleet.scripts import load
from service.fleet.standing import Standing, charged, entered
from service.fleet.store import Store
from service.reading import Rate
from service.sliding_window import SlidingWindow, Verdict
from service.state import BlockRow

ENTER = load("common", "conduct", "window", "enter")
CHARGE = load("common", "conduct", "charge")
LIFT = load("common", "conduct", "lift")
BLOCKS = name("blocks")
POPULAR = name("popular", "")
LIFTED_KEPT = 1000
_MEMO = 4096
_NO_LESSONS = packed((b"", b"", b"0"))


class _Here(threading.local):
    """What a thread was told of the request that it walks with, whether the limiter has yet to ask for it, and whether
    that was ``foretold``."""

    standing: Standing | None = None
    due = False
    foretold = False


class SharedClients:
    """``window`` and ``blocks`` are this instance's own; ``threshold`` is the score at which a client is blocked, but
    for those who are ``exempt``."""

    def __init__(
        self,
        store: Store,
        window: SlidingWindow,
        blocks: Blocks,
        riding: Riding,
        rate: Rate,
        threshold: int,
        *,
        enforce: bool,
        exempt: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._window = window
        self._blocks = blocks
        self._exempt = exempt
        self._threshold = b"%d" % threshold
        self._rate = rate
        self._enforce = b"1" if enforce else b"0"
        self._here = _Here()
        self._riding = riding
        self._lifted: deque[str] = deque(maxlen=LIFTED_KEPT)
        self._entering = lru_cache(_MEMO)(self._prepared)

    def blocked_for(self, client: str) -> float:
        """Return for how many seconds more a client is refused; counts the request when it is not."""
        here = self._here
        if here.foretold:
            here.foretold = False
            standing = here.standing
        else:
            standing = here.standing = self._enter(client)
        here.due = True
        return self._blocks.blocked_for(client) if standing is None else standing.blocked_seconds

    def expect(self, standing: Standing | None) -> None:
        """Take what was found by ``question`` and ``understood`` for the request that this thread asks about next."""
        here = self._here
        here.standing, here.foretold = standing, True

    def hit(self, client: str) -> Verdict:
        """Return what the window says of the request that ``blocked_for`` was just asked about."""
        here = self._here
        if not here.due:
            self.blocked_for(client)  # one more of the same request
        here.due = False
        standing = here.standing
        if standing is None:
            return self._window.hit(client)
        if standing.verdict.admitted:
            self._window.hit(client)  # so that this instance knows its own share when it is left alone
        return standing.verdict

    def accepted(self, client: str) -> None:
        """Take a little off the score of a client that behaved."""
        standing = self._here.standing
        if standing is None:
            self._blocks.accepted(client)
        elif standing.on_record:
            self._riding.behaved(name("conduct", client))

    def told_to_wait(self, client: str, seconds: float) -> None:
        """Note a Retry-After; the window's own are noted by the script that refuses."""
        standing = self._here.standing
        if standing is not None and not standing.verdict.admitted:
            return
        if standing is None or not self._charge(client, 1.0, "too many requests", b"%d" % round(seconds * 1000)):
            self._blocks.told_to_wait(client, seconds)

    def charge(self, client: str, points: float, reason: str) -> None:
        """Add points for an offence, and block the client when its score has come to the threshold."""
        if not self._charge(client, points, reason, b""):
            self._blocks.charge(client, points, reason)

    def lift(self, client: str) -> bool:
        """Lift a block for all instances; return whether there was one. While Redis is down it is told later."""
        here = self._blocks.lift(client)
        reply = self._lift(client)
        if reply is None:
            self._lifted.append(client)
        return here or reply == 1

    def lift_the_rest(self) -> None:
        """Tell Redis what was lifted while it was down."""
        for _ in range(len(self._lifted)):
            client = self._lifted.popleft()
            if self._lift(client) is None:
                self._lifted.append(client)
                return

    def _lift(self, client: str) -> int | None:
        reply: int | None = self._store.run(LIFT, _book(client), (text(client),))
        return reply

    def _enter(self, client: str) -> Standing | None:
        """Return how Redis judges a request, or None where this instance must."""
        if not self._store.ok:
            return None
        reply = self._store.make(*self.question(client))
        return None if reply is None else self.understood(client, reply)

    def question(self, client: str) -> tuple[Call, bytes]:
        """Return the call that asks about a request of a client, and what rides on it."""
        behaved, (asked, times) = self._riding.next_behaved(), self._riding.next_asked()
        lessons = packed((behaved, asked, b"%d" % times)) if behaved or asked else _NO_LESSONS
        return self._entering(client), lessons

    def understood(self, client: str, reply: Any) -> Standing | None:
        """Return what a reply to that says; None for what makes no sense. A block that it brings is noted here."""
        standing = entered(reply)
        if standing is None:
            self._store.pass_over()
            return None
        self._store.pass_over(standing.garbage)
        if standing.fresh:
            self._adopt(client, standing.fresh, "too many requests")
        return standing

    def _charge(self, client: str, points: float, reason: str, wait: bytes) -> bool:
        """Charge in Redis; return whether it did."""
        arguments = (text(client), b"%g" % points, reason.encode(), self._threshold_of(client), wait)
        reply = self._store.run(CHARGE, _book(client), arguments)
        if reply is None:
            return False
        outcome = charged(reply)
        if outcome is None:
            self._store.pass_over()
            return False
        fresh, garbage = outcome
        self._store.pass_over(garbage)
        if fresh:
            self._adopt(client, fresh, reason)
        return True

    def _prepared(self, client: str) -> Call:
        """Return the call that lets a client in, but for what rides on it."""
        rate = self._rate
        keys = (name(f"window{rate.seconds}", client), *_book(client), POPULAR)
        limits = (b"%d" % rate.requests, b"%d" % (rate.seconds * 1000), self._threshold_of(client), self._enforce)
        return ENTER.call(keys, (text(client), *limits), later=3)

    def _threshold_of(self, client: str) -> bytes:
        return b"0" if self._exempt(client) else self._threshold

    def _adopt(self, client: str, fresh: tuple[float, int], reason: str) -> None:
        self._blocks.impose(BlockRow(client, fresh[0], fresh[1], reason))


def _book(client: str) -> tuple[bytes, bytes, bytes]:
    return name("conduct", client), name("block", client), BLOCKS
