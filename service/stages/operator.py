"""A stage of the operator's routes: only who holds the token passes, or a caller on this very machine when none is set.

Tokens are compared in constant time. A wrong one scores as abuse, and after five a minute a further wrong one gets 429;
the right one always works. Without a token, whatever smells of a proxy or of a browser on another site is refused.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable

from service.blocks import WRONG_TOKEN
from service.errors import RateLimited, Unauthorized
from service.messages import Request, Response
from service.pipeline import Stage
from service.sliding_window import SlidingWindow
from service.stages.block import Book
from service.stages.identify import is_loopback

WRONG_TOKENS_A_MINUTE = 5
WRONG_TOKENS_WITHOUT_BLOCKING = 60
_HOST = r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?"
_LOCAL_HOST = re.compile(_HOST, re.IGNORECASE)
_LOCAL_ORIGIN = re.compile("https?://" + _HOST, re.IGNORECASE)
_PROXY_HEADERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_", "HTTP_X_REAL_IP", "HTTP_VIA")
_NEEDED = "This endpoint is for operators: send 'Authorization: Bearer <OPERATOR_TOKEN>'."


def operator(check: Callable[[Request], None]) -> Stage[Request, Response]:
    """Return the stage over the check of a ``gatekeeper``."""

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        check(request)
        return proceed(request)

    return stage


def gatekeeper(
    token: Callable[[], str | None],
    blocks: Book,
    clock: Callable[[], float],
    wrong_a_minute: int = WRONG_TOKENS_A_MINUTE,
) -> Callable[[Request], None]:
    """Return a check that raises ``Unauthorized`` or ``RateLimited`` unless the caller is an operator.

    ``token()`` gives the token in force (it may change at SIGHUP), or None; ``wrong_a_minute`` wrong ones of a client
    get 401, further ones 429.
    """
    mistakes = SlidingWindow(wrong_a_minute, 60, clock, budget_bytes=4 * 1024 * 1024)

    def check(request: Request) -> None:
        expected = token()
        if expected is None:
            if not is_local(request):
                raise Unauthorized("No OPERATOR_TOKEN is set, so this endpoint answers local callers only.")
            return
        scheme, _, offered = request.header("Authorization").partition(" ")
        offered = offered.strip()
        if scheme.lower() != "bearer" or not offered:
            raise Unauthorized(_NEEDED)
        if hmac.compare_digest(offered.encode("utf-8", "replace"), expected.encode()):
            return
        blocks.charge(request.client, WRONG_TOKEN, "wrong operator token")
        verdict = mistakes.hit(request.client)
        if not verdict.admitted:
            raise RateLimited("Too many wrong operator tokens.", retry_after=-(-verdict.reset_ms // 1000))
        raise Unauthorized("The operator token is wrong.", wrong_token=True)

    return check


def is_local(request: Request) -> bool:
    """Return whether a request comes straight from this machine and not on behalf of somebody else's page."""
    if not is_loopback(request.peer) or any(key.startswith(_PROXY_HEADERS) for key in request.environ):
        return False
    if not _LOCAL_HOST.fullmatch(request.header("Host")):
        return False
    origin = request.header("Origin")
    if origin and not _LOCAL_ORIGIN.fullmatch(origin):
        return False
    return request.header("Sec-Fetch-Site").lower() in ("", "none", "same-origin")
