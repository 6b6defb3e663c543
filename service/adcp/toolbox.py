"""The tools of the agent by name, as the transport calls them: arguments in, a whole answer of AdCP out.

Whatever is refused is answered here too, in the release of the caller and with the caller's context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.adcp import errors, versions
from service.adcp.echo import raw_context
from service.adcp.envelope import Opened, failed
from service.errors import Refused
from service.mcp.tools import Called, Told
from service.messages import CacheState, Request


@dataclass(frozen=True, slots=True)
class Done:
    """What a task answers before the context of the caller is added."""

    opened: Opened
    cache: CacheState = "none"
    fields: dict[str, Any] | None = None


Known = Callable[[], Done]
"""Ends a call whose answer is known."""
Task = Callable[[Request, Called], Done]


class Toolbox:
    """Fits ``service.mcp.tools.Tools``. Each tool is described as ``tools/list`` does, and done by a task;
    ``short`` finds what is known at once."""

    def __init__(
        self,
        tools: Sequence[tuple[dict[str, Any], Task]],
        short: Mapping[str, Callable[[Request, Called], Known | None]],
    ) -> None:
        self._short = short
        self._described = [description for description, _ in tools]
        self._tasks = {description["name"]: task for description, task in tools}

    def listed(self) -> list[dict[str, Any]]:
        return self._described

    def knows(self, name: str) -> bool:
        return name in self._tasks

    def at_once(self, request: Request, called: Called) -> Callable[[Request], Told] | None:
        find = self._short.get(called.tool)
        known = find(request, called) if find is not None else None
        return None if known is None else lambda asked: self._told(called, known())

    def _told(self, called: Called, done: Done) -> Told:
        body, text = done.opened.closed(_context(called))
        return Told(body, text, cache=done.cache, fields=done.fields or {})

    def call(self, request: Request, called: Called) -> Told:
        return self._told(called, self._tasks[called.tool](request, called))

    def refused(self, called: Called, refusal: Refused) -> Told:
        told = failed(versions.answered(called.arguments), refusal)
        return Told(*told.closed(_context(called)), is_error=True)

    def word(self, refusal: Refused) -> str:
        return errors.code(refusal)

    def reason(self, refusal: Refused) -> dict[str, Any]:
        return {"adcp_error": errors.error(refusal)}


def _context(called: Called) -> bytes | None:
    if called.arguments.get("context") is None:
        return None
    if "context" not in called.memo:
        called.memo["context"] = raw_context(called.body)
    context: bytes | None = called.memo["context"]
    return context
