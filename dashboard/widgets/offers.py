"""What a consumer's question brought, read for the eye: ranked signals, timing and limits, or the refusal. Pure.

The answer comes from a server that may send anything: a field that is missing or of the wrong type is a dash or left
out, never an error and never made up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from math import isfinite
from typing import TYPE_CHECKING, Any

from dashboard.model.words import DASH, measure, plain

if TYPE_CHECKING:
    from dashboard.client import Explored

SHOWN_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """One signal of an answer."""

    id: str
    name: str
    relevance: float | None
    coverage: float | None
    price: str
    kind: str
    provider: str
    reason: str
    description: str
    path: str
    platforms: tuple[str, ...]
    countries: tuple[str, ...]


def text(record: Mapping[str, Any], name: str, longest: int = 400) -> str:
    """Return a field that is text, fit for one line; else nothing."""
    value = record.get(name)
    return plain(value, longest) if isinstance(value, str) else ""


def numeric(record: Mapping[str, Any], name: str) -> float | None:
    """Return a field that is a finite number."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if isfinite(value) else None
    except OverflowError:
        return None


def records(record: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects in a field that is a list."""
    value = record.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts in a field that is a list."""
    value = record.get(name)
    return tuple(plain(item, 60) for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def price(record: Mapping[str, Any]) -> str:
    """Return the first price per thousand, ``1.45 USD``; a dash if there is none."""
    for option in records(record, "pricing_options"):
        cpm = numeric(option, "cpm")
        if cpm is not None:
            return f"{cpm:.2f} {text(option, 'currency', 3)}".strip()
    return DASH


def offer(record: Mapping[str, Any]) -> Offer:
    """Return one signal."""
    return Offer(
        id=text(record, "signal_agent_segment_id", 128),
        name=text(record, "name") or DASH,
        relevance=numeric(record, "relevance"),
        coverage=numeric(record, "coverage_percentage"),
        price=price(record),
        kind=text(record, "kind", 40),
        provider=text(record, "data_provider", 80),
        reason=text(record, "match_reason"),
        description=text(record, "description", 1000),
        path=" › ".join(texts(record, "path")),
        platforms=tuple(text(item, "platform", 60) for item in records(record, "deployments")),
        countries=texts(record, "countries"),
    )


def offers(document: Mapping[str, Any] | None) -> list[Offer]:
    """Return the ranked signals of an answer, in its order."""
    return [offer(record) for record in records(document or {}, "signals")[:SHOWN_AT_MOST]]


def header(headers: Sequence[tuple[str, str]], name: str) -> str:
    """Return a header of the answer whatever its case; else nothing."""
    return next((plain(value, 120) for key, value in headers if key.lower() == name.lower()), "")


def limit_left(headers: Sequence[tuple[str, str]]) -> tuple[int, int] | None:
    """Return how many requests are left and of how many; None if the answer does not say."""
    left = re.search(r"r=(\d{1,9})", header(headers, "RateLimit")) or re.match(
        r"(\d{1,9})$", header(headers, "X-RateLimit-Remaining")
    )
    most = re.search(r"q=(\d{1,9})", header(headers, "RateLimit-Policy")) or re.match(
        r"(\d{1,9})$", header(headers, "X-RateLimit-Limit")
    )
    return (int(left[1]), int(most[1])) if left and most else None


def request_id(answer: Explored) -> str:
    """Return the id that finds this request in the logs."""
    return header(answer.headers, "X-Request-ID") or text(answer.document or {}, "request_id", 64) or DASH


def status_words(status: int | None) -> str:
    """Return ``429 Too Many Requests``; ``no answer`` if none came."""
    if status is None:
        return "no answer"
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def told(answer: Explored) -> list[str]:
    """Return how an answer was made: time, cache, ranking, number of matches."""
    document = answer.document or {}
    cache, method = header(answer.headers, "X-Cache"), text(document, "ranking_method", 20)
    fallback = text(document, "fallback_reason", 40)
    pages = document.get("pagination")
    count = numeric(pages, "total_count") if isinstance(pages, dict) else None
    said = [measure(answer.seconds, "s")]
    said += [f"cache {cache}"] if cache else []
    said += [f"ranked by {method}" + (f" ({fallback})" if fallback else "")] if method else []
    return said + ([f"{count:.0f} match"] if count is not None else [])
