"""Screen 7: ask the service as a consumer would, without a token, and see what a consumer sees.

Enter in the field asks; the arrows walk the ranked signals. Timing, cache, request id and what is left of the rate
limit come from the answer itself; a refusal is shown with its status, reason and waiting time. While the field has the
focus every letter belongs to it; escape gives the keys back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from dashboard.client import Explored
from dashboard.model.words import plain
from dashboard.widgets.frame import Frame
from dashboard.widgets.hints import KEYS, Hint
from dashboard.widgets.offer_rows import SIGNALS, detail, offer_line, summary
from dashboard.widgets.offers import Offer, offers
from dashboard.widgets.panel import Drawing, Panel
from dashboard.widgets.seat import seat
from dashboard.widgets.tables import Table

RESULTS = 25
LONGEST_SPEC = 1_000


class ExploreScreen(Screen[None]):
    """A question and its answer."""

    HINTS = (Hint("/", "ask", "screen.ask"), Hint("esc", "leave", "screen.leave"), *KEYS[:3], *KEYS[-2:])
    DEFAULT_CSS = """
    ExploreScreen #ask-panel { height: 5; }
    ExploreScreen #spec, ExploreScreen #spec:focus {
        height: 1; border: none; padding: 0; background: transparent; background-tint: transparent; text-style: bold;
    }
    ExploreScreen #summary { height: 2; }
    ExploreScreen #about-panel { height: 9; }
    ExploreScreen.-low #about-panel { height: 6; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "ask", "Ask something"),
        Binding("escape", "leave", "Leave the field, then the screen", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._answer: Explored | None = None
        self._offers: Sequence[Offer] = ()
        self._asking = ""

    def compose(self) -> ComposeResult:
        with Frame():
            with Panel("Ask as a consumer", id="ask-panel"):
                yield Input(placeholder="parents shopping for strollers", max_length=LONGEST_SPEC, id="spec")
                yield Drawing(id="summary")
            with Panel("Signals", id="signals-panel"):
                yield Table(SIGNALS, empty="nothing asked yet", id="signals")
            with Panel("About", id="about-panel"):
                yield Drawing(id="about")

    def on_mount(self) -> None:
        self.query_one("#spec", Input).focus()
        self.refresh_data()

    def on_table_placed(self) -> None:
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the last answer; a poll changes nothing here."""
        table = self.query_one("#signals", Table)
        width = table.width_for("bar")
        table.empty = self._empty_words()
        table.show([offer_line(index, item, width) for index, item in enumerate(self._offers, start=1)])
        answer, asking = self._answer, self._asking
        self.query_one("#summary", Drawing).show(lambda w, h: summary(answer, asking, w))
        refusal = answer is not None and (answer.status != 200 or answer.problem is not None)
        hint = ("⏎ asks", "esc leaves the field", "/ comes back")
        self.query_one("#ask-panel", Panel).say(*hint, mood="warn" if refusal else "")
        self.query_one("#signals-panel", Panel).say(f"{len(self._offers)} shown" if self._offers else "")
        self._about()

    def _empty_words(self) -> str:
        if self._answer is None:
            return "nothing asked yet"
        if self._answer.status != 200 or self._answer.problem:
            return "refused: see above"
        return "no signal matches"

    def _about(self) -> None:
        row = self.query_one("#signals", Table).cursor_row
        item = self._offers[row] if 0 <= row < len(self._offers) else None
        self.query_one("#about-panel", Panel).name_it("About" if item is None else plain(item.name, 60))
        self.query_one("#about", Drawing).show(lambda w, h: detail(item, w, h))

    def on_data_table_row_highlighted(self) -> None:
        self._about()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._asking = event.value.strip() or " "
        self.refresh_data()
        self.run_worker(self._ask(event.value), group="explore", exclusive=True, exit_on_error=False)

    async def _ask(self, spec: str) -> None:
        answer = await seat(self).client.explore(spec, RESULTS)
        self._answer, self._asking = answer, ""
        self._offers = offers(answer.document) if answer.status == 200 else ()
        self.query_one("#signals", Table).move_cursor(row=0)
        self.refresh_data()
        if self._offers and self.focused is self.query_one("#spec", Input):
            self.query_one("#signals", Table).focus()

    def action_ask(self) -> None:
        """Go to the field."""
        self.query_one("#spec", Input).focus()

    async def action_leave(self) -> None:
        """Give the keys back; from the table, go back to the overview."""
        if self.focused is self.query_one("#spec", Input):
            self.query_one("#signals", Table).focus()
        else:
            await seat(self).action_back()
