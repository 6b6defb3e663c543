"""Runs a command of the ranker in a process of its own, as long as the service goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

_POLL_SECONDS = 0.02
_SAID = 300  # characters of what a failed command said


def run_apart(arguments: Sequence[str], root: Path, ending: Event) -> bool:
    """Run ``python -m service.ranking`` in ``root``; False, and the process is gone, if ``ending`` is set first.

    Raises ``RuntimeError`` with the last words of a command that fails.
    """
    command = [sys.executable, "-m", "service.ranking", *arguments]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        try:
            while child.poll() is None:
                if ending.wait(_POLL_SECONDS):
                    return False
            said = child.stderr.read().decode(errors="replace") if child.stderr else ""
            if child.returncode:
                raise RuntimeError(f"the build ended with {child.returncode}: {said.strip()[-_SAID:]}")
        finally:
            if child.poll() is None:
                child.kill()
    return True
