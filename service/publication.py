"""The published catalogue put together: where it is read from, where it is noted, and who is told of a new one.

Imported only where a ``CATALOGUE_URL`` is set; what reads it is imported later still, beside the running service.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from service.catalogue.shelf import Shelf
from service.observation import Observation
from service.published.file import Fetched, Marks
from service.published.source import Listeners, Source
from service.settings import Settings
from service.state import State

if TYPE_CHECKING:
    from service.published.fetching import Fetcher

FETCH_SECONDS = 120.0
_NOTE = "published_catalogue"


def publication(
    settings: Settings, watching: Observation, state: State, shelf: Shelf, replaced: Callable[[str], object]
) -> Source:
    """Return what keeps ``shelf`` as published; ``replaced`` is told the version of each new catalogue."""
    url = str(settings.catalogue_url)

    @cache
    def fetcher() -> Fetcher:
        from service.published.fetching import Bounds, Fetcher  # httpx takes a tenth of the service's start

        folder = settings.database_path.absolute().parent
        return Fetcher(url, Bounds(FETCH_SECONDS, settings.catalogue_upload_bytes, folder), watching.now)

    def fetch(known: Marks) -> Fetched | None:
        return fetcher()(known)

    def noted() -> str | None:
        note = state.note(_NOTE)
        return note.text if note else None

    def note(text: str) -> None:
        state.keep_note(_NOTE, text)

    return Source(url, fetch, shelf, noted, note, Listeners(watching.journal.event, replaced))
