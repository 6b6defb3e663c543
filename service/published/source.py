"""Keeps the catalogue what its publisher made it: fetch, and import as a whole what is new.

A job calls ``refresh``, on a thread that may wait for others. Whatever comes, the last good catalogue is served: a file
with a single bad row changes nothing. What was imported last is remembered across restarts, so that the same file is
neither fetched nor imported twice; where something else is served meanwhile, it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from service.catalogue.importing import ImportReport
from service.catalogue.rows import guess_format, open_text, read_rows
from service.catalogue.shelf import Shelf
from service.errors import Refused
from service.published.file import Fetched, FetchFailed, Marks

Outcome = Literal["replaced", "unchanged", "failed", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("replaced", "unchanged", "failed", "refused")


@dataclass(frozen=True, slots=True)
class Imported:
    """The file that the catalogue was last made of; ``address`` is a digest, since the address may be a secret."""

    address: str = ""
    etag: str = ""
    modified: str = ""
    sha256: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told: the journal (level, event, fields); and whoever acts on a new version."""

    event: Callable[..., None]
    replaced: Callable[[str], object]


class Source:
    """The publication at ``url``, read by ``fetch`` and imported into ``shelf``.

    ``load`` and ``save`` keep a short text across restarts. One thread calls ``refresh``, any may read.
    """

    def __init__(
        self,
        url: str,
        fetch: Callable[[Marks], Fetched | None],
        shelf: Shelf,
        load: Callable[[], str | None],
        save: Callable[[str], None],
        listeners: Listeners,
    ) -> None:
        self._address = hashlib.blake2b(url.encode("utf-8", "replace"), digest_size=8).hexdigest()
        self._format = guess_format(url.partition("?")[0].removesuffix(".gz"))
        self._fetch = fetch
        self._shelf = shelf
        self._save = save
        self._listeners = listeners
        self._imported = _read(load(), self._address)
        self._refused: tuple[Marks, str] | None = None  # the bad file that was read last, and what is bad about it
        self._counts: dict[Outcome, int] = dict.fromkeys(OUTCOMES, 0)
        self._trouble: str | None = None

    def refresh(self) -> Outcome:
        """Look for another file, and serve it if it is sound; return what came of it."""
        outcome, trouble, why = self._refreshed()
        self._counts[outcome] += 1
        if trouble != self._trouble:
            self._tell(trouble, why)
        self._trouble = trouble
        return outcome

    def trouble(self) -> str | None:
        """Return what is the matter with the publication, for everybody to read, or None."""
        return self._trouble

    def counts(self) -> Mapping[str, int]:
        """Return how often a look ended in each way, since the start."""
        return dict(self._counts.items())

    @property
    def looked(self) -> bool:
        """Whether it was looked for at all."""
        return any(self._counts.values())

    def _refreshed(self) -> tuple[Outcome, str | None, str]:
        """Return the outcome, the trouble for everybody, and the reason for the log."""
        try:
            fetched = self._fetch(self._known())
        except FetchFailed as failure:
            return "failed", f"it could not be read: {failure}", str(failure)
        if fetched is None:
            # The same file as before, and as good or bad as it was.
            return ("refused", self._refused[1], "") if self._refused else ("unchanged", None, "")
        with fetched.content:
            return self._taken(fetched)

    def _known(self) -> Marks:
        """Return by what the publisher may say that nothing is new to us."""
        if self._refused is not None:
            return self._refused[0]
        kept = self._imported
        return Marks(kept.etag, kept.modified) if kept.version == self._shelf.content() else Marks()

    def _taken(self, fetched: Fetched) -> tuple[Outcome, str | None, str]:
        self._refused = None
        kept = self._imported
        if fetched.sha256 == kept.sha256 and kept.version == self._shelf.content():
            self._remember(fetched, kept.version)
            return "unchanged", None, ""
        before = self._shelf.content()
        try:
            with open_text(fetched.content) as text:  # type: ignore[arg-type]
                report = self._shelf.publish(read_rows(text, self._format), replace=True)
        except Refused as refusal:
            # Of this instance, not of the file: the next look tries again.
            return "failed", f"it could not be imported: {refusal.detail}", refusal.detail
        if not report.written:
            rows = "1 bad row" if report.bad_count == 1 else f"{report.bad_count} bad rows"
            self._refused = (fetched.marks, f"{rows} in it: the log has the first")
            return "refused", self._refused[1], _first(report)
        self._remember(fetched, report.version)
        if report.version == before:
            return "unchanged", None, ""
        counts = {name: getattr(report, name) for name in ("inserted", "updated", "removed")}
        self._listeners.event("info", "catalogue_published", version=report.version, sha256=fetched.sha256, **counts)
        self._listeners.replaced(report.version)
        return "replaced", None, ""

    def _remember(self, fetched: Fetched, version: str) -> None:
        marks = fetched.marks
        imported = Imported(self._address, marks.etag, marks.modified, fetched.sha256, version)
        if imported != self._imported:
            self._imported = imported
            self._save(json.dumps(asdict(imported)))

    def _tell(self, trouble: str | None, why: str) -> None:
        if trouble is None:
            self._listeners.event("info", "catalogue_source", detail="in order")
        else:
            self._listeners.event("error", "catalogue_source", detail=trouble, reason=why)


def _first(report: ImportReport) -> str:
    return f"line {report.bad[0].line}: {report.bad[0].reason}" if report.bad else ""


def _read(text: str | None, address: str) -> Imported:
    """Return what was noted of an address; nothing where it was noted of another, or by another version."""
    try:
        kept = Imported(**{name: str(value) for name, value in json.loads(text or "{}").items()})
    except (ValueError, TypeError, AttributeError):
        return Imported()
    return kept if kept.address == address else Imported()
