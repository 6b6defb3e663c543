"""``python -m tools.grafana``: the board for Grafana, on standard output.

A board is a long JSON document of which little matters: that stands in ``panels``, here it is laid out. The lines that
panels draw are those of the alert table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from service.monitoring.rules import RULES
from tools.grafana.panels import ROWS, Panel

SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH = 24
HEIGHT = 7
_LIMITS = {rule.name: rule for rule in RULES}


def board() -> dict[str, Any]:
    """Return the whole document."""
    choice = {
        "name": "instance",
        "label": "Instance",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": 'label_values(up{job="signals"}, instance)', "refId": "instance"},
        "refresh": 2,
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
    }
    return {
        "uid": "signals-agent",
        "title": "Signals agent",
        "tags": ["signals-agent"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "15s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [choice]},
        "panels": list(_panels()),
    }


def _panels() -> Iterator[dict[str, Any]]:
    number, top = 0, 0
    for title, panels in ROWS.items():
        number += 1
        yield {"id": number, "type": "row", "title": title, "gridPos": _place(0, top, WIDTH, 1), "panels": []}
        top += 1
        across = min(len(panels), 6 if panels[0].kind == "stat" else 4)
        width = WIDTH // across
        for place, panel in enumerate(panels):
            number += 1
            line, column = divmod(place, across)
            yield _panel(panel, number, _place(column * width, top + line * HEIGHT, width, HEIGHT))
        top += -(-len(panels) // across) * HEIGHT


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit, "thresholds": _thresholds(panel.alert)}
    if panel.kind == "timeseries":
        defaults |= {"min": 0, "custom": {"thresholdsStyle": {"mode": "dashed" if panel.alert else "off"}}}
    targets = [
        {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
        for place, (query, legend) in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": targets,
    }


def _thresholds(alert: str | None) -> dict[str, Any]:
    """Return the colours of a value: Grafana wants them from low to high, whichever side is the bad one."""
    steps: list[tuple[str, float | None]] = [("green", None)]
    if alert is not None:
        rule = _LIMITS[alert]
        if rule.comparison == ">":
            steps += [("orange", rule.warns), ("red", rule.fires)]
        else:
            steps = [("red", None), ("orange", rule.fires), ("green", rule.warns)]
    return {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in steps]}


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def main() -> int:
    """Print the board."""
    sys.stdout.write(json.dumps(board(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
