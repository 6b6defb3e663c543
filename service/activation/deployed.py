"""What a caller has live, by signal: read from the file once, and again when any activation has changed.

Finding signals asks for it at every request with a key, so it must cost nothing where nothing changed. Only this
process writes activations, so its own changes are all there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from service.activation.activation import Activation
from service.activation.orders import Account
from service.activation.store import account_key
from service.bounded import BoundedStore
from service.durable import Unwritten

KEPT_BYTES = 8 * 1024 * 1024
_ENTRY_BYTES, _ACTIVATION_BYTES = 500, 1500

Live = Mapping[str, Sequence[Activation]]
Read = Callable[[str, Account | None], Sequence[Activation]]


class Deployed:
    """``read(principal, account)`` returns what is live of theirs: ``Store.live``."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._generation = 0
        self._kept: BoundedStore[tuple[str, str], tuple[int, Live]] = BoundedStore(1000, KEPT_BYTES)

    def changed(self) -> None:
        """Read anew what is asked for from now on."""
        self._generation += 1

    def of(self, principal: str, account: Account | None) -> Live:
        """Return what is live, by signal; nothing while that cannot be read: what is not known is not live."""
        key, generation = (principal, account_key(account)), self._generation
        kept = self._kept.get(key)
        if kept is not None and kept[0] == generation:
            return kept[1]
        live: dict[str, list[Activation]] = {}
        try:
            found = self._read(principal, account)
        except Unwritten:
            return {}
        for one in found:
            live.setdefault(one.signal, []).append(one)
        self._kept.put(key, (generation, live), _ENTRY_BYTES + _ACTIVATION_BYTES * len(found))
        return live
