"""Limits and blocks that hold for all instances together: one round trip to Redis for each request.

It stands in the walk twice, as the book of the block stage and as the limiter of the rate limit stage: the first asks
for both, the second takes what this thread was told. What was learned about a request (who behaved, what was asked)
rides on a later call. While Redis is down, this instance's own book and window judge, which know what it saw itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import lru_cache

from service.blocks import Blocks
from service.fleet.naming import name
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
_RIDING = 1000  # lessons that wait for a call to ride on
_MEMO = 4096

Names = tuple[bytes, bytes, bytes]


class _Here(threading.local):
    """What a thread was told of the request that it walks with, and whether the limiter has yet to ask for it."""

    standing: Standing | None = None
    due = False


class SharedClients:
    """``window`` and ``blocks`` are this instance's own; ``threshold`` is the score at which a client is blocked, but
    for those who are ``exempt``."""

    local = False

    def __init__(
        self,
        store: Store,
        window: SlidingWindow,
        blocks: Blocks,
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
        self._limits = (b"%d" % rate.requests, b"%d" % (rate.seconds * 1000))
        self._enforce = b"1" if enforce else b"0"
        self._here = _Here()
        self._behaved: deque[bytes] = deque(maxlen=_RIDING)
        self._asked: deque[bytes] = deque(maxlen=_RIDING)
        self._lifted: deque[str] = deque(maxlen=_RIDING)
        self._names = lru_cache(_MEMO)(lambda client: _names(client, rate.seconds))

    def blocked_for(self, client: str) -> float:
        """Return for how many seconds more a client is refused; counts the request when it is not."""
        here = self._here
        standing = here.standing = self._enter(client)
        here.due = True
        return self._blocks.blocked_for(client) if standing is None else standing.blocked_seconds

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
            self._behaved.append(self._names(client)[1])

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

    def asked(self, brief: bytes) -> None:
        """Count a brief as asked, with the next call."""
        self._asked.append(brief)

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
        _, conduct, block = self._names(client)
        reply: int | None = self._store.run(LIFT, (conduct, block, BLOCKS), (client.encode(),))
        return reply

    def _enter(self, client: str) -> Standing | None:
        """Return how Redis judges a request, or None where this instance must."""
        if not self._store.ok:
            return None
        behaved, asked = _next(self._behaved), _next(self._asked)
        window, conduct, block = self._names(client)
        keys = (window, conduct, block, BLOCKS, POPULAR, behaved)
        lessons = (self._enforce, asked, b"1" if behaved else b"0")
        reply = self._store.run(ENTER, keys, (client.encode(), *self._limits, self._threshold_of(client), *lessons))
        if reply is None:
            return None
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
        _, conduct, block = self._names(client)
        arguments = (client.encode(), b"%g" % points, reason.encode(), self._threshold_of(client), wait)
        reply = self._store.run(CHARGE, (conduct, block, BLOCKS), arguments)
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

    def _threshold_of(self, client: str) -> bytes:
        return b"0" if self._exempt(client) else self._threshold

    def _adopt(self, client: str, fresh: tuple[float, int], reason: str) -> None:
        self._blocks.impose(BlockRow(client, fresh[0], fresh[1], reason))


def _names(client: str, seconds: int) -> Names:
    return name(f"window{seconds}", client), name("conduct", client), name("block", client)


def _next(riding: deque[bytes]) -> bytes:
    try:
        return riding.popleft()
    except IndexError:
        return b""
