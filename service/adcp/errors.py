"""Refusals in AdCP's words: code, recovery, field, suggestion, time to wait. Pure.

An error stands in the answer twice, as ``adcp_error`` and as the only one of ``errors``, since clients look for it in
either place. Nothing of it tells more than REST would.
"""

from __future__ import annotations

from typing import Any

from service.errors import (
    Conflict,
    ContentTooLarge,
    CursorExpired,
    InternalError,
    InvalidInput,
    KeyRefused,
    NotFound,
    RateLimited,
    Refused,
    SuspiciousInput,
)

LONGEST_WAIT = 3600
"""Seconds; a longer time to wait is said to be this long."""


class VersionUnsupported(InvalidInput):
    """A release of AdCP that is not spoken here."""

    def __init__(self, releases: tuple[str, ...], major: int, field: str) -> None:
        super().__init__(f"This agent speaks AdCP {', '.join(releases)}.", field=field)
        self.details = {"supported_versions": [*releases], "supported_majors": [major]}


_CODES: tuple[tuple[type[Refused], str, str, str], ...] = (
    (VersionUnsupported, "VERSION_UNSUPPORTED", "correctable", "Ask in one of the supported versions."),
    (RateLimited, "RATE_LIMITED", "transient", "Wait for retry_after seconds, then send the same request."),
    (CursorExpired, "CURSOR_EXPIRED", "correctable", "Begin again without a cursor."),
    (SuspiciousInput, "INVALID_REQUEST", "correctable", "Say in plain words what you look for."),
    (ContentTooLarge, "INVALID_REQUEST", "correctable", "Send a smaller request."),
    (NotFound, "REFERENCE_NOT_FOUND", "correctable", "Take the handle from an answer of get_signals."),
    (Conflict, "CONFLICT", "transient", "Wait for retry_after seconds, then send the same request."),
    (KeyRefused, "AUTH_MISSING", "correctable", "Send 'Authorization: Bearer <key>' or 'X-Adcp-Auth: <key>'."),
    (InternalError, "SERVICE_UNAVAILABLE", "transient", "Try again later; quote the request id if it goes on."),
)


_SUGGESTIONS = {
    "REFERENCE_NOT_FOUND": "Take the handle from an answer of get_signals, and destinations from what was activated.",
    "INVALID_PRICING_OPTION": "Take a pricing_option_id from the signal's pricing_options.",
    "IDEMPOTENCY_CONFLICT": "Use a new idempotency_key for another request.",
    "IDEMPOTENCY_EXPIRED": "Look what the first request did, then use a new idempotency_key.",
    "IDEMPOTENCY_IN_FLIGHT": "Wait for retry_after seconds, then send the same request.",
    "UNSUPPORTED_FEATURE": "Choose one of the signal's deployments.",
}


def code(refusal: Refused) -> str:
    """Return AdCP's code of a refusal."""
    return _words(refusal)[0]


def error(refusal: Refused) -> dict[str, Any]:
    """Return a refusal as an error object of AdCP."""
    word, recovery, suggestion = _words(refusal)
    told: dict[str, Any] = {"code": word, "message": refusal.detail, "recovery": recovery, "suggestion": suggestion}
    if refusal.field is not None:
        told["field"] = refusal.field
    if refusal.retry_after is not None:
        told["retry_after"] = max(1, min(LONGEST_WAIT, refusal.retry_after))
    if isinstance(refusal, VersionUnsupported):
        told["details"] = refusal.details
    return told


def _words(refusal: Refused) -> tuple[str, str, str]:
    if refusal.code is not None:
        return refusal.code, refusal.recovery, _SUGGESTIONS.get(refusal.code, "Mend the request.")
    if isinstance(refusal, KeyRefused) and refusal.wrong:
        return "AUTH_INVALID", "terminal", "Ask the operator of this agent for a key that is valid."
    for kind, *words in _CODES:
        if isinstance(refusal, kind):
            return words[0], words[1], words[2]
    if refusal.status >= 500:
        return "SERVICE_UNAVAILABLE", "transient", "Wait for retry_after seconds, then send the same request."
    where = f"Mend '{refusal.field}'" if refusal.field else "Mend the request"
    return "INVALID_REQUEST", "correctable", f"{where}; the tool's input schema says what is possible."
