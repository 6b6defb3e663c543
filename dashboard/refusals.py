"""Why something failed, in one sentence an operator understands. Pure."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from dashboard.model.words import plain

_ERRNO_WORDS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "the connection was reset",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "the network is unreachable",
    errno.EPIPE: "the connection was closed",
}
_TEXT_WORDS = (
    ("name or service not known", "the host name is not known"),
    ("nodename nor servname", "the host name is not known"),
    ("no address associated", "the host name is not known"),
    ("temporary failure in name resolution", "the host name cannot be looked up now"),
    ("certificate", "the certificate is not trusted"),
    ("all connection attempts failed", "connection refused"),
    ("disconnected without", "the connection was closed without an answer"),
    ("illegal", "the answer is not HTTP"),
    ("without sending complete message", "the answer broke off in the middle"),
)


class NotUsable(Exception):
    """An answer that cannot be used: ``kind`` as in ``Failure``, ``reason`` in one sentence."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


def kind_of(error: Exception) -> str:
    """Return the kind of ``Failure`` that an error on the way is: garbage if something answered that is no HTTP."""
    broken = isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error).lower()
    return "garbage" if broken else "unreachable"


def refusal(status: int, problem: Mapping[str, Any]) -> str:
    """Return what a problem+json document says: its detail, or its title, with the status."""
    found = next((problem[key] for key in ("detail", "title") if isinstance(problem.get(key), str)), "")
    return f"{plain(found).rstrip('.')} ({status})" if found else f"answered {status}"


def sentence(error: BaseException) -> str:
    """Return what went wrong on the way to a server."""
    if isinstance(error, NotUsable):
        return error.reason
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "no answer in time"
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _ERRNO_WORDS:
            return _ERRNO_WORDS[cause.errno]
        told = str(cause).lower()
        for part, words in _TEXT_WORDS:
            if part in told:
                return words
    return plain(str(error) or type(error).__name__, 120)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what caused it, the innermost first, a few steps deep."""
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 8:
        chain.append(inner)
    yield from reversed(chain)
