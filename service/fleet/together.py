"""What a few instances count as one: a number a day, under a name, that is forgotten two days later."""

from __future__ import annotations

from service.fleet.naming import name
from service.fleet.script import Script
from service.fleet.store import Store

_ADD = Script("""
local total = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], 172800)
return total
""")


class DailyCount:
    """The count of ``what``."""

    def __init__(self, store: Store, what: str) -> None:
        self._store = store
        self._what = what

    def __call__(self, day: int, more: int) -> int | None:
        """Add to the count of a day and return it; None where Redis cannot say."""
        total = self._store.run(_ADD, (name(self._what, str(day)),), (b"%d" % more,))
        return total if isinstance(total, int) and total >= 0 else None
