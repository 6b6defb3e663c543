"""What the transport asks of the tools behind it; ``service.adcp.toolbox`` is who answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from service.errors import Refused
from service.messages import CacheState, Request

Parts = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a tool: its name, its arguments, and the whole message as it came.

    ``memo`` holds what was made of the same bytes before; nothing that depends on who sent them belongs there.
    """

    tool: str
    arguments: dict[str, Any]
    body: bytes
    memo: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool answers: a JSON object, the same ``escaped``, both in parts, and what is to be logged."""

    body: Parts
    text: Parts
    is_error: bool = False
    cache: CacheState = "none"
    fields: dict[str, Any] = field(default_factory=dict)


class Tools(Protocol):
    """The tools of a server."""

    def listed(self) -> list[dict[str, Any]]:
        """Return name, description and input schema of each."""
        ...

    def knows(self, name: str) -> bool: ...

    def call(self, request: Request, called: Called) -> Told:
        """Answer a call. Raises ``Refused``."""
        ...

    def at_once(self, request: Request, called: Called) -> Callable[[Request], Told] | None:
        """Return what answers a call without computing or waiting, where that is known. Never raises ``Refused``."""
        ...

    def refused(self, called: Called, refusal: Refused) -> Told:
        """Say no in the tool's own words."""
        ...

    def word(self, refusal: Refused) -> str:
        """Return the one word for why something was refused, for counts and logs."""
        ...

    def reason(self, refusal: Refused) -> dict[str, Any]:
        """Return why something else than a call of a tool was refused, as the data of an error."""
        ...
