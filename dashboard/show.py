"""Runs the screens: over live services, or over a recording. The composition root of the dashboard.

Textual is imported here, and this module only when there is a screen to show.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TextIO

from dashboard.app import Dashboard
from dashboard.arguments import Options
from dashboard.model.target import TargetModel
from dashboard.recording.client import ReplayClient
from dashboard.recording.playback import Playback
from dashboard.recording.reader import Recording
from dashboard.recording.recorder import recording


def live(options: Options) -> int:
    """Show the targets until the operator leaves; return the exit code."""
    with recording(options.record, options.targets, lambda problem: app.call_from_thread(app.say, problem)) as keep:
        each = options.history_bytes // len(options.targets)
        app = Dashboard(options.targets, keep=keep, model_factory=partial(TargetModel, history_bytes=each))
        app.run()
    return app.return_code or 0


def replay(path: Path, history_bytes: int, err: TextIO) -> int:
    """Show a recording. Raises ValueError for what is none."""
    recorded = Recording(path, lambda share: _progress(err, share))
    if recorded.skipped:
        err.write(f"{recorded.skipped} damaged lines of {path} are skipped\n")
    playback = Playback(recorded.begins, recorded.ends)
    app = Dashboard(
        recorded.targets,
        client_factory=lambda target: ReplayClient(target, recorded, playback),
        model_factory=partial(TargetModel, history_bytes=history_bytes // len(recorded.targets)),
        clock=playback.now,
        wall=playback.now,
        playback=playback,
    )
    app.run()
    return app.return_code or 0


def _progress(err: TextIO, share: float) -> None:
    err.write(f"\rreading the recording: {share:.0%} ")
    err.flush()
