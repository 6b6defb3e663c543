"""Who needs a key: a stage that lets discovery of the server pass as it is, and everything else only with credentials.

``initialize``, ``ping``, ``tools/list``, notifications and the tools that say so are open to all, whatever key is
shown. For every other call the key is looked at before the arguments are; where keys are required, also before it is
said whether there is such a tool.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from service.mcp.message import posted_by
from service.messages import Request, Response
from service.pipeline import Stage
from service.stages.authenticate import required as key_required

_GLANCE_SECONDS = 1.0


class KeyRule:
    """Whether a key is needed now: by ``MCP_AUTH``, or from the first key on that there is.

    Until then nobody could bring one. ``any_key()`` looks into the book, ``now`` is monotonic seconds.
    """

    def __init__(self, setting: str, any_key: Callable[[], bool], now: Callable[[], float]) -> None:
        self._setting = setting
        self._any_key = any_key
        self._now = now
        self._looked_at = -_GLANCE_SECONDS
        self._found = False

    def __call__(self) -> bool:
        if self._setting != "auto":
            return self._setting == "required"
        if not self._found and self._now() - self._looked_at >= _GLANCE_SECONDS:
            self._looked_at = self._now()
            self._found = self._any_key()
        return self._found


def guard(
    authenticate: Stage[Request, Response],
    is_required: Callable[[], bool],
    open_tools: Container[str],
    closed_tools: Container[str],
) -> Stage[Request, Response]:
    """Return the stage around ``authenticate``; ``is_required()`` tells whether a key is needed now.

    ``open_tools`` never want one, ``closed_tools`` always do.
    """

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        posted = posted_by(request)
        if not posted.calls_tool or posted.tool in open_tools:
            return proceed(request)

        def known(request: Request) -> Response:
            if posted.tool in closed_tools or is_required():
                key_required(request)
            return proceed(request)

        return authenticate(request, known)

    return stage
