"""A named area with a thin border, and a drawing to put into it.

A panel's border turns to the accent while something in it has the focus, yellow when it warns, and doubles in red when
it fires: the same signs as the tiles of the overview.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from dashboard.widgets.ink import Ink
from dashboard.widgets.runs import Row

Picture = Callable[[int, int], Sequence[Row]]
"""From width and height in cells to rows of runs."""


class Panel(Vertical):
    """A border with a title around its children."""

    DEFAULT_CSS = """
    Panel {
        width: 1fr; height: 1fr; padding: 0 1; border: round $panel;
        border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $foreground 50%;
    }
    Panel:focus-within { border: round $primary; }
    Panel.-warn { border: round $warning; }
    Panel.-fire { border: heavy $error; border-title-color: $error; }
    """

    def __init__(self, title: str, *children: Widget, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(*children, id=id, classes=classes)
        self._parts: tuple[str, ...] = ()
        self.name_it(title)

    def on_resize(self) -> None:
        self._subtitle()

    def _subtitle(self) -> None:
        room, parts = self.outer_size.width - 6, self._parts
        while len(parts) > 1 and sum(map(len, parts)) + 3 * (len(parts) - 1) > room:
            parts = parts[:-1]
        self.border_subtitle = Content(" · ".join(parts))

    def name_it(self, title: str) -> None:
        """Write ``title`` into the upper border."""
        self.border_title = Content(title)

    def say(self, *parts: str, mood: str = "") -> None:
        """Write as many parts as fit into the lower border; ``mood`` is ``warn``, ``fire`` or nothing."""
        self._parts = tuple(part for part in parts if part)
        self._subtitle()
        self.set_class(mood == "warn", "-warn")
        self.set_class(mood == "fire", "-fire")


class Drawing(Ink):
    """Rows of runs that are made anew whenever the data or the size changes."""

    DEFAULT_CSS = "Drawing { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._picture: Picture = _nothing

    def show(self, picture: Picture) -> None:
        """Draw ``picture`` from now on."""
        self._picture = picture
        self.redraw()

    def drawn(self, width: int, height: int) -> list[Row]:
        return list(self._picture(width, height))[: max(height, 0)]


def _nothing(width: int, height: int) -> Sequence[Row]:
    return ([("–", "stale")],)
