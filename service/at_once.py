"""What is answered in the server's own thread: whatever is known, costs microseconds and waits for nobody.

A kept page, a refusal and ``/health`` need no worker: handing them over costs more than answering them. ``AtOnce`` is
asked before the walk and leaves the end of it, ready to be called, in the environ. So what is answered is what was
found, whatever is forgotten or replaced in between, and the walk before it is the same as for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.errors import Overloaded
from service.messages import Request, Response
from service.routes import Match

READY = "signals.ready"
"""Where the environ holds what ends the walk at once."""

CREDENTIALS = frozenset({"HTTP_AUTHORIZATION", "HTTP_X_ADCP_AUTH"})
"""Whoever brings these may be somebody in particular; who that is, a worker finds out."""

LONGEST_FORWARDED = 256
"""Characters of X-Forwarded-For up to which finding the client in it takes microseconds, whatever it holds."""

End = Callable[[Request], Response]
Prepare = Callable[[Request], End | None]
Judge = Callable[[str, Mapping[str, Any]], bool | None]
"""``(client, environ)``: whether a client is refused."""


class AtOnce:
    """Tells whether a request is answered at once. ``prepare`` has, by the name of the route, what finds its end.

    ``client_of`` names the client of a peer and its ``X-Forwarded-For``. ``judge`` tells whether the walk will refuse
    a client on the way, so that nothing needs to be found for it; None where that would have to be asked elsewhere.
    """

    def __init__(
        self,
        match: Callable[[str, str], Match],
        client_of: Callable[[str, str], str],
        judge: Judge,
        prepare: Mapping[str, Prepare],
    ) -> None:
        self._match = match
        self._client_of = client_of
        self._judge = judge
        self._prepare = prepare

    def __call__(self, environ: dict[str, Any]) -> bool:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        peer, forwarded = environ["REMOTE_ADDR"], environ.get("HTTP_X_FORWARDED_FOR", "")
        found = self._match(method, path)
        prepare = self._prepare.get(found.route.name) if found.route is not None else None
        if prepare is None or len(forwarded) > LONGEST_FORWARDED or not CREDENTIALS.isdisjoint(environ):
            return False
        client = self._client_of(peer, forwarded)
        refused = False if found.walk == "express" else self._judge(client, environ)
        if refused is None:
            return False
        if refused and found.walk == "signals":
            end: End | None = _changed_its_mind
        else:
            read = environ["wsgi.input"].read
            query_string = environ["QUERY_STRING"]
            end = prepare(Request(method, path, query_string, found.endpoint, peer, 0.0, environ, read, client=client))
        if end is None:
            return False
        environ[READY] = end
        return True


def _changed_its_mind(request: Request) -> Response:
    # A place became free between the look and the walk: what would be computed now must not be computed here.
    raise Overloaded("Nobody is free to answer this; ask again.", retry_after=1)
