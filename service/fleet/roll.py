"""Who is there: each instance calls in every two seconds with its figures and its catalogue, or is gone after ten.

One script and one round trip for all of it: it also says what the others serve, which catalogue was announced last,
and the secret that signs cursors, so that a page begun at one instance goes on at another. Time is Redis', not ours.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from service.fleet.naming import name
from service.fleet.script import Script
from service.fleet.store import Store

GONE_SECONDS = 10
KEYS = tuple(name(part) for part in ("roll", "figures", "catalogues", "announced", "cursor-key"))
ANNOUNCED_SECONDS = 86_400
SECRET_BYTES = 32
FIGURES_BYTES = 262_144

_FORGET = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
for _, name in ipairs(gone) do
  redis.call('ZREM', KEYS[1], name)
  redis.call('HDEL', KEYS[2], name)
  redis.call('HDEL', KEYS[3], name)
end
"""
_CALL = Script(
    _FORGET
    + """
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[4])
for place = 1, 3 do redis.call('EXPIRE', KEYS[place], 60) end
redis.call('SET', KEYS[5], ARGV[5], 'NX')
redis.call('EXPIRE', KEYS[5], 2592000)
return {redis.call('HGETALL', KEYS[3]), redis.call('GET', KEYS[4]), redis.call('GET', KEYS[5])}
"""
)
_READ = Script(_FORGET + "return redis.call('HGETALL', KEYS[2])")
_LEAVE = Script("""
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[3], ARGV[1])
""")
_ANNOUNCE = Script("return redis.call('SET', KEYS[4], ARGV[1], 'EX', ARGV[2])")


class Known(NamedTuple):
    """What the fleet says: the catalogue of each instance, the one announced last, the secret of its cursors."""

    catalogues: dict[str, str]
    announced: str
    cursor_key: bytes


class Roll:
    """This ``instance`` among the others."""

    def __init__(self, store: Store, instance: str) -> None:
        self._store = store
        self._name = instance.encode()
        self._gone = b"%d" % GONE_SECONDS

    def call(self, figures: bytes, catalogue: str, cursor_key: bytes) -> Known | None:
        """Call in; the key goes to the fleet if that has none. None without Redis, or if its answer makes no sense."""
        arguments = (self._gone, self._name, figures[:FIGURES_BYTES], catalogue.encode(), cursor_key)
        reply = self._store.run(_CALL, KEYS, arguments)
        if reply is None:
            return None
        try:
            catalogues, announced, key = reply
            texts = [bytes(text).decode() for text in catalogues]
            known = Known(dict(zip(texts[::2], texts[1::2], strict=True)), (announced or b"").decode(), bytes(key))
        except (ValueError, TypeError):
            self._store.pass_over()
            return None
        if len(known.cursor_key) != SECRET_BYTES:
            self._store.pass_over()
            return known._replace(cursor_key=cursor_key)
        return known

    def figures(self) -> dict[str, bytes]:
        """Return what each instance called in with last; nothing without Redis."""
        reply: Any = self._store.run(_READ, KEYS, (self._gone,)) or []
        try:
            return {bytes(who).decode(): bytes(figures) for who, figures in zip(reply[::2], reply[1::2], strict=True)}
        except (ValueError, TypeError):
            self._store.pass_over()
            return {}

    def announce(self, catalogue: str) -> None:
        """Tell all that there is another catalogue to be read."""
        self._store.run(_ANNOUNCE, KEYS, (catalogue.encode(), b"%d" % ANNOUNCED_SECONDS))

    def leave(self) -> None:
        """Be gone at once."""
        self._store.run(_LEAVE, KEYS, (self._name,))
