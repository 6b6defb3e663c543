"""Signatures of what goes to a platform and comes from it: HMAC-SHA256 over the time, a dot and the body.

``X-ADCP-Timestamp`` carries the Unix second, ``X-ADCP-Signature`` ``sha256=`` and 64 hexadecimal digits, as AdCP signs
its webhooks. A signature is good for five minutes either way; what makes a repetition harmless is the delivery's id.
"""

from __future__ import annotations

import hmac
import re

TIMESTAMP = "X-ADCP-Timestamp"
SIGNATURE = "X-ADCP-Signature"
TOLERANCE_SECONDS = 300
_SECOND = re.compile(r"[0-9]{1,12}")


def signed(secret: bytes, now: float, body: bytes) -> dict[str, str]:
    """Return the headers that sign a body sent ``now`` (Unix seconds)."""
    timestamp = str(int(now))
    return {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    return "sha256=" + hmac.digest(secret, timestamp.encode("ascii") + b"." + body, "sha256").hex()


def is_genuine(secret: bytes, timestamp: str, offered: str, body: bytes, now: float) -> bool:
    """Return whether a signature is the secret's, compared in constant time, and its time is within the tolerance."""
    if not _SECOND.fullmatch(timestamp):
        return False
    expected = signature(secret, timestamp, body)
    same = hmac.compare_digest(expected.encode(), offered.encode("utf-8", "replace"))
    return same and abs(now - int(timestamp)) <= TOLERANCE_SECONDS
