"""A question before something is changed on the service: what will happen, in words, and yes or no.

``No`` has the focus and escape means no, so that a hasty key changes nothing. The text is never parsed as markup.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class Confirm(ModalScreen[bool]):
    """Ends with True for yes and False for no."""

    DEFAULT_CSS = """
    Confirm { align: center middle; background: $background 60%; }
    Confirm > Vertical {
        width: 60; max-width: 100%; height: auto; padding: 1 2; background: $surface; border: round $warning;
        border-title-color: $warning; border-title-style: bold;
    }
    Confirm .confirm--text { width: 1fr; height: auto; margin-bottom: 1; }
    Confirm Horizontal { width: 1fr; height: 1; align-horizontal: right; }
    Confirm Button.-textual-compact {
        min-width: 12; margin-left: 2; background: $panel; color: $foreground; text-style: none;
    }
    Confirm Button.-textual-compact:focus { background: $primary; color: $background; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape,q", "answer(False)", "No"),
        Binding("left,right,h,l", "app.focus_next", "Other", show=False),
    ]

    def __init__(self, title: str, text: str, yes: str = "Yes") -> None:
        super().__init__()
        self._title, self._text, self._yes = title, text, yes

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(self._title)
            yield Static(self._text, classes="confirm--text", markup=False)
            with Horizontal():
                yield Button(Content(f"{self._yes} (y)"), id="yes", compact=True)
                yield Button(Content("No (n)"), id="no", compact=True)

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
