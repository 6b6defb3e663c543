"""The alert table: every rule with its thresholds, for the service, the dashboard and Prometheus alike.

Pure data and its checks; ``alerts`` moves the states. Ratios are 0-1, times seconds, ``WarmupStale`` counts warm-up
intervals. ``load_rules`` puts an operator's TOML file over the table and refuses, in one line that names file, alert
and key, what it does not know or what cannot be meant.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

Severity = Literal["warning", "critical"]
Comparison = Literal[">", "<"]

OVERRIDES = ("warns", "fires", "clears", "for_seconds", "needs", "minimum_firing_seconds")
TABLE_CAPACITY = 100
"""The queue capacity that the thresholds of ``QueueBacklog`` are written for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: the value is bad beyond ``fires`` for ``for_seconds``, and well again on the other side of ``clears``.

    ``comparison`` says which side is bad. ``needs`` is how many samples the value must rest on to mean anything.
    """

    name: str
    description: str
    severity: Severity
    unit: str
    window_seconds: float
    warns: float
    fires: float
    clears: float
    for_seconds: float
    needs: int = 0
    comparison: Comparison = ">"
    minimum_firing_seconds: float = 60.0

    def beyond(self, value: float, threshold: float) -> bool:
        """Return whether ``value`` is on the bad side of ``threshold``; equal is not."""
        return value > threshold if self.comparison == ">" else value < threshold

    def calm(self, value: float) -> bool:
        """Return whether ``value`` is on the good side of ``clears``; equal is not."""
        return value < self.clears if self.comparison == ">" else value > self.clears


# name, description, severity, unit, window, warns, fires, clears, for, needs
RULES: tuple[Rule, ...] = (
    Rule("HighErrorRate", "5xx of all answers", "critical", "ratio", 60, 0.05, 0.10, 0.08, 30, 20),
    Rule("SlowResponses", "p95 of uncached answers", "warning", "seconds", 300, 10, 30, 20, 60, 10),
    Rule("SlowCachedResponses", "p95 of cache hits", "warning", "seconds", 300, 0.5, 1, 0.8, 60, 20),
    Rule("HighMemory", "memory in use", "critical", "ratio", 0, 0.80, 0.90, 0.85, 60),
    Rule("HighCpu", "CPU in use", "warning", "ratio", 60, 0.70, 0.90, 0.80, 300),
    Rule("QueueBacklog", "highest queue depth since the last sample", "critical", "requests", 5, 50, 80, 60, 15),
    Rule("AiFailing", "AI calls that succeed", "critical", "ratio", 900, 0.95, 0.80, 0.90, 60, 10, "<"),
    Rule("AiSlow", "p95 of AI calls", "warning", "seconds", 900, 10, 30, 25, 60, 10),
    Rule("TooManyFallbacks", "answers by text while AI is on", "warning", "ratio", 900, 0.10, 0.25, 0.20, 60, 20),
    Rule("ManyRateLimited", "429 of all answers", "warning", "ratio", 300, 0.10, 0.25, 0.20, 60, 100),
    Rule("WarmupStale", "age of the last good warm-up", "warning", "intervals", 0, 2, 3, 2, 0),
)


def rules_for(queue_capacity: int) -> tuple[Rule, ...]:
    """Return the table with the thresholds of ``QueueBacklog``, written for 100, in proportion to the capacity."""
    scale = queue_capacity / TABLE_CAPACITY
    return tuple(_scaled(rule, scale) if rule.name == "QueueBacklog" else rule for rule in RULES)


def load_rules(path: Path, rules: Sequence[Rule] = RULES) -> tuple[Rule, ...]:
    """Return ``rules`` with the cells that the TOML file overrides; ValueError in one line if it is not right."""
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path}: is not TOML: {error}") from None
    return override(rules, tables, str(path))


def override(rules: Sequence[Rule], tables: Mapping[str, Any], source: str) -> tuple[Rule, ...]:
    """Return ``rules`` with the cells of ``tables`` (a table an alert); ValueError names ``source``, alert and key."""
    known = {rule.name: rule for rule in rules}
    for name, cells in tables.items():
        if name not in known:
            raise ValueError(f"{source}: {name}: no such alert; known are {', '.join(known)}")
        if not isinstance(cells, dict):
            raise ValueError(f"{source}: {name}: must be a table of {', '.join(OVERRIDES)}")
        where = f"{source}: {name}"
        for key, value in cells.items():
            _check_cell(known[name], key, value, where)
        known[name] = _ordered(replace(known[name], **cells), where)
    return tuple(known.values())


def _check_cell(rule: Rule, key: str, value: Any, where: str) -> None:
    if key not in OVERRIDES:
        raise ValueError(f"{where}.{key}: no such key; known are {', '.join(OVERRIDES)}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{where}.{key}: must be a number, not {value!r}")
    if key == "needs" and (not isinstance(value, int) or value < 0):
        raise ValueError(f"{where}.{key}: must be a whole number of samples, 0 or more, not {value!r}")
    if key.endswith("_seconds") and not 0 <= value <= 3600:
        raise ValueError(f"{where}.{key}: must be 0 to 3600 seconds, not {value!r}")
    if key in OVERRIDES[:3]:
        # A threshold of 0, or a ratio of 1, could never be cleared or never be passed.
        limit = 1.0 if rule.unit == "ratio" else math.inf
        if not 0 < value < limit:
            raise ValueError(f"{where}.{key}: must lie between 0 and {limit:g} ({rule.unit}), not {value!r}")


def _ordered(rule: Rule, where: str) -> Rule:
    for key, threshold in (("warns", rule.warns), ("clears", rule.clears)):
        if rule.beyond(threshold, rule.fires):
            side = "above" if rule.comparison == ">" else "below"
            raise ValueError(f"{where}.{key}: {threshold:g} must not be {side} fires ({rule.fires:g})")
    return rule


def _scaled(rule: Rule, scale: float) -> Rule:
    return replace(rule, warns=rule.warns * scale, fires=rule.fires * scale, clears=rule.clears * scale)
