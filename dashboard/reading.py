"""Answers of a server, read with distrust: how large, how deep and of which status they may be.

Between the client's sockets and the model. What cannot be used is a ``NotUsable`` that says why in words.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx

from dashboard.config import Target
from dashboard.model.words import plain
from dashboard.refusals import NotUsable

EXACT_DIGITS = 30
JSON_MARKS_AT_MOST = 100_000
"""Brackets, braces and commas of a document: parsing holds the interpreter, and this bounds how long."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes


async def body_of(response: httpx.Response, most: int) -> bytes:
    # What was asked for plain and comes compressed could be a bomb: it is not opened.
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise NotUsable("garbage", "the answer is compressed, though that was not asked for")
    found = bytearray()
    async for chunk in response.aiter_raw():
        found += chunk
        if len(found) > most:
            raise NotUsable("too_large", f"the answer is larger than {most // 1_000_000} MB")
    return bytes(found)


async def json_of(body: bytes) -> Any:
    if sum(body.count(mark) for mark in (b"[", b"{", b",")) > JSON_MARKS_AT_MOST:
        raise NotUsable("too_large", f"the answer has more than {JSON_MARKS_AT_MOST} values")
    try:
        return await asyncio.to_thread(json.loads, body, parse_int=_whole)
    except (ValueError, RecursionError):
        raise NotUsable("garbage", "the answer is not the JSON that it should be") from None


def good(reply: Reply, target: Target) -> Reply:
    """Return a reply of 200; every other one is refused in words that say what to do."""
    if reply.status == 200:
        return reply
    if reply.status == 401:
        reason = "the token is refused (401)" if target.token else "wants an operator token (401): set OPERATOR_TOKEN"
        raise NotUsable("unauthorized", reason)
    if 300 <= reply.status < 400:
        place = plain(reply.headers.get("Location", "nowhere"), 100)
        raise NotUsable("redirect", f"redirects to {place}: give that address if it is right")
    if reply.status == 404:
        raise NotUsable("not_the_service", "answers, but has no monitoring (404): is it a signals agent?")
    raise NotUsable("status", f"answers {reply.status}")


def _whole(digits: str) -> int | float:
    """Return a whole number; one of many digits as a float, since reading those exactly takes quadratic time."""
    return int(digits) if len(digits) <= EXACT_DIGITS else float(digits)
