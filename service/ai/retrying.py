"""Tries again what can pass, within the deadline of the call and never more than three times in all."""

from __future__ import annotations

import random as dice
import time
from collections.abc import Callable

from service.ai.deadline import Deadline
from service.ai.provider import AiFailure, Prompt, Provider

Complete = Callable[[Provider, Prompt, Deadline], str]

TRIES = 3
FIRST_PAUSE_SECONDS = 0.5
LONGEST_REST_SECONDS = 2.0
"""Longest Retry-After that a call waits for. After a longer one nobody asks: that is the breaker's to see to."""


def complete(
    provider: Provider,
    prompt: Prompt,
    deadline: Deadline,
    *,
    sleep: Callable[[float], object] = time.sleep,
    random: Callable[[], float] = dice.random,
) -> str:
    """Return the text of the provider's answer. Raises the ``AiFailure`` of the last try.

    Pauses double from half a second, with full jitter (0-1 by ``random``); what the other side asks for with
    Retry-After is kept to, and one that is long or does not fit into the deadline ends the call at once.
    """
    for attempt in range(TRIES):
        try:
            return provider.complete(prompt, deadline)
        except AiFailure as failure:
            pause = max(FIRST_PAUSE_SECONDS * 2**attempt * random(), failure.retry_after or 0.0)
            longest = min(deadline.remaining(), LONGEST_REST_SECONDS)
            if not failure.passing or attempt == TRIES - 1 or pause >= longest:
                raise
        sleep(pause)
    raise AssertionError("unreachable")
