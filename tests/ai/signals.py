"""Candidates for the tests of this folder."""

from __future__ import annotations

from typing import Any

from service.messages import Signal


def a_candidate(number: int = 1, **overrides: Any) -> Signal:
    """Return an ordinary row of a catalogue; every field may be overridden."""
    fields: dict[str, Any] = {
        "id": f"auto-{number}",
        "name": f"Car buyers {number}",
        "description": f"Shoppers who compare cars of class {number} on dealer sites.",
        "path": ("Automotive", "In market"),
        "countries": ("US", "CA"),
        "coverage_percentage": 6.4,
    }
    return Signal(**(fields | overrides))


def candidates(count: int = 3) -> list[Signal]:
    return [a_candidate(number) for number in range(1, count + 1)]
