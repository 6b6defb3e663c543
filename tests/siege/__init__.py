"""The service under siege: repeatable programs, each bounded, on loopback alone, with a printed table."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def environment(port, settings):
    """Return the environ of a besieged service on ``port``: limits out of the load's way, log to nowhere."""
    usual = {"PORT": port, "METRICS_PORT": 0, "RATE_LIMIT": "100000000/60", "BLOCKING": "off", "PYTHONPATH": ROOT}
    return os.environ | {name: str(value) for name, value in (usual | settings).items()}
