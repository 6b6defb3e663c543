"""What the operator can do: by key, by mouse and from the palette (ctrl+p), all three fed from the same list.

The actions know the models and clients only through the few attributes declared here; ``dashboard.app`` provides them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from dashboard.commands import commands
from dashboard.export import as_csv, save
from dashboard.themes import theme_after
from dashboard.widgets.hints import SCREENS
from dashboard.widgets.strip import loud

if TYPE_CHECKING:
    from dashboard.client import Client
    from dashboard.model.target import TargetModel
    from dashboard.recording.playback import Playback
    from dashboard.screens.zoom import ZoomScreen

SNOOZE_SECONDS = 900.0


class Actions(App[None]):
    """Keys, actions and the command palette."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"show('{name}')", title, show=False) for key, name, title in SCREENS),
        Binding("q,ctrl+c", "quit", "Quit"),
        Binding("question_mark", "help", "Help: keys and signs"),
        Binding("escape", "back", "Back"),
        Binding("space", "pause", "Pause or go on painting (data is still collected)"),
        Binding("a", "acknowledge", "Acknowledge the worst alert"),
        Binding("s", "snooze", "Snooze the worst alert for 15 minutes"),
        Binding("w", "warm_up", "Warm the cache up now"),
        Binding("r", "poll_now", "Poll now"),
        Binding("t", "next_theme", "Next theme"),
        Binding("e", "export", "Save the visible series as CSV"),
        Binding("p", "picture", "Save a picture of this screen as SVG"),
        Binding("0", "show('fleet')", "Fleet", show=False),
        Binding("comma", "seek(-60)", "Replay: a minute back", show=False),
        Binding("full_stop", "seek(60)", "Replay: a minute on", show=False),
        Binding("less_than_sign", "seek(-600)", "Replay: ten minutes back", show=False),
        Binding("greater_than_sign", "seek(600)", "Replay: ten minutes on", show=False),
        Binding("left_curly_bracket", "speed(-1)", "Replay: slower", show=False),
        Binding("right_curly_bracket", "speed(1)", "Replay: faster", show=False),
    ]

    active_name = "overview"
    paused = False

    if TYPE_CHECKING:

        @property
        def model(self) -> TargetModel: ...

        @property
        def client(self) -> Client: ...

        models: list[TargetModel]
        current: int
        window_seconds: float

        playback: Playback | None

        def now(self) -> float: ...

        async def seek_to(self, wall: float) -> None: ...

        def wall(self) -> float: ...

        def repaint(self, whole: bool = False) -> None: ...

        def shown(self, name: str) -> None: ...

    async def action_show(self, name: str) -> None:
        """Show the screen called ``name``, closing whatever lies above the present one."""
        # One paint for all of it: the screen must not be seen before its data is.
        with self.batch_update():
            while len(self.screen_stack) > 2:
                await self.pop_screen()
            self.active_name = name
            await self.switch_screen(name)
            self.shown(name)
            # Paused or not: a screen that comes up shows what is, not what was when it was last seen.
            self.repaint(whole=True)

    def action_look_at(self, index: int) -> None:
        """Look at another target, from the screen of all of them too."""
        self.look_at(index)

    def look_at(self, index: int) -> None:
        """Look at another target: the same screen, the other model."""
        if self.models:
            self.current = index % len(self.models)
            self.repaint()

    def action_focus_next(self) -> None:
        """Go to the next target where there are several, else to the next widget."""
        self._step(1, super().action_focus_next)

    def action_focus_previous(self) -> None:
        """Go to the target before where there are several, else to the widget before."""
        self._step(-1, super().action_focus_previous)

    def _step(self, step: int, otherwise: Callable[[], None]) -> None:
        # A dialog is walked through by tab, whatever lies under it.
        if len(self.models) > 1 and not isinstance(self.screen, ModalScreen):
            self.look_at(self.current + step)
        else:
            otherwise()

    async def action_back(self) -> None:
        """Close the screen on top; from a numbered screen go back to the overview."""
        if len(self.screen_stack) > 2:
            with self.batch_update():
                await self.pop_screen()
                self.repaint()
        elif self.active_name != "overview":
            await self.action_show("overview")

    async def action_zoom_to(self, key: str) -> None:
        """Open the big chart of the vital sign ``key``."""
        with self.batch_update():
            chart = cast("ZoomScreen", self.get_screen("zoom"))
            if self.screen is not chart:
                await self.push_screen(chart)
            chart.look_at(key)
            self.repaint(whole=True)

    async def action_help(self) -> None:
        """Open the help screen, or close it."""
        from dashboard.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            await self.action_back()
        else:
            with self.batch_update():
                await self.push_screen(HelpScreen())

    async def action_pause(self) -> None:
        """Stop or go on painting, collecting goes on; or stop or go on replaying, from the end anew."""
        if self.playback is None:
            self.paused = not self.paused
        elif self.playback.ended:
            self.playback.paused = False
            await self.seek_to(self.playback.begins)
        else:
            self.playback.toggle()
        self.repaint()

    async def action_seek(self, seconds: int) -> None:
        """Go back or forth in a recording."""
        if self.playback is not None:
            await self.seek_to(self.playback.now() + seconds)

    def action_speed(self, step: int) -> None:
        """Replay faster (1) or slower (-1)."""
        if self.playback is not None:
            self.playback.faster(step)
            self.repaint()

    def action_next_theme(self) -> None:
        """Put on the next of our themes."""
        self.action_wear(theme_after(self.theme))

    def action_wear(self, theme: str) -> None:
        """Put on ``theme``."""
        self.theme = theme

    def action_acknowledge(self) -> None:
        """Acknowledge the worst alert that nobody has acknowledged yet."""
        waiting = [view for view in loud(self.model.alerts(self.now())) if not view.acknowledged]
        if not waiting:
            self.say("Nothing to acknowledge")
            return
        self.model.acknowledge(waiting[0].alert.name)
        self.say(f"{waiting[0].alert.name} acknowledged")
        self.repaint()

    def action_snooze(self) -> None:
        """Silence the worst alert for a while."""
        views = loud(self.model.alerts(self.now()))
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
        if not self.client.hurry():
            self.say("This is a recording: nothing can be asked of the service.")

    def action_export(self) -> None:
        """Write the series on the screen to a CSV file in the working folder."""
        exported = getattr(self.screen, "exported", None)
        vitals = exported() if exported else self.model.vitals(self.now(), self.window_seconds)
        self._keep(as_csv(vitals), ".csv")

    def action_picture(self) -> None:
        """Write a picture of the screen to an SVG file in the working folder."""
        self._keep(self.export_screenshot(), ".svg")

    def _keep(self, text: str, suffix: str) -> None:
        try:
            path = save(text, Path.cwd(), self.model.name, self.wall(), suffix)
        except OSError as error:
            self.say(f"Nothing was saved: {error.strerror or error}")
        else:
            self.say(f"Saved as {path.name}")

    def say(self, sentence: str) -> None:
        """Show one sentence for a moment; text of a server is never markup."""
        self.notify(sentence, markup=False, timeout=4)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield every action for the palette."""
        return commands(self, screen)
