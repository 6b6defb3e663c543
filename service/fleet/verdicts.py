"""A verdict of the AI as bytes in Redis, and back. Pure; nothing that comes back is believed, and nothing unpickled.

One letter says how the JSON behind it is packed: ``z`` by zlib where that pays, ``j`` not at all. What cannot be such a
verdict on so many candidates raises ``Garbled``: another version wrote it, or somebody else.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from math import isfinite
from typing import Any, get_args

from service.ai.proposals import MOST_PROPOSALS
from service.ai.verdict import REASON_LETTERS, Place, Verdict
from service.messages import Proposal
from service.monitoring.totals import FallbackReason

SCHEMA = 1
ENTRY_BYTES = 65_536
UNPACKED_BYTES = 4 * ENTRY_BYTES
_PLAIN, _PACKED = b"j", b"z"
_REASONS: tuple[str, ...] = get_args(FallbackReason)
_PROPOSAL_LETTERS = (40, 80, 300, 200)

Result = Verdict | FallbackReason


class Garbled(ValueError):
    """Bytes that are no verdict."""


def encode(result: Result) -> bytes | None:
    """Return what is kept of a result, None if it is larger than an entry may be."""
    if isinstance(result, str):
        document: list[Any] = [SCHEMA, result]
    else:
        places = [[place.row, place.score, place.reason] for place in result.places]
        made = [[one.id, one.name, one.description, one.rationale] for one in result.proposals]
        document = [SCHEMA, places, sorted(result.dropped), made]
    plain = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    packed = zlib.compress(plain, 6)
    entry = _PACKED + packed if len(packed) < len(plain) else _PLAIN + plain
    return entry if len(entry) <= ENTRY_BYTES and len(plain) <= UNPACKED_BYTES else None


def decode(entry: bytes, candidates: int) -> Result:
    """Return the result on so many candidates. Raises ``Garbled``."""
    try:
        schema, *parts = json.loads(_unpacked(entry))
        if schema != SCHEMA:
            raise Garbled("another version")
        if len(parts) == 1:
            return _reason(parts[0])
        places, dropped, made = parts
        verdict = Verdict(
            tuple(_places(places, candidates)),
            frozenset(_row(row, candidates) for row in dropped),
            tuple(_proposal(one) for one in made[:MOST_PROPOSALS]),
        )
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error) as error:
        raise Garbled(type(error).__name__) from None
    if verdict.dropped & {place.row for place in verdict.places} or not (verdict.places or verdict.dropped):
        raise Garbled("a verdict that contradicts itself")
    return verdict


def _unpacked(entry: bytes) -> bytes:
    if entry[:1] == _PLAIN:
        return entry[1:]
    if entry[:1] != _PACKED:
        raise Garbled("unknown packing")
    member = zlib.decompressobj()
    plain = member.decompress(entry[1:], UNPACKED_BYTES)
    if not member.eof:
        raise Garbled("cut short, or too large")
    return plain


def _places(items: list[Any], candidates: int) -> Iterator[Place]:
    seen: set[int] = set()
    lowest = 1.0
    for row, score, reason in items:
        if not isinstance(score, int | float) or not isfinite(score) or not 0 <= score <= lowest or row in seen:
            raise Garbled("a score or a row that cannot be")
        lowest = float(score)
        seen.add(row)
        yield Place(_row(row, candidates), lowest, _text(reason, REASON_LETTERS))


def _proposal(texts: list[Any]) -> Proposal:
    return Proposal(*(_text(text, most) for text, most in zip(texts, _PROPOSAL_LETTERS, strict=True)))


def _row(value: Any, candidates: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < candidates:
        raise Garbled("no candidate")
    return value


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise Garbled("no plain text")
    return value


def _reason(value: Any) -> FallbackReason:
    if value not in _REASONS:
        raise Garbled("no reason")
    found: FallbackReason = value
    return found
