"""The dashboard without a terminal, at 160x48, for a while; prints a JSON line of what that took.

Usage: python -m tests.bench.programs.headless_dashboard SECONDS URL..., with the token in OPERATOR_TOKEN.
``first_paint`` is in seconds since the program was begun, which the variable BEGAN tells (monotonic seconds).
"""

import json
import os
import sys
import time
from pathlib import Path

import psutil

import dashboard
from dashboard.app import Dashboard
from dashboard.config import Target
from dashboard.show import spare_the_collector

WARM_SECONDS = 5.0


class Measured(Dashboard):
    """Notes when it was painted first, and its CPU time once it is warm."""

    CSS_PATH = Path(dashboard.__file__).parent / "dashboard.tcss"

    seconds = 60.0
    first_paint = None
    paints = 0
    cpu_before = 0.0
    at_before = 0.0

    def _display(self, screen, renderable):
        super()._display(screen, renderable)
        self.paints += 1
        if self.first_paint is None and screen is self.screen and type(screen).__name__ == "OverviewScreen":
            self.first_paint = time.monotonic() - float(os.environ.get("BEGAN", "0"))

    # Textual calls the handler of each class, the dashboard's own too.
    def on_mount(self) -> None:
        self.set_timer(WARM_SECONDS, self.begin)
        self.set_timer(self.seconds, self.end)

    def begin(self) -> None:
        self.cpu_before, self.at_before, self.paints = time.process_time(), time.monotonic(), 0

    def end(self) -> None:
        lasted = time.monotonic() - self.at_before
        self.exit(
            {
                "cpu_percent": 100 * (time.process_time() - self.cpu_before) / lasted,
                "megabytes": psutil.Process().memory_info().rss / 1e6,
                "paints_a_second": self.paints / lasted,
                "first_paint": self.first_paint,
            }
        )


def main() -> None:
    app = Measured(
        [Target(url, url, os.environ.get("OPERATOR_TOKEN")) for url in sys.argv[2:]], settled=spare_the_collector
    )
    app.seconds = float(sys.argv[1])
    print(json.dumps(app.run(headless=True, size=(160, 48))))


if __name__ == "__main__":
    main()
