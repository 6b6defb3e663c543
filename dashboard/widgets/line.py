"""One line that says as much as fits: parts on the left, parts on the right, the most important chosen first.

Pure but for the ``Line`` widget, which shows such a line and never parses its text as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line. ``rank`` 0 is always there; the others come in the order of their ranks, as long as there is
    room."""

    content: Content
    rank: int = 0


def fitted(left: Sequence[Part], right: Sequence[Part], width: int, gap: str = " · ", right_gap: str = "  ") -> Content:
    """Return one line of exactly ``width`` cells, without the parts for which there is no room."""
    if width <= 0:
        return Content("")
    kept_left, kept_right = ([part for part in side if part.rank == 0] for side in (left, right))
    for part in sorted((part for part in (*left, *right) if part.rank), key=lambda part: part.rank):
        here = any(part is one for one in left)
        wider_left = [one for one in left if one in kept_left or one is part] if here else kept_left
        wider_right = kept_right if here else [one for one in right if one in kept_right or one is part]
        if _needed(wider_left, gap) + _needed(wider_right, right_gap) + (2 if wider_right else 0) + 2 <= width:
            kept_left, kept_right = wider_left, wider_right
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
