"""From a widget to the dashboard it sits in: what widgets and screens may see of it, and nothing else.

They read the model through it and keep nothing of their own. ``app.Dashboard`` fits ``Seat``; nothing here imports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from rich.style import Style
    from textual.message_pump import MessagePump

    from dashboard.client import Client
    from dashboard.model.target import TargetModel
    from dashboard.recording.playback import Playback


class Seat(Protocol):
    """The dashboard. ``current`` is the place of the target being looked at in ``models``."""

    current: int
    active_name: str
    paused: bool
    window_seconds: float

    @property
    def models(self) -> Sequence[TargetModel]: ...
    @property
    def model(self) -> TargetModel: ...
    @property
    def client(self) -> Client: ...
    @property
    def playback(self) -> Playback | None: ...
    @property
    def palette(self) -> Mapping[str, Style]: ...

    def now(self) -> float: ...
    def wall(self) -> float: ...
    def clock_time(self, wall: float | None = None) -> str: ...
    def say(self, sentence: str) -> None: ...
    def look_at(self, index: int) -> None: ...
    def repaint(self, whole: bool = False) -> None: ...

    async def seek_to(self, wall: float) -> None: ...
    async def action_show(self, name: str) -> None: ...
    async def action_back(self) -> None: ...
    async def action_zoom_to(self, key: str) -> None: ...
    def action_poll_now(self) -> None: ...


def seat(widget: MessagePump) -> Seat:
    """Return the dashboard of ``widget``."""
    return cast("Seat", cast(Any, widget).app)
