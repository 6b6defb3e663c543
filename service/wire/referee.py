"""Somebody elsewhere who has a say in requests, such as a store that counts for many instances: asked over a socket
that lives in the loop, so that the loop goes on meanwhile and no thread waits.

The server knows no more of it than this. All calls are made in the thread of the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Seats(Protocol):
    """What the loop offers to a visitor with a socket, which fits ``wasyncore`` as connections do."""

    def seat(self, visitor: Any) -> None:
        """Watch the socket of a visitor."""

    def unseat(self, visitor: Any) -> None:
        """Watch it no more; to be called before it is closed."""

    def changed(self, visitor: Any) -> None:
        """Look again at what a visitor waits for."""

    def wake(self) -> None:
        """Have the loop take a turn; from any thread."""


class Referee(Protocol):
    """Who is asked before a request is answered."""

    def enter(self, seats: Seats) -> None:
        """Begin: the loop will turn from now on."""

    def ask(self, environ: dict[str, Any], then: Callable[[], None]) -> bool:
        """Return True if something is asked about this request: ``then`` is called once, when it goes on.

        What was said is in the environ then, and at once where False is returned and it is known already.
        """

    def turn(self, now: float) -> float:
        """Send what was asked in this turn, and give up what took too long. Returns the seconds to the next call, at
        most."""

    def leave(self) -> None:
        """End; nobody waits for an answer any more."""
