"""A store of the least recently used kind, bounded in entries and in bytes; thread-safe."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedStore(Generic[K, V]):
    """Keeps values with the number of bytes that each is said to take; forgets the least recently used first."""

    def __init__(self, entries: int, size: int) -> None:
        self.capacity = entries
        self._bytes_allowed = size
        self._bytes = 0
        self._lock = threading.Lock()
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value of ``size`` bytes, unless it is larger than the whole store."""
        with self._lock:
            before = self._values.pop(key, None)
            if before is not None:
                self._bytes -= before[1]
            if size > self._bytes_allowed:
                return
            self._values[key] = (value, size)
            self._bytes += size
            while self._bytes > self._bytes_allowed or len(self._values) > self.capacity:
                _, (_, freed) = self._values.popitem(last=False)
                self._bytes -= freed

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
            self._bytes = 0

    def __len__(self) -> int:
        return len(self._values)

    @property
    def bytes_used(self) -> int:
        return self._bytes
