"""Fifth stage: the rate limit, with its headers on every answer that passes here, refusals included.

``RateLimit-Policy`` and ``RateLimit`` follow draft-ietf-httpapi-ratelimit-headers-10; ``X-RateLimit-Reset`` is the Unix
second by which the window has freed its next place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from service.errors import RateLimited, Refused
from service.messages import Request, Response
from service.pipeline import Stage
from service.sliding_window import Verdict


class Limiter(Protocol):
    """Whoever keeps the window: this process's memory, or a store shared by many.

    ``local`` says that a hit touches no socket, so that it may be made on any thread.
    """

    @property
    def local(self) -> bool: ...

    def hit(self, client: str) -> Verdict: ...


def rate_limit(limiter: Limiter, limit: int, seconds: int, wall_clock: Callable[[], float]) -> Stage[Request, Response]:
    """Return the stage that admits ``limit`` requests in any ``seconds`` for each client."""
    policy = ("RateLimit-Policy", f'"default";q={limit};w={seconds}')
    quota = ("X-RateLimit-Limit", str(limit))

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        verdict = limiter.hit(request.client)
        reset = -(-verdict.reset_ms // 1000)
        headers = [
            policy,
            ("RateLimit", f'"default";r={verdict.left};t={reset}'),
            quota,
            ("X-RateLimit-Remaining", str(verdict.left)),
            ("X-RateLimit-Reset", str(math.ceil(wall_clock() + verdict.reset_ms / 1000))),
        ]
        try:
            if not verdict.admitted:
                raise RateLimited(
                    f"More than {limit} requests in {seconds} seconds; the next is admitted in {reset} s.",
                    retry_after=reset,
                )
            response = proceed(request)
        except Refused as refusal:
            refusal.headers += headers
            raise
        response.headers += headers
        return response

    return stage
