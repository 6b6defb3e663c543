"""When to ask again after failures: 1 s, doubling to 30 s, with jitter. Pure.

The jitter is drawn from the moment of the failure itself, so that the client that waits and the model that says "next
try in 4s" come to the same time without talking to each other, while many dashboards do not ask in step.
"""

from __future__ import annotations

from random import Random

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 30.0


def delay_seconds(failures: int, failed_at: float, interval_seconds: float = 1.0) -> float:
    """Return the wait after the ``failures``-th failure in a row, which came at ``failed_at``.

    It is 75-100 % of a doubling step, never above 30 s; who polls more slowly than that keeps that interval.
    """
    step = FIRST_SECONDS * 2.0 ** min(max(failures - 1, 0), 10)
    jitter = 0.75 + 0.25 * Random(failed_at).random()
    return max(min(step, LONGEST_SECONDS) * jitter, min(interval_seconds, LONGEST_SECONDS))
