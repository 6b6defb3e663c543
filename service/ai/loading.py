"""The import of what a provider needs, on a thread beside the running service, which answers by itself meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

from service.ai.provider import Provider


class Loading:
    """Loads ``provider`` once; ``event(words)`` is told when that cannot be. ``now`` is monotonic seconds."""

    def __init__(self, provider: Provider, event: Callable[[str], None], now: Callable[[], float]) -> None:
        self._provider = provider
        self._event = event
        self._now = now
        self._since: float | None = None
        self.done = False

    def begin(self, ready: Callable[[], object]) -> None:
        """Start the thread, which calls ``ready`` when all is there."""
        self._since = self._now()
        threading.Thread(target=self._load, args=(ready,), name="ai-load", daemon=True).start()

    def seconds(self) -> float:
        """Return for how long it has been loading; 0 before and once it is done, and growing where it never will be."""
        return 0.0 if self.done or self._since is None else self._now() - self._since

    def _load(self, ready: Callable[[], object]) -> None:
        try:
            import service.ai.prompt
            import service.ai.verdict  # noqa: F401

            self._provider.load()
        except Exception as error:
            # Whatever a package does at its import: the service goes on by itself, and says why.
            self._event(f"{self._provider.name} cannot be used: {type(error).__name__}: {error}")
        else:
            self.done = True
            ready()
