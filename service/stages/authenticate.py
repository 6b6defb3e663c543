"""A stage of the signals' walk: whose API key a request brings, and the limit of that key.

``Authorization: Bearer`` and ``X-Adcp-Auth`` say the same. Without either a request goes on as anybody's. A key that
does not hold is refused with 401 and charged as abuse, and after five a minute with 429. It stands behind the block and
the limit by address, so that nobody guesses faster than those allow, and before anything is read of the request.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Protocol

from service.blocks import IMPATIENCE, WRONG_TOKEN
from service.errors import InvalidInput, KeyRefused, RateLimited, Refused
from service.keys.book import Key
from service.keys.verifier import Verdict
from service.messages import Principal, Request, Response
from service.pipeline import Stage
from service.stages.block import Book
from service.stages.rate_limit import Limiter

Proceed = Callable[[Request], Response]

LONGEST = 512
NEEDED = "Send an API key as 'Authorization: Bearer <key>' or as 'X-Adcp-Auth: <key>'."


class Keys(Protocol):
    """Who knows keys: ``keys.verifier.Verifier``."""

    def check(self, text: str) -> tuple[Verdict, Key | None]: ...


class Authenticator:
    """Finds out whose key a request brings.

    ``operator_token()`` is in force now, or None: who sends it to a signals route is let in as anybody, as is who sends
    nothing. ``mistakes`` counts wrong keys by client.
    """

    def __init__(self, keys: Keys, operator_token: Callable[[], str | None], blocks: Book, mistakes: Limiter) -> None:
        self._keys = keys
        self._operator_token = operator_token
        self._blocks = blocks
        self._mistakes = mistakes

    def key_of(self, request: Request) -> Key | None:
        """Return the key of a request, None if it brings none. Raises ``Refused``."""
        text = offered(request)
        if not text:
            return None
        verdict, key = self._keys.check(text) if len(text) <= LONGEST else ("unknown", None)
        if verdict == "active":
            return key
        if key is None and self._is_operator(text):
            return None
        raise self._refusal(request.client, verdict, key)

    def _is_operator(self, text: str) -> bool:
        expected = self._operator_token()
        # Compared in constant time.
        return expected is not None and hmac.compare_digest(text.encode("utf-8", "replace"), expected.encode())

    def _refusal(self, client: str, verdict: Verdict, key: Key | None) -> Refused:
        # Whoever knows the secret of a key that has ended does not guess.
        self._blocks.charge(client, IMPATIENCE if key else WRONG_TOKEN, "wrong API key")
        found = self._mistakes.hit(client)
        if not found.admitted:
            return RateLimited("Too many wrong API keys.", retry_after=-(-found.reset_ms // 1000))
        said = {"revoked": "The API key was revoked.", "expired": "The API key has expired."}
        return KeyRefused(said.get(verdict, "The API key is not valid."), wrong=True)


def offered(request: Request) -> str:
    """Return the key that a request brings, or an empty text. Raises ``InvalidInput`` for two different ones."""
    scheme, _, bearer = request.header("Authorization").partition(" ")
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    own = request.header("X-Adcp-Auth").strip()
    if bearer and own and bearer != own:
        raise InvalidInput("Authorization and X-Adcp-Auth bring two different keys: send one.", field="X-Adcp-Auth")
    return bearer or own


def required(request: Request) -> Principal:
    """Return whose key an authenticated request brought. Raises ``KeyRefused`` if it brought none."""
    if request.principal is None:
        raise KeyRefused(NEEDED)
    return request.principal


def authenticate(
    key_of: Callable[[Request], Key | None],
    limited: Callable[[Key, Request, Proceed], Response],
    count: Callable[[str], None],
) -> Stage[Request, Response]:
    """Return the stage; ``limited`` holds requests to the limit of their key, ``count`` is told whose key it is."""

    def stage(request: Request, proceed: Proceed) -> Response:
        key = key_of(request)
        if key is None:
            return proceed(request)
        name = key.principal.name
        count(name)
        try:
            response = limited(key, request.of(key.principal), proceed)
        except Refused as refusal:
            refusal.noted["key"] = name
            raise
        response.fields["key"] = name
        return response

    return stage
