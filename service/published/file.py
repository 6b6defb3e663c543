"""A published file as it was read, and what tells one version of it from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO


class FetchFailed(Exception):
    """The file could not be read; the text says why, without the address."""


@dataclass(frozen=True, slots=True)
class Marks:
    """By what a publisher tells its versions apart: ``ETag`` and ``Last-Modified``, empty where there is none."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was read whole; ``content`` is a nameless file that goes when it is closed."""

    content: IO[bytes]
    marks: Marks
    sha256: str
    size: int
