"""The service with a ranker whose work is known: ``python -m tests.siege.service``, settings from the environment.

``WORK=sleep`` waits for ``WORK_SECONDS`` as for another machine, ``WORK=burn`` computes for as long under the
interpreter's lock; then the local ranker answers as ever. Only specs that begin with ``work`` cost anything.
``SWITCH_SECONDS`` tries another switch interval than the service's own.
"""

from __future__ import annotations

import os
import sys
import time

from service.app import build
from service.life import own_process
from service.ranking.local import LocalRanker
from service.settings import Settings


class WorkingRanker(LocalRanker):
    """Works for ``seconds`` before it ranks."""

    def __init__(self, work, seconds):
        super().__init__()
        self._work = {"sleep": time.sleep, "burn": burn}[work]
        self._seconds = seconds

    def rank(self, library, brief):
        if brief.spec.startswith("work"):
            self._work(self._seconds)
        return super().rank(library, brief)


def burn(seconds):
    """Compute for some seconds of this thread's own processor time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def main():
    ranker = WorkingRanker(os.environ["WORK"], float(os.environ["WORK_SECONDS"]))
    service = build(Settings.from_env(os.environ), ranker=ranker)
    own_process(service)
    sys.setswitchinterval(float(os.environ.get("SWITCH_SECONDS", sys.getswitchinterval())))
    return service.run()


if __name__ == "__main__":
    sys.exit(main())
