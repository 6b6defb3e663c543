"""Every way in which the service says no: ``Refused`` and its children.

A child carries its HTTP status, its problem type (RFC 9457), the word under which it is counted as a rejection, and
``retry_after`` in whole seconds where waiting helps. Stages raise them; ``contain`` alone turns them into answers.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import ClassVar, Literal

Recovery = Literal["transient", "correctable", "terminal"]
Rejection = Literal["rate_limited", "blocked", "invalid", "suspicious", "overloaded", "draining"]
REJECTIONS: tuple[Rejection, ...] = ("rate_limited", "blocked", "invalid", "suspicious", "overloaded", "draining")


class Refused(Exception):
    """A request that gets no result. ``detail`` is for the caller; it never holds internals.

    ``code`` and ``recovery`` are AdCP's words for it, where it has some of its own.
    """

    status: ClassVar[int] = 400
    type: ClassVar[str] = "invalid-input"
    title: ClassVar[str] = "Invalid input"
    rejection: ClassVar[Rejection | None] = None
    code: ClassVar[str | None] = None
    recovery: ClassVar[Recovery] = "correctable"

    def __init__(self, detail: str, *, retry_after: int | None = None, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after
        self.field = field
        self.headers: list[tuple[str, str]] = []
        self.members: dict[str, object] = {}  # what the problem document tells besides
        self.noted: dict[str, object] = {}  # what the log line tells besides
        if retry_after is not None:
            self.headers.append(("Retry-After", str(retry_after)))


class InvalidInput(Refused):
    rejection: ClassVar[Rejection | None] = "invalid"


class CursorExpired(Refused):
    type = "cursor-expired"
    title = "Cursor expired"
    rejection = "invalid"


class SuspiciousInput(Refused):
    """Input that looks like an attack; ``attack`` names its class, never the rule."""

    type = "suspicious-input"
    title = "Suspicious input"
    rejection = "suspicious"

    def __init__(self, attack: str, field: str) -> None:
        super().__init__(f"The value of '{field}' looks like an attack ({attack}) and was not processed.", field=field)
        self.attack = attack


class Unauthorized(Refused):
    """``wrong_token`` is True when a token was offered and does not match."""

    status = 401
    type = "unauthorized"
    title = "Operator token required"

    def __init__(self, detail: str, *, wrong_token: bool = False) -> None:
        super().__init__(detail)
        self.wrong_token = wrong_token
        self.headers.append(("WWW-Authenticate", 'Bearer realm="operator"'))


class BadSignature(Refused):
    status = 401
    type = "bad-signature"
    title = "Signature does not fit"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.headers.append(("WWW-Authenticate", "HMAC-SHA256"))


class KeyRefused(Refused):
    """No API key where one is needed or, where ``wrong`` says so, one that is not valid (RFC 6750, 3)."""

    status = 401
    type = "unauthorized"
    title = "API key required"

    def __init__(self, detail: str, *, wrong: bool = False) -> None:
        super().__init__(detail)
        self.wrong = wrong
        challenge = 'Bearer realm="signals"'
        if wrong:
            challenge += f', error="invalid_token", error_description="{detail}"'
        self.headers.append(("WWW-Authenticate", challenge))


class Blocked(Refused):
    status = 403
    type = "blocked"
    title = "Client blocked"
    rejection = "blocked"


class WrongSite(Refused):
    """A host name or a web page that this service is not reached by (DNS rebinding)."""

    status = 403
    type = "wrong-site"
    title = "Wrong site"


class NotFound(Refused):
    status = 404
    type = "not-found"
    title = "Not found"


class ReferenceNotFound(NotFound):
    """No such signal for this caller: the same words whether there is none or it is somebody else's."""

    code = "REFERENCE_NOT_FOUND"


class NotActivated(NotFound):
    """Nothing to deactivate."""

    code = "REFERENCE_NOT_FOUND"


class MethodNotAllowed(Refused):
    status = 405
    type = "method-not-allowed"
    title = "Method not allowed"

    def __init__(self, detail: str, allow: str) -> None:
        super().__init__(detail)
        self.headers.append(("Allow", allow))


class RequestTimeout(Refused):
    status = 408
    type = "request-timeout"
    title = "Request too slow"


class Conflict(Refused):
    status = 409
    type = "conflict"
    title = "Already under way"


class Elsewhere(Refused):
    """What is asked for is done at another place; the text says where."""

    status = 409
    type = "elsewhere"
    title = "Done elsewhere"


class ContentTooLarge(Refused):
    status = 413
    type = "content-too-large"
    title = "Content too large"


class UnsupportedMediaType(Refused):
    status = 415
    type = "unsupported-media-type"
    title = "Unsupported media type"


class InvalidPricingOption(InvalidInput):
    code = "INVALID_PRICING_OPTION"


class IdempotencyConflict(Refused):
    status = 422
    type = "idempotency-conflict"
    title = "Idempotency key used for something else"
    code = "IDEMPOTENCY_CONFLICT"


class IdempotencyExpired(Refused):
    status = 422
    type = "idempotency-expired"
    title = "Idempotency key expired"
    code = "IDEMPOTENCY_EXPIRED"


class IdempotencyInFlight(Refused):
    status = 409
    type = "idempotency-in-flight"
    title = "The same request is being answered"
    code = "IDEMPOTENCY_IN_FLIGHT"
    recovery = "transient"


class UnsupportedDestination(Refused):
    status = 422
    type = "unsupported-destination"
    title = "Cannot be activated there"
    code = "UNSUPPORTED_FEATURE"


class RateLimited(Refused):
    status = 429
    type = "rate-limited"
    title = "Too many requests"
    rejection = "rate_limited"


class HeaderFieldsTooLarge(Refused):
    status = 431
    type = "header-fields-too-large"
    title = "Header fields too large"


class ClientGone(Refused):
    """The client hung up while it waited; nobody reads this answer (499 is nginx' word for it)."""

    status = 499
    type = "client-closed-request"
    title = "Client closed request"


class InternalError(Refused):
    status = 500
    type = "internal"
    title = "Internal error"


class Overloaded(Refused):
    status = 503
    type = "overloaded"
    title = "Overloaded"
    rejection = "overloaded"


class Draining(Refused):
    status = 503
    type = "draining"
    title = "Shutting down"
    rejection = "draining"


class Unavailable(Refused):
    status = 503
    type = "unavailable"
    title = "Unavailable"


def problem(refusal: Refused, request_id: str) -> bytes:
    """Return the problem document (RFC 9457) of a refusal as UTF-8 JSON."""
    kind = (refusal.type, refusal.title, refusal.status, refusal.detail)
    if refusal.members or refusal.field is not None:
        more = {"field": refusal.field} if refusal.field is not None else {}
        return _encoded(_document(*kind, request_id) | more | refusal.members)
    before, after = _around_the_id(*kind)
    return b"%b%b%b" % (before, request_id.encode(), after)


def _document(kind: str, title: str, status: int, detail: str, request_id: str) -> dict[str, object]:
    return {
        "type": f"/problems/{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }


@lru_cache(64)
def _around_the_id(kind: str, title: str, status: int, detail: str) -> tuple[bytes, bytes]:
    """Return a document without its request id, which needs no escaping: the same one leaves by thousands."""
    whole = _encoded(_document(kind, title, status, detail, ""))
    return whole[:-2], whole[-2:]


def _encoded(document: dict[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
