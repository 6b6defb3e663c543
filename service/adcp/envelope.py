"""The envelope around every answer: status, release, what the task says, and the caller's context. Bytes in, bytes out.

``Opened`` is an answer without its end, so that a page is encoded once and only the context is added for each caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from service.adcp import errors
from service.errors import Refused
from service.json_bytes import encoded, escaped
from service.mcp.tools import Parts


class Opened(NamedTuple):
    """An answer that lacks its closing brace, and the same ``escaped``."""

    body: bytes
    text: bytes

    def closed(self, context: bytes | None) -> tuple[Parts, Parts]:
        """Return the whole answer in parts, and the same escaped; ``context`` goes back as it came."""
        if context is None:
            return (self.body, b"}"), (self.text, b"}")
        return (self.body, b',"context":', context, b"}"), (self.text, b',\\"context\\":', escaped(context), b"}")


def opened(status: str, release: str, members: Mapping[str, Any]) -> Opened:
    """Return an answer of a task."""
    body = encoded({"status": status, "adcp_version": release, **members})[:-1]
    return Opened(body, escaped(body))


def failed(release: str, refusal: Refused) -> Opened:
    """Return an answer that says no."""
    told = errors.error(refusal)
    return opened("failed", release, {"message": refusal.detail, "adcp_error": told, "errors": [told]})
