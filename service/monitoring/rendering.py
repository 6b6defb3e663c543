"""Turns one journal entry into one line of JSON, or of console text, by a chain of structlog processors.

Stands between the journal's queue and its stream, on the writer thread. The chain is built here and owned by one
journal: structlog's global configuration is neither read nor changed. It promises one line an entry, whatever its
fields hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

from service.monitoring.cleaning import INTEGER_LIMIT, clean, clean_text, masker

Format = Literal["json", "console"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a caller left behind: ``at`` in epoch seconds; fields that are None are not printed."""

    at: float
    level: str
    event: str
    fields: Mapping[str, Any]


# What a request's line tells, in this order; a request is queued as the plain tuple of these values.
FIELDS = (
    *("request_id", "endpoint", "method", "status", "duration", "client"),
    *("spec", "max_results", "cache", "ranking_method", "queue_wait", "error"),
)
_STATUS = FIELDS.index("status")
_QUOTED_KEPT = 2_048
_QUOTED_LENGTH = 200


class Renderer:
    """Renders entries; ``secrets`` are masked in every string."""

    def __init__(self, form: Format, *, secrets: Iterable[str] = (), colors: bool = False) -> None:
        self._mask = masker(secrets)
        self._colors = colors
        self._quick = form == "json"
        # Most strings of request lines come again and again.
        self._quoted = lru_cache(_QUOTED_KEPT)(self._quote)

    @cached_property
    def _chain(self) -> tuple[Processor, ...]:
        # Here, not above: structlog is first needed on the writer thread, which nobody waits for.
        from structlog.dev import ConsoleRenderer
        from structlog.processors import JSONRenderer, add_log_level

        last: Processor = ConsoleRenderer(colors=self._colors, sort_keys=False, pad_event_to=0)
        if self._quick:
            last = JSONRenderer(serializer=_serialize)
        return (add_log_level, self._clean, last)

    def line(self, entry: Entry) -> str:
        """Return the line of an entry, without its line end."""
        document: Any = {"timestamp": timestamp(entry.at), "level": entry.level, "event": entry.event}
        # The three above are what every reader of the log relies on: no field may take their place.
        document |= {key: value for key, value in entry.fields.items() if value is not None and key not in document}
        for processor in self._chain:
            document = processor(None, entry.level, document)
        return str(document)

    def request_line(self, at: float, values: tuple[Any, ...], more: Mapping[str, Any]) -> str:
        """Return the line of an answered request, ``values`` in the order of ``FIELDS``.

        There is one a request, so the JSON of plain values is put together here, at a third of what the chain takes.
        """
        level = "info" if values[_STATUS] < 500 else "error"
        if not self._quick or more:
            fields = dict(more) | dict(zip(FIELDS, values, strict=True))
            return self.line(Entry(at, level, "request", fields))
        parts = [f'{{"timestamp": "{timestamp(at)}", "level": "{level}", "event": "request"']
        for name, value in zip(FIELDS, values, strict=True):
            if value is not None:
                parts.append(f', "{name}": {self._json(value)}')
        return "".join(parts) + "}"

    def _json(self, value: Any) -> str:
        if type(value) is str:
            return self._quoted(value) if len(value) <= _QUOTED_LENGTH else self._quote(value)
        if type(value) is float and isfinite(value):
            return f"{value:.6f}"  # seconds, to the microsecond
        if type(value) is int and abs(value) < INTEGER_LIMIT:
            return str(value)
        return _encode(clean(value, self._mask))

    def _quote(self, text: str) -> str:
        return _encode(clean_text(text, self._mask))

    def _clean(self, _logger: Any, _method: str, document: EventDict) -> EventDict:
        mask = self._mask
        return {key: clean(value, mask) for key, value in document.items()}


def timestamp(at: float) -> str:
    """Return epoch seconds as ISO 8601 in UTC with milliseconds and ``Z``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


# json.dumps() with any argument builds an encoder a call, which costs more than the encoding.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode


def _serialize(document: EventDict, **_options: Any) -> str:
    return _encode(document)
