"""What the HTTP server asks the service: how large a body may be, and what its own refusals look like.

Answers that the server makes itself (bad syntax, too large, too slow) follow the same contract as all others: problem
document, request id, one count under ``endpoint="none"``, one log line.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from service.errors import Refused
from service.messages import Request, Response
from service.reading import Proxies
from service.routes import normal
from service.server import Head
from service.stages.contain import answer
from service.stages.identify import OWN_ID, is_within

QUERY_BODY_BYTES = 64 * 1024
NO_ENDPOINT = "none"


class Doorman:
    """Fits ``server.Doorman``. ``check_operator`` raises unless a request comes from an operator."""

    def __init__(
        self,
        upload_bytes: int,
        upload_endpoint: str,
        alive_endpoint: str,
        at_once: Callable[[dict[str, Any]], bool],
        check_operator: Callable[[Request], None],
        client_of: Callable[[str, str], str],
        proxies: Proxies,
        count: Callable[[str, str, int, float], None],
        reject: Callable[[Any], None],
        log_request: Callable[..., None],
    ) -> None:
        self._upload_bytes = upload_bytes
        self._upload_endpoint = upload_endpoint
        self._alive_endpoint = alive_endpoint
        self._at_once = at_once
        self._check_operator = check_operator
        self._client_of = client_of
        self._proxies = proxies
        self._count = count
        self._reject = reject
        self._log_request = log_request

    def body_limit(self, head: Head) -> int:
        """Return the bytes allowed for a body; an upload needs an operator first, or is refused before it is read."""
        if head.method != "POST" or normal(head.path) != self._upload_endpoint:
            return QUERY_BODY_BYTES
        self._check_operator(self._request(head))
        return self._upload_bytes

    def at_once(self, environ: dict[str, Any]) -> bool:
        """Return True for what the application answers without a worker (see ``service.at_once``)."""
        return self._at_once(environ)

    def comes_first(self, head: Head) -> bool:
        """Return True for ``/health``: whether the process lives must be told however many ask for something else."""
        return head.path == self._alive_endpoint

    def refuse(self, refusal: Refused, head: Head | None, peer: str) -> Response:
        """Return the finished answer to a request that never reaches the walk; count and log it."""
        own = head.headers.get("x-request-id", "") if head else ""
        request_id = own if OWN_ID.fullmatch(own) else secrets.token_hex(10)
        method = head.method if head else "none"
        response = answer(refusal, request_id)
        response.headers += [("X-Request-ID", request_id), ("X-Content-Type-Options", "nosniff")]
        self._count(method, NO_ENDPOINT, refusal.status, 0.0)
        if refusal.rejection is not None:
            self._reject(refusal.rejection)
        client = self._client_of(peer, head.headers.get("x-forwarded-for", "") if head else "")
        self._log_request(
            request_id=request_id,
            endpoint=NO_ENDPOINT,
            method=method,
            status=refusal.status,
            duration=0.0,
            client=client,
            cache="none",
            error=response.fields["error"],
        )
        return response

    def limits_connections(self, peer: str) -> bool:
        """Return False for trusted proxies, which carry many clients (by hops none can be told: all are exempt)."""
        if isinstance(self._proxies, int):
            return self._proxies == 0
        return not is_within(peer, self._proxies)

    def _request(self, head: Head) -> Request:
        client = self._client_of(head.peer, head.headers.get("x-forwarded-for", ""))
        path, query = head.path, head.query
        return Request(head.method, path, query, path, head.peer, 0.0, _environ(head.headers), bytes, client=client)


def _environ(headers: Mapping[str, str]) -> dict[str, str]:
    return {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
