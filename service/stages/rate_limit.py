"""Fifth stage: the rate limit, with its headers on every answer that passes here, refusals included.

``RateLimit-Policy`` and ``RateLimit`` follow draft-ietf-httpapi-ratelimit-headers-10; ``X-RateLimit-Reset`` is the Unix
second by which the window has freed its next place. Where several limits hold, the innermost tells the ``X-`` ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from service.errors import RateLimited, Refused
from service.messages import Request, Response
from service.pipeline import Stage
from service.sliding_window import Verdict

_QUOTA = "X-RateLimit-Limit"

Headers = list[tuple[str, str]]
Limited = Callable[[str, Request, Callable[[Request], Response]], Response]
"""``(client, request, proceed)``: lets a request of a client go on, if it may."""


class Limiter(Protocol):
    """Whoever keeps the window: this process's memory, or a store shared by many."""

    def hit(self, client: str) -> Verdict: ...


def rate_limit(limiter: Limiter, limit: int, seconds: int, wall_clock: Callable[[], float]) -> Stage[Request, Response]:
    """Return the stage that admits ``limit`` requests in any ``seconds`` for each client."""
    admit = limited(limiter, limit, seconds, wall_clock)
    return lambda request, proceed: admit(request.client, request, proceed)


def limited(
    limiter: Limiter, limit: int, seconds: int, wall_clock: Callable[[], float], name: str = "default"
) -> Limited:
    """Return what admits ``limit`` requests in any ``seconds`` of whoever it is told; headers call it ``name``."""
    policy = ("RateLimit-Policy", f'"{name}";q={limit};w={seconds}')
    quota = (_QUOTA, str(limit))

    def admit(client: str, request: Request, proceed: Callable[[Request], Response]) -> Response:
        verdict = limiter.hit(client)
        reset = -(-verdict.reset_ms // 1000)
        told: Headers = [policy, ("RateLimit", f'"{name}";r={verdict.left};t={reset}')]
        unless_told: Headers = [
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
            _add(refusal.headers, told, unless_told)
            raise
        _add(response.headers, told, unless_told)
        return response

    return admit


def _add(headers: Headers, told: Headers, unless_told: Headers) -> None:
    by_another = any(name == _QUOTA for name, _ in headers)
    headers += told if by_another else told + unless_told
