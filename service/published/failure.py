"""Why a file could not be read, in a few words that anybody may see.

They never hold the address, whose user, path or query is often a secret: so not the text of an error, but its kind, or
what the system or TLS said of the connection.
"""

from __future__ import annotations

import ssl

import httpx

_OF_ANOTHER_NAME = (62, 63, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH and its like, whose message holds the name."""


def told(error: Exception) -> str:
    """Return the words for an error of a read."""
    if isinstance(error, httpx.TimeoutException):
        return "time-out"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the answer was cut short, or was none"
    cause = _of_the_system(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        if cause.verify_code in _OF_ANOTHER_NAME:
            return "the certificate is for another name"
        return f"the certificate is not trusted: {cause.verify_message}"
    return (cause.strerror if cause is not None else None) or type(error).__name__


def _of_the_system(error: BaseException) -> OSError | None:
    """Return what the system said, which libraries wrap in errors of their own."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, OSError):
        found = found.__cause__ or found.__context__
    return found
