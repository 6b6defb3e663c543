"""A store over a Redis as an instance has it."""

from __future__ import annotations

import time

from service import redis_url
from service.fleet.lines import connector
from service.fleet.store import Store


class Instance:
    """One instance's store, which is up; leave it and it is closed."""

    def __init__(self, redis, seconds=0.5):
        self.store = Store(
            connector(redis_url.read(redis.url), seconds), time.monotonic, lambda ok, fault: None, seconds
        )
        self.store.open()
        assert self.store.ok

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.store.close()
