"""Who may speak to ``/mcp`` through a browser: the stage that checks ``Host`` and ``Origin``, after ``contain``.

A page of a foreign site can have its visitor's browser post to a service that only the visitor reaches (DNS rebinding).
Browsers say in ``Origin`` which page posts: it must be one of ``ALLOWED_ORIGINS``, of ``BASE_URL``, or of this very
machine. ``Host`` is checked as well where all its values are known: on a loopback address, and where ``ALLOWED_HOSTS``
is set. Elsewhere a proxy, a platform or a container network may call the service by names that nobody told it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from service.errors import Refused, UnsupportedMediaType, WrongSite
from service.messages import Request, Response
from service.pipeline import Stage
from service.settings import Settings
from service.stages.identify import is_loopback

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_NAME = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?")
_MEMO = 1024
_MEMO_LENGTH = 300  # characters of the headers worth remembering


class Sites:
    """The names and the pages that are the service's own."""

    def __init__(self, settings: Settings) -> None:
        base = urlsplit((settings.base_url or "").lower())
        local = is_loopback(settings.host) or settings.host.lower() == "localhost"
        self._any_host = not local and not settings.allowed_hosts
        self._hosts = LOOPBACK | {name_of(base.netloc), *settings.allowed_hosts}
        self._origins = frozenset({f"{base.scheme}://{base.netloc}", *settings.allowed_origins})

    def refusal(self, host: str, origin: str) -> str:
        """Return why a request is not let in; empty if it is."""
        name = name_of(host)
        if not name or not (self._any_host or name in self._hosts):
            return "The service does not go by this host name; its operator may add it to ALLOWED_HOSTS."
        if origin and not self._is_own(origin.lower(), name):
            return "Pages of this origin may not use the service; its operator may add it to ALLOWED_ORIGINS."
        return ""

    def _is_own(self, origin: str, host: str) -> bool:
        if not self._origins.isdisjoint((origin, "*")):
            return True
        scheme, _, rest = origin.partition("://")
        return scheme in ("http", "https") and name_of(rest) in LOOPBACK and host in LOOPBACK


def name_of(host: str) -> str:
    """Return the name in a ``Host`` header without its port, in small letters; empty if there is none."""
    found = _NAME.fullmatch(host.lower())
    return found[1].rstrip(".") if found else ""


def refusal_of(settings: Settings) -> Callable[[Mapping[str, Any]], Refused | None]:
    """Return what finds in an environ why a request is not let in: ``WrongSite``, or ``UnsupportedMediaType`` for what
    is no JSON; None if it is."""
    refusal = Sites(settings).refusal
    remembered = lru_cache(_MEMO)(refusal)

    def find(environ: Mapping[str, Any]) -> Refused | None:
        host, origin = environ.get("HTTP_HOST", ""), environ.get("HTTP_ORIGIN", "")
        reason = (remembered if len(host) + len(origin) <= _MEMO_LENGTH else refusal)(host, origin)
        if reason:
            return WrongSite(reason)
        media_type = environ.get("CONTENT_TYPE", "")
        if media_type != "application/json" and media_type.partition(";")[0].strip().lower() != "application/json":
            return UnsupportedMediaType("The body must be application/json.")
        return None

    return find


def own_sites(refusal: Callable[[Mapping[str, Any]], Refused | None]) -> Stage[Request, Response]:
    """Return the stage over ``refusal_of``; it raises what that finds."""

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        found = refusal(request.environ)
        if found is not None:
            raise found
        return proceed(request)

    return stage
