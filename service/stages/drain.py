"""A stage before the limits: a request that came after the service was told to end is refused, and counts for nobody.

The balancer takes it to another instance, where it counts.
"""

from __future__ import annotations

from collections.abc import Callable

from service.errors import Draining
from service.messages import Request, Response
from service.pipeline import Stage


def drain(late: Callable[[Request], bool]) -> Stage[Request, Response]:
    """Return the stage; ``late`` tells of a request whether it came too late."""

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        if late(request):
            raise refusal()
        return proceed(request)

    return stage


def refusal() -> Draining:
    """Return what a late request gets."""
    # The server closes a draining connection behind its last answer, and says so in it.
    return Draining("This instance is shutting down; ask again and another will answer.", retry_after=1)
