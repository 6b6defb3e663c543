"""The alerts strip: always the worst thing first, in words. A lost connection comes before everything else.

Calm is one grey line; a firing alert or a lost connection fills the whole line with its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from dashboard.model import words
from dashboard.model.alerts import UNREACHABLE
from dashboard.model.vitals import GLYPHS, State
from dashboard.widgets.line import Line
from dashboard.widgets.seat import seat

if TYPE_CHECKING:
    from dashboard.model.alerts import AlertView

LOUD: dict[State, str] = {
    "firing": "bold $error",
    "pending": "bold $warning",
    "warning": "$warning",
    "clearing": "$warning",
}


def joined(pieces: Sequence[tuple[Content, Content]], width: int) -> Content:
    """Return (long, short) pieces in one line of ``width`` cells: all long, or the first long and the others short.

    What does not fit even so is counted: ``+n``.
    """
    everything = Content("   ").join([long for long, _ in pieces])
    if everything.cell_length + 2 <= width:
        return (Content(" ") + everything).pad_right(width - everything.cell_length - 1)
    shown = Content(" ") + pieces[0][0]
    for index, (_, short) in enumerate(pieces[1:], start=1):
        reserve = 5 if index + 1 < len(pieces) else 0
        if shown.cell_length + 3 + short.cell_length + reserve > width - 1:
            tail = f"  +{len(pieces) - index} "
            shown = shown.truncate(max(width - len(tail), 0), ellipsis=True) + Content(tail)
            return shown.pad_right(width - shown.cell_length)
        shown = shown + Content("   ") + short
    return shown.truncate(width, ellipsis=True, pad=True)


def said(view: AlertView, style: str) -> tuple[Content, Content]:
    """Return an alert in a whole sentence and in its first words."""
    mark = " (ack)" if view.acknowledged else ""
    text = f"{GLYPHS[view.state]} {words.plain(view.sentence)}"
    return Content.styled(text + mark, style), Content.styled(text.partition(":")[0] + mark, style)


def noisy(alerts: Sequence[AlertView]) -> list[AlertView]:
    """Return the alerts worth a word of their own: the strip says of the connection more than its alert does."""
    return [view for view in loud(alerts) if view.alert.name != UNREACHABLE]


def loud(alerts: Sequence[AlertView]) -> list[AlertView]:
    """Return the alerts that are neither calm nor snoozed, in the order given."""
    return [view for view in alerts if view.state in LOUD and view.snoozed_until is None]


def whole_parts(sentence: str, width: int) -> str:
    """Return as many parts of ``a · b · c`` as fit into ``width`` cells, the first one always."""
    kept, *rest = sentence.split(" · ")
    for part in rest:
        if len(kept) + len(part) + 3 > width:
            break
        kept += f" · {part}"
    return kept


def calm_words(alerts: Sequence[AlertView]) -> str:
    """Return what to say when nothing is wrong."""
    states = [view.state for view in alerts]
    snoozed = sum(view.snoozed_until is not None and view.state in LOUD for view in alerts)
    silent = states.count("no_data")
    said = [f"all well · {states.count('ok') + states.count('resolved')} rules ok"]
    said += [f"{silent} without enough traffic"] if silent else []
    said += [f"{snoozed} snoozed"] if snoozed else []
    return " · ".join(said)


class AlertsStrip(Line):
    """The worst things, worst first."""

    DEFAULT_CSS = """
    AlertsStrip { color: $text-muted; }
    AlertsStrip.-firing { background: $background; color: $error; text-style: bold reverse; }
    AlertsStrip.-lost { background: $background; color: $warning; text-style: bold reverse; }
    AlertsStrip.-waiting { background: $boost; color: $foreground; }
    """

    def refresh_data(self) -> None:
        app = seat(self)
        connection = app.model.connection(app.now())
        alerts = app.model.alerts(app.now())
        never = app.model.latest is None
        firing = any(view.state == "firing" and not view.acknowledged for view in loud(alerts))
        self.set_class(firing and not never, "-firing")
        self.set_class(not connection.data_ok and not firing and not never, "-lost")
        self.set_class(never and not connection.data_ok, "-waiting")
        self.refresh()

    def line(self, width: int) -> Content:
        app = seat(self)
        now = app.now()
        connection = app.model.connection(now)
        alerts = app.model.alerts(now)
        plain = self.has_class("-firing") or self.has_class("-lost")
        lost = Content(f"{GLYPHS['stale']} {whole_parts(words.plain(connection.words), width - 4)}")
        pieces = [] if connection.data_ok else [(lost, lost)]
        pieces += [said(view, "" if plain else LOUD[view.state]) for view in noisy(alerts)]
        if not pieces:
            calm = Content.styled(GLYPHS["ok"], "$success") + Content(f" {calm_words(alerts)}")
            pieces = [(calm, calm)]
        if connection.note:
            balancer = Content.styled(f"⇄ {words.plain(connection.note)}", "" if plain else "$foreground 80%")
            pieces.append((balancer, balancer))
        return joined(pieces, width)

    async def on_click(self) -> None:
        await self.run_action("app.show('alerts')")
