"""The canonical hash of a payload: it tells a request that is sent again from another one under the same key.

SHA-256 over the JSON Canonicalization Scheme (RFC 8785) of the payload, without what AdCP excludes: the key itself,
the caller's context, the governance context and the credentials of a push notification.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from service.errors import InvalidInput

_EXCLUDED = ("idempotency_key", "context", "governance_context")


def payload_hash(payload: Mapping[str, Any]) -> bytes:
    """Return 32 bytes that are equal for equal payloads. Raises ``InvalidInput`` for numbers that JSON cannot keep."""
    counted = {name: value for name, value in payload.items() if name not in _EXCLUDED}
    push = counted.get("push_notification_config")
    if isinstance(push, dict) and isinstance(push.get("authentication"), dict):
        kept = {name: value for name, value in push["authentication"].items() if name != "credentials"}
        counted["push_notification_config"] = push | {"authentication": kept}
    return hashlib.sha256(canonical(counted)).digest()


def canonical(value: Any) -> bytes:
    """Return a JSON value in its canonical form."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        raise InvalidInput("The body holds a number or a text that JSON cannot keep exactly.", field="body") from None
    except RecursionError:
        raise InvalidInput("The body is nested too deeply.", field="body") from None
