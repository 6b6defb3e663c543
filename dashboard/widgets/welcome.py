"""What to say before the first answer ever: what is wrong, what happens next, and the command that starts a service."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from dashboard.model import words
from dashboard.model.connection import Connection

START_COMMAND = "make run"


def welcome(connection: Connection, url: str, width: int) -> Content:
    """Return the text for a card of ``width`` cells."""
    waiting = connection.state == "connecting"
    title = "Connecting …" if waiting else "No answer yet"
    card = [Content.styled(title, "bold $primary" if waiting else "bold $warning"), Content(words.plain(url))]
    if not waiting:
        card += [Content(""), Content.styled(words.plain(connection.words), "$foreground 80%")]
        card += [Content(""), _advice(connection.state)]
    return Content("\n").join(line.truncate(width * 3) for line in card)


def _advice(state: str) -> Content:
    if state == "unauthorized":
        return Content("Give the operator's token: ") + Content.styled("OPERATOR_TOKEN=… python -m dashboard", "bold")
    start = Content("Start a service on this machine: ") + Content.styled(START_COMMAND, "bold")
    return start + Content.styled("\nThis page fills by itself as soon as one answers.", "$foreground 65%")


class Welcome(Vertical):
    """The card in the middle of the screen, there until the first answer."""

    DEFAULT_CSS = """
    Welcome {
        layer: above; width: 64; max-width: 94%; height: auto; max-height: 90%; padding: 1 3; display: none;
        background: $surface; border: round $panel;
    }
    Welcome.-shown { display: block; }
    Welcome > Static { height: auto; width: 1fr; }
    """

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def show(self, connection: Connection, url: str, never: bool) -> None:
        """Show the card, or hide it once there has been an answer."""
        self.set_class(never, "-shown")
        if never:
            self.query_one(Static).update(welcome(connection, url, 60))
