"""A stage before the block stage, where instances share their limits: hands on what was asked ahead of the walk.

Block and rate limit follow at once, so nobody else's word can come between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from service.asking import WORD
from service.messages import Request, Response
from service.pipeline import Stage


def foretold(expect: Callable[[Any], None]) -> Stage[Request, Response]:
    """Return the stage; ``expect`` is told the word about the request that this thread will ask about next."""

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        environ = request.environ
        if WORD in environ:
            expect(environ[WORD])
        return proceed(request)

    return stage
