"""Runs the screens: over live services, or over a recording. The composition root of the dashboard.

Textual is imported here, and this module only when there is a screen to show.
"""

from __future__ import annotations

import gc
import os
from contextlib import closing
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from dashboard.app import Dashboard
from dashboard.arguments import Options
from dashboard.marks_file import MarksFile, state_folder
from dashboard.model.target import TargetModel
from dashboard.recording.client import ReplayClient
from dashboard.recording.playback import Playback
from dashboard.recording.reader import Recording
from dashboard.recording.recorder import recording


def spare_the_collector() -> None:
    """Take what is there to stay, such as modules and screens, out of the garbage collector's rounds.

    With all screens shown a full round takes a tenth of a second, in which no key is answered.
    """
    gc.collect(1)
    gc.freeze()


def live(options: Options) -> int:
    """Show the targets until the operator leaves; return the exit code."""
    problems: SimpleQueue[str] = SimpleQueue()
    # Said on the command line too, where the screen covers them.
    for warning in options.warnings:
        problems.put(warning)
    each = options.history_bytes // len(options.targets)
    path = state_folder(os.environ, Path.home()) / "marks.json"
    with (
        recording(options.record, options.targets, problems.put) as keep,
        closing(MarksFile(path, problems.put)) as marks,
    ):
        app = Dashboard(
            options.targets,
            keep=keep,
            problems=problems,
            settled=spare_the_collector,
            model_factory=lambda target: TargetModel(target, history_bytes=each, marks=marks.marks_of(target.url)),
        )
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
        settled=spare_the_collector,
    )
    app.run()
    return app.return_code or 0


def _progress(err: TextIO, share: float) -> None:
    err.write(f"\rreading the recording: {share:.0%} ")
    err.flush()
