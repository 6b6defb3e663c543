"""The service with a ranker whose work is known: ``python -m tests.siege.service``, settings from the environment.

``WORK=sleep`` waits for ``WORK_SECONDS`` as for another machine, ``WORK=burn`` computes for as long under the
interpreter's lock; then the local ranker answers as ever, by meaning or as ``LOCAL_RANKING`` says. Only specs that
begin with ``work`` cost anything.
``SWITCH_SECONDS`` tries another switch interval than the service's own.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial

from service.app import build
from service.life import own_process
from service.settings import Settings


class Working:
    """A ranker that works for ``seconds`` before it ranks."""

    def __init__(self, work, seconds, ranker):
        self._work = {"sleep": time.sleep, "burn": burn}[work]
        self._seconds = seconds
        self._ranker = ranker
        self.version = ranker.version
        self.reasons = ranker.reasons
        self.explanations = ranker.explanations

    def rank(self, library, brief):
        if brief.spec.startswith("work"):
            self._work(self._seconds)
        return self._ranker.rank(library, brief)


def burn(seconds):
    """Compute for some seconds of this thread's own processor time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def main():
    work = partial(Working, os.environ["WORK"], float(os.environ["WORK_SECONDS"]))
    service = build(Settings.from_env(os.environ), around=work)
    own_process(service)
    sys.setswitchinterval(float(os.environ.get("SWITCH_SECONDS", sys.getswitchinterval())))
    return service.run()


if __name__ == "__main__":
    sys.exit(main())
