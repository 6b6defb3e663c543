"""Turns one journal entry into one line of JSON, or of console text, by a chain of structlog processors.

Stands between the journal's queue and its stream, on the writer thread. The chain is built here and owned by one
journal: structlog's global configuration is neither read nor changed. It promises one line an entry, whatever its
fields hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from structlog.dev import ConsoleRenderer
from structlog.processors import JSONRenderer, add_log_level
from structlog.typing import EventDict, Processor

from service.monitoring.cleaning import clean, masker

Format = Literal["json", "console"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a caller left behind: ``at`` in epoch seconds; fields that are None are not printed."""

    at: float
    level: str
    event: str
    fields: Mapping[str, Any]


class Renderer:
    """Renders entries; ``secrets`` are masked in every string."""

    def __init__(self, form: Format, *, secrets: Iterable[str] = (), colors: bool = False) -> None:
        self._mask = masker(secrets)
        last: Processor = ConsoleRenderer(colors=colors, sort_keys=False, pad_event_to=0)
        if form == "json":
            last = JSONRenderer(serializer=_serializer())
        self._chain: tuple[Processor, ...] = (add_log_level, self._clean, last)

    def line(self, entry: Entry) -> str:
        """Return the line of an entry, without its line end."""
        document: Any = {"timestamp": timestamp(entry.at), "level": entry.level, "event": entry.event}
        # The three above are what every reader of the log relies on: no field may take their place.
        document |= {key: value for key, value in entry.fields.items() if value is not None and key not in document}
        for processor in self._chain:
            document = processor(None, entry.level, document)
        return str(document)

    def _clean(self, _logger: Any, _method: str, document: EventDict) -> EventDict:
        mask = self._mask
        return {key: clean(value, mask) for key, value in document.items()}


def timestamp(at: float) -> str:
    """Return epoch seconds as ISO 8601 in UTC with milliseconds and ``Z``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _serializer() -> Callable[..., str]:
    # json.dumps() with any argument builds an encoder a call, which costs more than the encoding.
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode

    def serialize(document: EventDict, **_options: Any) -> str:
        return encode(document)

    return serialize
