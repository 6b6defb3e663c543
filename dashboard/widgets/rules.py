"""The alert rules at a glance: one line each, worst first, value against limit. Enter opens the alerts screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from dashboard.model.alerts import shown
from dashboard.model.vitals import GLYPHS
from dashboard.widgets.box import THIN, border, word_role
from dashboard.widgets.ink import Ink
from dashboard.widgets.runs import Row, cut, merged, spread, width_of
from dashboard.widgets.seat import seat

if TYPE_CHECKING:
    from dashboard.model.alerts import AlertView


def figures(view: AlertView, room: int) -> str:
    """Return ``92 / 80``: the value and where it fires; only the value where both do not fit into ``room`` cells."""
    value, fires = shown(view.alert.value, view.alert), shown(view.alert.fires, view.alert)
    both = value if view.alert.fires is None else f"{value} / {fires}"
    return next((said for said in (both, value) if len(said) <= room), "")


def rules(alerts: Sequence[AlertView], width: int, height: int, focused: bool) -> list[Row]:
    """Return the box of rules as ``height`` rows of ``width`` cells; what does not fit is counted in the border."""
    if width < 8 or height < 3:
        return []
    frame = "frame-focus" if focused else "frame"
    hidden = max(len(alerts) - (height - 2), 0)
    title = (" Alert rules ", "title-focus" if focused else "title")
    top = border(title, [], (THIN[0], THIN[1], THIN[2]), frame, width)
    body: list[Row] = []
    for view in alerts[: height - 2]:
        loud = word_role(view.state) in ("word-fire", "word-warn")
        name = (f" {view.alert.name}", word_role(view.state) if loud else "note")
        left: Row = [(GLYPHS[view.state], word_role(view.state)), name]
        body.append(spread(left, [(figures(view, width - 6 - width_of(left)), "axis")], width - 4))
    body += [[]] * (height - 2 - len(body))
    sides = [merged([(f"{THIN[3]} ", frame), *cut(row, width - 4), (f" {THIN[3]}", frame)]) for row in body]
    more = (f" +{hidden} calmer " if hidden else "", "axis")
    bottom = border(more, [], (THIN[4], THIN[1], THIN[5]), frame, width)
    return [top, *sides, bottom]


class RulesTile(Ink, can_focus=True):
    """The rules, worst first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "app.show('alerts')", "Alerts")]

    def drawn(self, width: int, height: int) -> list[Row]:
        app = seat(self)
        return rules(app.model.alerts(app.now()), width, height, self.has_focus)
