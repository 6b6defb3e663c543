"""What the operator can do: by key, by mouse and from the palette (ctrl+p), all three fed from the same list.

The actions know the models and clients only through the few attributes declared here; ``dashboard.app`` provides them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from dashboard.themes import THEMES, theme_after
from dashboard.widgets.hints import SCREENS
from dashboard.widgets.strip import noisy

if TYPE_CHECKING:
    from dashboard.client import Client
    from dashboard.model.target import TargetModel

SNOOZE_SECONDS = 900.0


class Actions(App[None]):
    """Keys, actions and the command palette."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"show('{name}')", title, show=False) for key, name, title in SCREENS),
        Binding("q", "quit", "Quit"),
        Binding("question_mark", "help", "Help: keys and signs"),
        Binding("escape", "back", "Back"),
        Binding("space", "pause", "Pause or go on painting (data is still collected)"),
        Binding("a", "acknowledge", "Acknowledge the worst alert"),
        Binding("s", "snooze", "Snooze the worst alert for 15 minutes"),
        Binding("w", "warm_up", "Warm the cache up now"),
        Binding("r", "poll_now", "Poll now"),
        Binding("t", "next_theme", "Next theme"),
    ]

    active_name = "overview"
    paused = False

    if TYPE_CHECKING:

        @property
        def model(self) -> TargetModel: ...

        @property
        def client(self) -> Client: ...

        def now(self) -> float: ...

        def repaint(self) -> None: ...

    async def action_show(self, name: str) -> None:
        """Show the screen called ``name``, closing whatever lies above the present one."""
        while len(self.screen_stack) > 2:
            await self.pop_screen()
        self.active_name = name
        await self.switch_screen(name)
        self.repaint()

    async def action_back(self) -> None:
        """Close the screen on top; from a numbered screen go back to the overview."""
        if len(self.screen_stack) > 2:
            await self.pop_screen()
            self.repaint()
        elif self.active_name != "overview":
            await self.action_show("overview")

    async def action_zoom_to(self, key: str) -> None:
        """Open the big chart of the vital sign ``key``."""
        from dashboard.screens.zoom import ZoomScreen

        await self.push_screen(ZoomScreen(key))
        self.repaint()

    async def action_help(self) -> None:
        """Open the help screen, or close it."""
        from dashboard.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            await self.action_back()
        else:
            await self.push_screen(HelpScreen())

    def action_pause(self) -> None:
        """Stop or go on painting; collecting goes on."""
        self.paused = not self.paused
        self.repaint()

    def action_next_theme(self) -> None:
        """Put on the next of our themes."""
        self.action_wear(theme_after(self.theme))

    def action_wear(self, theme: str) -> None:
        """Put on ``theme``."""
        self.theme = theme
        self.notify(theme, title="Theme", timeout=2)
        self.repaint()

    def action_acknowledge(self) -> None:
        """Acknowledge the worst alert that nobody has acknowledged yet."""
        waiting = [view for view in noisy(self.model.alerts(self.now())) if not view.acknowledged]
        if not waiting:
            self.say("Nothing to acknowledge")
            return
        self.model.acknowledge(waiting[0].alert.name)
        self.say(f"{waiting[0].alert.name} acknowledged")
        self.repaint()

    def action_snooze(self) -> None:
        """Silence the worst alert for a while."""
        views = noisy(self.model.alerts(self.now()))
        if not views:
            self.say("Nothing to snooze")
            return
        self.model.snooze(views[0].alert.name, SNOOZE_SECONDS, self.now())
        self.say(f"{views[0].alert.name} snoozed for {SNOOZE_SECONDS / 60:.0f} minutes")
        self.repaint()

    def action_warm_up(self) -> None:
        """Ask the service to warm its cache up, and say what came of it."""
        self.run_worker(self._warm_up(), group="warm-up", exclusive=True, exit_on_error=False)

    async def _warm_up(self) -> None:
        self.say(await self.client.warm_up())

    def action_poll_now(self) -> None:
        """Poll the present target at once, whatever its interval or back-off."""
        self.run_worker(self._poll_now(), group="poll-now", exclusive=True, exit_on_error=False)

    async def _poll_now(self) -> None:
        self.model.take(await self.client.poll())
        self.repaint()

    def say(self, sentence: str) -> None:
        """Show one sentence for a moment; text of a server is never markup."""
        self.notify(sentence, markup=False, timeout=4)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield every action for the palette."""
        for key, name, title in SCREENS:
            yield SystemCommand(f"Show {title}", f"key {key}", _later(self, f"app.show('{name}')"))
        for vital in self.model.vitals(self.now(), 60.0):
            yield SystemCommand(f"Zoom {vital.name}", "the big chart", _later(self, f"app.zoom_to('{vital.key}')"))
        for binding in self.BINDINGS:
            if isinstance(binding, Binding) and not binding.action.startswith("show("):
                yield SystemCommand(binding.description, f"key {binding.key}", _later(self, f"app.{binding.action}"))
        for theme in THEMES:
            yield SystemCommand(f"Theme {theme.name}", "look", _later(self, f"app.wear('{theme.name}')"))
        yield SystemCommand("Save a picture", "SVG of this screen", self.deliver_screenshot)


def _later(app: App[None], action: str) -> Any:
    """Return a callback that runs ``action`` once the palette is gone."""

    async def run() -> None:
        await app.run_action(action)

    return run
