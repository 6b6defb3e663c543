"""One line that says as much as fits: parts on the left, parts on the right, the least important given up first.

Pure but for the ``Line`` widget, which shows such a line and never parses its text as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line. ``rank`` 0 is never given up; the highest rank goes first."""

    content: Content
    rank: int = 0


def fitted(left: Sequence[Part], right: Sequence[Part], width: int, gap: str = " · ", right_gap: str = "  ") -> Content:
    """Return one line of exactly ``width`` cells, without the parts for which there is no room."""
    if width <= 0:
        return Content("")
    kept_left, kept_right = list(left), list(right)
    while _needed(kept_left, gap) + _needed(kept_right, right_gap) + (2 if kept_right else 0) + 2 > width:
        worst = max([*kept_left, *kept_right], key=lambda part: part.rank, default=None)
        if worst is None or worst.rank == 0:
            break
        (kept_left if worst in kept_left else kept_right).remove(worst)
    start = Content(" ") + Content(gap).stylize("$text-muted").join([part.content for part in kept_left])
    end = Content(right_gap).join([part.content for part in kept_right]) + Content(" ")
    room = width - end.cell_length
    if room < start.cell_length:
        return start.truncate(width, ellipsis=True, pad=True)
    return start.pad_right(room - start.cell_length) + end


def _needed(parts: Sequence[Part], gap: str) -> int:
    return sum(part.content.cell_length for part in parts) + len(gap) * max(len(parts) - 1, 0)


class Line(Widget):
    """A widget of one line whose content is made for the width it has."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def line(self, width: int) -> Content:
        """Return the line for ``width`` cells."""
        raise NotImplementedError

    def render(self) -> Content:
        return self.line(self.size.width)

    def refresh_data(self) -> None:
        """Draw again from the model."""
        self.refresh()
