"""Where a replay is: state, speed, time, and a bar that can be clicked. There only during a replay."""

from __future__ import annotations

from textual import events
from textual.content import Content

from dashboard.recording.playback import Playback
from dashboard.widgets.line import Line
from dashboard.widgets.seat import seat

KEYS = "space pause  , . 1 min  < > 10 min  { } speed"
LEAST_BAR = 8


def share_shown(playback: Playback) -> float:
    """Return how much of the recording has been shown, 0 to 1."""
    length = playback.ends - playback.begins
    return 1.0 if length <= 0 else min(max((playback.now() - playback.begins) / length, 0.0), 1.0)


class PlaybackLine(Line):
    """One line under the header."""

    DEFAULT_CSS = "PlaybackLine { background: $boost; }"

    _bar = (0, 0)

    def line(self, width: int) -> Content:
        app = seat(self)
        playback = app.playback
        if playback is None:
            return Content("")
        sign = "■ end" if playback.ended else "‖ paused" if playback.paused else "▶ replay"
        left = Content.styled(f" {sign} {playback.speed:g}x ", "bold $background on $primary")
        left += Content.styled(f" {app.clock_time(playback.now())} ", "bold")
        ends = Content.styled(f" {app.clock_time(playback.begins)} – {app.clock_time(playback.ends)} ", "$text-muted")
        keys = Content.styled(f" {KEYS} ", "$text-muted")
        room = width - left.cell_length - ends.cell_length
        if room - keys.cell_length < 3 * LEAST_BAR:
            keys = Content("")
        if room < LEAST_BAR:
            ends, room = Content(""), width - left.cell_length
        room = max(room - keys.cell_length, 0)
        self._bar = (left.cell_length, room)
        done = round(share_shown(playback) * room)
        bar = Content.styled("━" * done, "$primary") + Content.styled("─" * (room - done), "$foreground 35%")
        return (left + bar + ends + keys).truncate(width, pad=True)

    async def on_click(self, event: events.Click) -> None:
        playback, (start, length) = seat(self).playback, self._bar
        if playback is not None and length and start <= event.x < start + length:
            share = (event.x - start) / length
            await seat(self).seek_to(playback.begins + share * (playback.ends - playback.begins))
