"""What is asked most, counted by all instances together in a sorted set that keeps the heavier half when it is full.

A count rides on the call that the next request makes anyway. It grows with time as in ``warming.popular``; an era of
thirty half-lives has a key of its own. Briefs of a viewer stay with the instance that was asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache
from heapq import nlargest
from typing import Any

from redis import Redis

from service.fleet.clients import POPULAR
from service.fleet.store import Store
from service.messages import Brief, Query
from service.warming.popular import HALF_LIFE_SECONDS, MORE_THAN_ONCE, brief_of

ERA_HALF_LIVES = 30
LONGEST_BYTES = 2000
_MEMO = 4096

Most = Callable[[int], list[Brief]]


class SharedPopular:
    """``ride(text)`` sends a count with the next call; ``otherwise`` knows what this instance was asked most."""

    def __init__(self, store: Store, ride: Callable[[bytes], None], otherwise: Most) -> None:
        self._store = store
        self._ride = ride
        self._otherwise = otherwise

    def note(self, query: Query) -> None:
        """Count a question of a client; deeper pages, warm-ups and private questions do not count."""
        if query.cursor is None and query.client and not query.brief.viewer:
            text = written(query.brief)
            if len(text) <= LONGEST_BYTES:
                self._ride(text)

    def most(self, count: int) -> list[Brief]:
        """Return the briefs asked most by anybody, the most popular first."""
        found = self._store.call(lambda client: _heaviest(client, count), None)
        if found is None:
            return self._otherwise(count)
        rows = list(_read(found))
        self._store.pass_over(len(found) - len(rows))
        return rows


@lru_cache(_MEMO)
def written(brief: Brief) -> bytes:
    """Return a brief as JSON."""
    fields = {field: value for field, value in asdict(brief).items() if field != "viewer"}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _heaviest(client: Redis, count: int) -> list[bytes]:
    clock: Any = client.time()
    lives = (clock[0] + clock[1] / 1e6) / HALF_LIFE_SECONDS
    era, grown = divmod(lives, ERA_HALF_LIVES)
    weights: dict[bytes, float] = {}
    for number, growth in ((era, grown), (era - 1, grown + ERA_HALF_LIVES)):
        found: Any = client.zrevrange(POPULAR + b"%d" % number, 0, count - 1, withscores=True)
        for text, weight in found:
            weights[text] = weights.get(text, 0.0) + weight / 2.0**growth
    popular = nlargest(count, weights.items(), key=lambda item: item[1])
    return [text for text, weight in popular if weight > MORE_THAN_ONCE]


def _read(texts: Sequence[bytes]) -> Iterator[Brief]:
    for text in texts:
        if len(text) > LONGEST_BYTES:
            continue
        try:
            yield brief_of(json.loads(text.decode("utf-8", "surrogatepass")))
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
