"""One question to the AI as all instances see it: who asks it now, and what came of it. Four small conversations.

A question has two keys: its *order*, kept as long as the AI's orders are fresh, and its *lead*, the lease of the
instance that asks just now. Each conversation is one script and one round trip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.fleet.naming import name
from service.fleet.script import Script
from service.fleet.store import Store
from service.messages import Brief, Signal

LEAD_SECONDS = 4.0
"""What a leader that died holds up the others for, at most: it renews its lead long before."""

_LOOK = Script("""
if ARGV[4] == '1' then redis.call('DEL', KEYS[1]) end
local kept = redis.call('GET', KEYS[1])
if kept then
  local left = redis.call('PTTL', KEYS[1])
  if left >= tonumber(ARGV[3]) or left < 0 then return {kept, left} end
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
""")
_HOLD = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
""")
_TELL = Script("""
if ARGV[2] ~= '' then
  if ARGV[4] == '1' then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3], 'NX') end
end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
""")


class Kept(NamedTuple):
    """An entry that somebody wrote, and for how many seconds more it is fresh: none if it is no entry of ours."""

    entry: bytes
    left: float


@dataclass(frozen=True, slots=True)
class Keys:
    """The order and the lead of a question."""

    order: bytes
    lead: bytes


def keys_of(ranked_by: str, brief: Brief, candidates: Sequence[Signal]) -> Keys:
    """Return the keys of a question: of its words, filters and viewer, and of all that stands in its candidates.

    So an order is found again wherever the same would be asked, and never for another catalogue, ranker or model.
    """
    text = repr((ranked_by, brief, candidates)).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(text, digest_size=16).hexdigest()
    return Keys(name("order", digest), name("lead", digest))


class Desk:
    """Where instances meet over questions; ``token`` is this one's."""

    def __init__(self, store: Store, token: bytes) -> None:
        self.store = store
        self._token = token

    def look(self, keys: Keys, least_seconds: float, *, forget: bool = False) -> Kept | bool | None:
        """Return what is kept for so long at least, else whether this instance leads now; None without Redis.

        ``forget`` first throws away what is kept.
        """
        arguments = (self._token, _milliseconds(LEAD_SECONDS), _milliseconds(least_seconds), b"%d" % forget)
        reply = self.store.run(_LOOK, (keys.order, keys.lead), arguments)
        if isinstance(reply, list):
            return Kept(bytes(reply[0]), int(reply[1]) / 1000)
        return None if reply is None else bool(reply)

    def hold(self, keys: Keys) -> None:
        """Keep the lead for longer."""
        self.store.run(_HOLD, (keys.lead,), (self._token, _milliseconds(LEAD_SECONDS)))

    def tell(self, keys: Keys, entry: bytes, seconds: float, *, instead: bool) -> None:
        """Give the lead back and keep an entry, unless it is empty, for so long; ``instead`` of another one or not."""
        arguments = (self._token, entry, _milliseconds(seconds), b"%d" % instead)
        self.store.run(_TELL, (keys.order, keys.lead), arguments)


def _milliseconds(seconds: float) -> bytes:
    return b"%d" % max(1, round(seconds * 1000))
