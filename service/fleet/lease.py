"""A right that one instance has at a time, for as long as it says so: whoever dies with it loses it by itself.

The holder's token tells its lease from a later one of somebody else. Where Redis cannot say whose it is, the answer is
None, and each instance decides for itself.
"""

from __future__ import annotations

import secrets

from service.fleet.naming import name
from service.fleet.script import Script
from service.fleet.store import Store

_TAKE = Script("""
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
""")
_GIVE_BACK = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
""")


class Lease:
    """The lease of ``what``, for ``seconds`` each time that it is taken or taken again."""

    def __init__(self, store: Store, what: str, seconds: float) -> None:
        self._store = store
        self._keys = (name("lease", what),)
        self._token = secrets.token_hex(8).encode()
        self._milliseconds = b"%d" % round(seconds * 1000)

    def take(self) -> bool | None:
        """Take it, or keep it for longer; False while another instance has it."""
        held = self._store.run(_TAKE, self._keys, (self._token, self._milliseconds))
        return None if held is None else bool(held)

    def give_back(self) -> None:
        self._store.run(_GIVE_BACK, self._keys, (self._token,))
