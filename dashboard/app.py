"""The dashboard itself: one model and one client a target, polled for ever; the active screen is painted at each poll.

Screens read ``app.model`` and never fetch; the client fetches and never paints. A poll paints once (``batch_update``);
pausing stops the painting of the body and nothing else, so that no history is lost. Screens are imported a
moment after the first paint, and built when they are first shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from importlib import import_module
from math import inf
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from rich.style import Style
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from dashboard.actions import Actions
from dashboard.client import Client
from dashboard.config import Target
from dashboard.model import words
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.model.target import TargetModel
from dashboard.recording.playback import Playback
from dashboard.themes import THEMES
from dashboard.widgets.frame import Frame
from dashboard.widgets.palette import palette

TICK_SECONDS = 1.0
SETTLE_SECONDS = 1.0
WINDOW_SECONDS = 900.0
DEFECT_SECONDS = 5.0
CLASSES = {
    "overview": "OverviewScreen",
    "alerts": "AlertsScreen",
    "traffic": "TrafficScreen",
    "ai_cache": "AiCacheScreen",
    "jobs": "JobsScreen",
    "errors": "ErrorsScreen",
    "explore": "ExploreScreen",
    "fleet": "FleetScreen",
}
KEPT = CLASSES | {"zoom": "ZoomScreen"}
"""The screens that are kept when they are left: those with a number, and the big chart above them."""


class Refreshable(Protocol):
    """A screen that shows the model."""

    def refresh_data(self) -> None:
        """Read the model again and draw what changed."""


def load(name: str) -> Screen[Any]:
    """Import and build the screen called ``name``."""
    return cast(Screen[Any], getattr(import_module(f"dashboard.screens.{name}"), KEPT[name])())


class Dashboard(Actions):
    """The operator's view of one service or several."""

    TITLE = "signals dashboard"
    CSS_PATH = "dashboard.tcss"
    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {name: partial(load, name) for name in KEPT}

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        client_factory: Callable[[Target], Client] = Client,
        keep: Callable[[Target, Snapshot | Failure], None] | None = None,
        playback: Playback | None = None,
        problems: SimpleQueue[str] | None = None,
        settled: Callable[[], None] = lambda: None,
        model_factory: Callable[[Target], TargetModel] = TargetModel,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self._clock, self._wall, self._zone = clock, wall, zone
        self._keep_answer = keep
        self._problems: SimpleQueue[str] = SimpleQueue() if problems is None else problems
        self.playback = playback
        self._model_factory = model_factory
        self.models = [model_factory(target) for target in targets]
        self.clients = [client_factory(target) for target in targets]
        self._settled = settled
        self._known: set[str] = set()
        self.current = 0
        self._painted_at = -inf
        self._palettes: dict[str, Mapping[str, Style]] = {}
        self.window_seconds = WINDOW_SECONDS
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    @property
    def model(self) -> TargetModel:
        """The model of the target being looked at."""
        return self.models[self.current]

    @property
    def client(self) -> Client:
        """The client of the target being looked at."""
        return self.clients[self.current]

    @property
    def palette(self) -> Mapping[str, Style]:
        """The styles of the roles in the present theme."""
        if self.theme not in self._palettes:
            self._palettes[self.theme] = palette(self.current_theme.to_color_system().generate())
        return self._palettes[self.theme]

    def now(self) -> float:
        """Return the monotonic second, the time base of the models."""
        return self._clock()

    def wall(self) -> float:
        """Return the Unix second, the time base of the charts."""
        return self._wall()

    def clock_time(self, wall: float | None = None) -> str:
        """Return the time of day of a Unix second, or that of now, in the operator's time zone."""
        return words.clock_time(self._wall() if wall is None else wall, self._zone)

    async def on_mount(self) -> None:
        await self.push_screen("overview")
        self.shown(self.active_name)
        self._poll()
        self.set_interval(TICK_SECONDS, self._tick)
        self.set_timer(SETTLE_SECONDS, self._prepare)
        self.repaint()

    async def on_unmount(self) -> None:
        for client in self.clients:
            await client.close()

    async def _prepare(self) -> None:
        """Read the code of the other screens, so that the first key for one of them waits for less."""
        for name in (*KEPT, "help"):
            await asyncio.to_thread(import_module, f"dashboard.screens.{name}")

    def _poll(self) -> None:
        for index, model in enumerate(self.models):
            # Many targets are asked in turns over the interval, not all in the same moment.
            after = model.interval * index / len(self.models)
            loop = self._poll_after(after, self.clients[index], model)
            self.run_worker(loop, name=f"poll {model.name}", group="poll", exit_on_error=False)

    async def _poll_after(self, seconds: float, client: Client, model: TargetModel) -> None:
        await asyncio.sleep(seconds)
        while True:
            try:
                await client.run(partial(self._take, model), lambda: False)
                return
            except Exception as error:
                # A defect of this program, met by one answer: it must not end the watch.
                self.notify(f"An answer of {model.name} cannot be shown: {error!r}", severity="error", markup=False)
                await asyncio.sleep(max(model.interval, DEFECT_SECONDS))

    async def seek_to(self, wall: float) -> None:
        """Go to a Unix second of the recording. Back in time the models are made anew: they cannot forget."""
        if self.playback is not None and self.playback.seek(wall):
            self.workers.cancel_group(self, "poll")
            self.models = [self._model_factory(model.target) for model in self.models]
            self._poll()
        self.repaint()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self.notify(f"{event.worker.name} stopped: {event.worker.error!r}", severity="error", markup=False)

    def _take(self, model: TargetModel, answer: Snapshot | Failure) -> None:
        if self._keep_answer is not None:
            self._keep_answer(model.target, answer)
        model.take(answer)
        if model is self.model:
            self.repaint()

    def _tick(self) -> None:
        # Threads that write files report here what went wrong.
        while not self._problems.empty():
            self.notify(self._problems.get(), severity="warning", markup=False, timeout=10)
        # Ages and clocks go on where no poll comes; where one comes each second, it has painted them or is about to.
        quiet = 1.5 if self.model.interval <= TICK_SECONDS else 0.5
        if abs(self.now() - self._painted_at) >= TICK_SECONDS * quiet:
            for frame in self._frames():
                frame.refresh_data()

    def shown(self, name: str) -> None:
        """Note that a screen is shown; a little after its first time ``settled`` is told that it is there to stay."""
        if name not in self._known:
            self._known.add(name)
            self.set_timer(SETTLE_SECONDS, self._settled)

    def _shown(self) -> Screen[Any] | None:
        """Return the topmost screen that shows the model: the one under a dialog keeps living."""
        return next((screen for screen in reversed(self.screen_stack) if hasattr(screen, "refresh_data")), None)

    def _frames(self) -> Iterable[Frame]:
        screen = self._shown()
        return () if screen is None else screen.query(Frame)

    def repaint(self, whole: bool = False) -> None:
        """Show the model as it is now: the frame always, the body unless paused, or if the ``whole`` is wanted."""
        screen = self._shown()
        if screen is None or not screen.is_mounted:
            return
        self._painted_at = self.now()
        with self.batch_update():
            for frame in self._frames():
                frame.refresh_data()
            if whole or not self.paused:
                cast(Refreshable, screen).refresh_data()


if TYPE_CHECKING:
    from dashboard.widgets.seat import Seat

    _FITS: type[Seat] = Dashboard
