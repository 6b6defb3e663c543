"""Numbers and times in words, the same on every screen. Pure.

Every number has three significant digits and comes with its unit apart, so that a tile can grey the unit. A number that
is not known is a dash. Clock times are shown in the time zone that is given, or in that of this machine.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from math import floor, isfinite, log10

DASH = "–"
MEGABYTE = 1_000_000
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def number(value: float | None, unit: str = "") -> tuple[str, str]:
    """Return ``value`` in three significant digits and the unit it is in then.

    ``s`` becomes ``ms`` or ``µs`` under a second and ``m`` or ``h`` above ten minutes, ``B`` and ``MB`` the fitting
    multiple; other units keep their name and take ``k``, ``M``, ``G`` or ``T``. Whole numbers of things stay whole.
    """
    if value is None or not isfinite(value):
        return DASH, unit
    if unit == "s":
        return _seconds(value)
    if unit in ("B", "MB"):
        return _bytes(value * (MEGABYTE if unit == "MB" else 1))
    return _scaled(value, whole=unit in ("", "requests", "entries")), unit


def measure(value: float | None, unit: str = "") -> str:
    """Return number and unit in one text: ``1.84k /s``, ``320 ms``, ``–``."""
    text, unit = number(value, unit)
    return text if text == DASH or not unit else f"{text} {unit}"


def duration(seconds: float | None) -> str:
    """Return a length of time in its two largest units: ``41s``, ``2m14s``, ``3h05m``, ``3d04h``; a dash for None."""
    if seconds is None or not isfinite(seconds):
        return DASH
    whole = max(int(seconds), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02d}h"
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def ago(seconds: float | None) -> str:
    """Return how long ago something was: ``0.4s ago``, ``2m14s ago``; a dash for None."""
    if seconds is None or not isfinite(seconds):
        return DASH
    return f"{max(seconds, 0.0):.1f}s ago" if seconds < 9.95 else f"{duration(seconds)} ago"


def clock_time(wall: float | None, zone: tzinfo | None = None) -> str:
    """Return the time of day of a Unix second, ``12:41:07``; a dash for what is none."""
    if wall is None:
        return DASH
    try:
        return datetime.fromtimestamp(wall, UTC).astimezone(zone).strftime("%H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return DASH


def unix_seconds(text: str | None) -> float | None:
    """Return the Unix second of an ISO 8601 time; None for what is none. A time without a zone is UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError, OSError):
        return None


def plain(text: str, longest: int = 200) -> str:
    """Return a server's text fit for one line: no control or bidirectional character, and at most ``longest`` long."""
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return short if short.isprintable() else "".join(c if c.isprintable() else "·" for c in short)


def _seconds(value: float) -> tuple[str, str]:
    size = abs(value)
    if size >= 36_000:
        return _scaled(value / 3600, whole=False), "h"
    if size >= 600:
        return _digits(value / 60), "m"
    if size >= 0.9995 or value == 0:
        return _digits(value), "s"
    if size >= 0.0009995:
        return _digits(value * 1e3), "ms"
    return _digits(value * 1e6), "µs"


def _bytes(value: float) -> tuple[str, str]:
    text = _scaled(value, whole=True)
    return (text[:-1], f"{text[-1]}B") if text[-1].isalpha() else (text, "B")


def _scaled(value: float, whole: bool) -> str:
    if abs(value) >= 9.995e14:
        return f"{value:.0e}"
    for scale, letter in _SCALES:
        if abs(value) >= scale * 0.9995:
            return _digits(value / scale) + letter
    return _digits(value, whole)


def _digits(value: float, whole: bool = False) -> str:
    """Return three significant digits, at most two behind the point; a whole number of things has none there."""
    if value == 0 or (whole and value == int(value)):
        return f"{value:.0f}" if whole or value else "0.00"
    places = 2 - floor(log10(abs(float(f"{value:.2e}"))))
    return f"{value:.{min(max(places, 0), 2)}f}"
