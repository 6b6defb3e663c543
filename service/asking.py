"""Which requests somebody elsewhere is asked about before they are answered, where limits and blocks are kept for all
instances together; and where the environ holds what was said.

Asked is what the walk would ask itself on its way to an answer, neither more nor less: what it refuses before it comes
to the limits counts for nobody. With the word in the environ, the walk asks nobody any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from service.at_once import LONGEST_FORWARDED
from service.routes import Match, Walk
from service.wire.referee import Seats

WORD = "signals.word"
"""Where the environ holds what was said of a request: None if nobody could say, so that this instance judges."""

ASKED = "signals.asked"
"""Where it holds since when the request waits for that, in monotonic seconds."""

LIMITED: frozenset[Walk] = frozenset({"plain", "signals", "mcp"})

Environ = dict[str, Any]


class Word(Protocol):
    """What was said of a request."""

    @property
    def refuses(self) -> bool: ...


class Asked(Protocol):
    """Whoever is asked: ``fleet.inquiry.Inquiry``."""

    def enter(self, seats: Seats) -> None: ...
    def ask(self, client: str, environ: Environ, then: Callable[[], None]) -> bool: ...
    def turn(self, now: float) -> float: ...
    def leave(self) -> None: ...


class Asking:
    """Fits ``wire.referee.Referee``. ``client_of`` names the client of a peer and its ``X-Forwarded-For``;
    ``refused_before`` tells of a walk and an environ whether the walk ends before it comes to the limits."""

    def __init__(
        self,
        asked: Asked,
        match: Callable[[str, str], Match],
        client_of: Callable[[str, str], str],
        refused_before: Callable[[Walk, Environ], bool],
    ) -> None:
        self._asked = asked
        self._match = match
        self._client_of = client_of
        self._refused_before = refused_before
        self.enter, self.turn, self.leave = asked.enter, asked.turn, asked.leave

    def ask(self, environ: Environ, then: Callable[[], None]) -> bool:
        """Return True if somebody is asked, and ``then`` will be called."""
        walk = self._match(environ["REQUEST_METHOD"], environ["PATH_INFO"]).walk
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        if walk not in LIMITED or len(forwarded) > LONGEST_FORWARDED or self._refused_before(walk, environ):
            return False
        return self._asked.ask(self._client_of(environ["REMOTE_ADDR"], forwarded), environ, then)
