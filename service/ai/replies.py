"""What an HTTP answer of an AI service means, for every provider: statuses, Retry-After, bounds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from service.ai.provider import AiFailure

LONGEST_ANSWER = 1_048_576  # bytes; fifty candidates with their reasons take 15,000
_PASSING = frozenset({408, 425, 500, 502, 503, 504, 529})


def failure_of(status: int, headers: Mapping[str, str]) -> AiFailure:
    """Return the failure that a status other than 200 means; header names are lower case."""
    retry_after = seconds_of(headers.get("retry-after", ""), headers.get("date", ""))
    if status == 429:
        return AiFailure("quota", "429: too many requests", retry_after=retry_after, passing=True)
    if status in (401, 403):
        return AiFailure("error", f"{status}: the key was refused")
    if 300 <= status < 400:
        return AiFailure("error", f"{status}: a redirect, which is not followed")
    return AiFailure("error", f"status {status}", retry_after=retry_after, passing=status in _PASSING)


def seconds_of(retry_after: str, date: str) -> float | None:
    """Return the seconds that a Retry-After asks for (RFC 9110, 10.2.3); a point in time counts from ``date``."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until, now = parsedate_to_datetime(text), parsedate_to_datetime(date)
    except ValueError:
        return None
    return max((until.replace(tzinfo=UTC) - now.replace(tzinfo=UTC)).total_seconds(), 0.0)


def too_long() -> AiFailure:
    """Return the failure of an answer that is longer than any honest one."""
    return AiFailure("bad_answer", f"an answer of more than {LONGEST_ANSWER} bytes")
