"""The service under siege: a process of its own, and what it uses as the kernel tells it (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path
from typing import NamedTuple

from tests.running import Process

PRODUCTION = {"SLOTS": "0", "QUEUE_SIZE": "100", "RATE_LIMIT": "100/60", "DRAIN_SECONDS": "20"}
"""The defaults of the service, where ``tests.running`` has others."""


class Use(NamedTuple):
    """What a process holds now; memory in 10**6 bytes."""

    descriptors: int
    threads: int
    megabytes: float


class Target(Process):
    """A service in a folder. ``watched`` is the highest use seen since ``watch``."""

    def use(self) -> Use:
        root = Path(f"/proc/{self.process.pid}")
        resident = int((root / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return Use(len(os.listdir(root / "fd")), len(os.listdir(root / "task")), resident / 1e6)  # noqa: PTH208

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @contextlib.contextmanager
    def watched(self, every_seconds: float = 0.1):
        """Yield a list of what it used, one entry each tenth of a second, as long as the block runs."""
        seen, over = [self.use()], threading.Event()

        def watch() -> None:
            while not over.wait(every_seconds):
                with contextlib.suppress(OSError):
                    seen.append(self.use())

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            over.set()
            thread.join()

    def last_words(self, count: int = 20) -> str:
        """Return the end of its log without the lines of requests: what it said before it died."""
        told = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([line for line in told if '"event": "request"' not in line][-count:])

    def stop(self) -> int:
        """Have it drain; return its exit code."""
        self.signal(signal.SIGTERM)
        return int(self.process.wait(40))
