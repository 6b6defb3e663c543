"""The end of the door walk for signals: a request in, its page out, or what is known of one signal.

Validates the question, has the ``Finder`` find its page, and tells caches what they may do with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from service.describing import describe
from service.errors import NotFound, Refused
from service.finding import Borrow, Finder, Found
from service.messages import Query, Request, Response
from service.stages import validate

_JSON = ("Content-Type", "application/json")
_CACHE_CONTROL = ("Cache-Control", "private, no-cache")
_VARY = ("Vary", "Authorization, X-Adcp-Auth, Origin")


class Signals:
    """Answers ``/api/signals`` and ``/api/signals/{id}``."""

    def __init__(self, finder: Finder, borrow: Borrow) -> None:
        self._finder = finder
        self._borrow = borrow

    def search(self, request: Request) -> Response:
        """Answer a question. Raises ``Refused``."""
        self._finder.admit(request)
        query = self._finder.as_seen_by(request.principal, validate.parse(request))
        return _respond(request, query, self._finder.find(query))

    def at_once(self, request: Request) -> Callable[[Request], Response] | None:
        """Return what answers a question without computing or waiting: its kept page, or its refusal.

        None where neither is known, so that a worker has to ``search``. Never raises ``Refused``.
        """
        try:
            self._finder.admit(request)
            query = validate.parse_at_once(request)
            find = None if query is None else self._finder.kept(query)
        except Refused as refusal:
            return _refuse_with(refusal)
        return None if query is None or find is None else lambda asked: _respond(asked, query, find())

    def signal(self, request: Request, signal_id: str) -> Response:
        """Answer with one signal, or ``NotFound``."""
        self._finder.admit(request)
        with self._borrow() as snapshot:
            # Whoever sees nothing private looks where nothing private is: not there and not shown are one.
            viewer = snapshot.viewer(request.principal.name) if request.principal else ""
            found = (snapshot.seen_by(viewer) if viewer else snapshot).signal(signal_id)
        if found is None:
            raise NotFound("There is no signal with this id.")
        body = json.dumps(describe(found), ensure_ascii=False, separators=(",", ":")).encode()
        return Response(200, body, [_JSON, _CACHE_CONTROL, _VARY])


def _respond(request: Request, query: Query, found: Found) -> Response:
    page, fields = found.page, found.fields(query)
    headers = [_JSON, ("X-Cache", found.cache), ("ETag", page.etag), _CACHE_CONTROL, _VARY]
    # RFC 9110, 13.1.2: 304 is for GET and HEAD alone.
    if request.method != "POST" and matches(request.header("If-None-Match"), page.etag):
        return Response(304, b"", headers[1:], found.cache, fields)
    body = page.complete(found.cache, request.id, query.context_id)
    return Response(200, body, headers, found.cache, fields)


def matches(if_none_match: str, etag: str) -> bool:
    """Return whether an ``If-None-Match`` header names the tag, by weak comparison (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    opaque = etag.removeprefix("W/")
    offered = (part.strip().removeprefix("W/") for part in if_none_match.split(","))
    return any(part in ("*", opaque) for part in offered)


def _refuse_with(refusal: Refused) -> Callable[[Request], Response]:
    # Its traceback holds the frames that hold it: thousands a second would have to be collected.
    refusal.__traceback__ = None

    def refuse(request: Request) -> Response:
        raise refusal

    return refuse
