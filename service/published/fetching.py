"""Reads a published file: from a web address or from a disk, if it is another than the one known.

One read ends within its ``seconds`` as a whole, name look-up and dribbled bytes included, and takes at most ``size``
bytes, packed and unpacked. What went wrong is a short text without the address, whose user, path or query is often a
secret. Imported late: httpx takes long.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from service import VERSION
from service.published.disk import marks_of, opened
from service.published.failure import told
from service.published.file import Fetched, FetchFailed, Marks
from service.published.unpacking import PIECE_BYTES, Broken, unpacked

REDIRECTS = 3
WAIT_SECONDS = 10.0
"""The longest wait for a connection, and for one piece of an answer."""
_MOVED = (301, 302, 303, 307, 308)
_PACKINGS = ("", "identity", "gzip", "x-gzip")
_MARK_LETTERS = 1000


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one read: seconds in all, bytes, and the folder in which it is kept if that can be written."""

    seconds: float
    size: int
    folder: Path


class Fetcher:
    """Reads ``url`` (http, https or file). One read at a time; one that hangs keeps the next from beginning."""

    def __init__(self, url: str, bounds: Bounds, now: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._bounds = bounds
        self._now = now
        self._reader: threading.Thread | None = None

    def __call__(self, known: Marks) -> Fetched | None:
        """Return the file, or None if it is still the one with these marks. Raises ``FetchFailed``."""
        if self._reader is not None and self._reader.is_alive():
            raise FetchFailed("the last read of it still hangs")
        found: list[Fetched | FetchFailed | None] = []
        given_up = threading.Event()

        def read() -> None:
            result = self._read(known)
            if given_up.is_set() and isinstance(result, Fetched):
                result.content.close()
            found.append(result)

        # Each wait of a read is bounded, but not the look-up of the name: the join bounds all.
        self._reader = threading.Thread(target=read, name="catalogue-fetch", daemon=True)
        self._reader.start()
        self._reader.join(self._bounds.seconds)
        if not found:
            given_up.set()
            raise FetchFailed(f"it did not come in {self._bounds.seconds:g} s")
        if isinstance(found[0], FetchFailed):
            raise found[0]
        return found[0]

    def _read(self, known: Marks) -> Fetched | FetchFailed | None:
        try:
            if self._url.startswith("file:"):
                return self._from_disk(known)
            return self._from_web(known, self._now() + self._bounds.seconds)
        except FetchFailed as failure:
            return failure
        except Broken as error:
            return FetchFailed(str(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return FetchFailed(told(error))

    def _from_disk(self, known: Marks) -> Fetched | None:
        with opened(self._url) as file:
            marks = marks_of(file)
            if marks == known:
                return None
            fetched = self._kept(iter(lambda: file.read(PIECE_BYTES), b""), marks)
            if marks_of(file) != marks:
                fetched.content.close()
                raise FetchFailed("it was written while it was read")
            return fetched

    def _from_web(self, known: Marks, deadline: float) -> Fetched | None:
        url = httpx.URL(self._url)
        with httpx.HTTPTransport() as transport:
            # Through the transport, not a client: clients log every URL.
            for _ in range(REDIRECTS + 1):
                with closing(transport.handle_request(self._request(url, known))) as response:
                    if response.status_code in _MOVED:
                        url = moved(url, response.headers.get("Location", ""))
                        continue
                    if response.status_code == 304 and known != Marks():
                        return None
                    return self._taken(response, deadline)
        raise FetchFailed(f"more than {REDIRECTS} redirects")

    def _request(self, url: httpx.URL, known: Marks) -> httpx.Request:
        headers = {"User-Agent": f"signals-agent/{VERSION}", "Accept-Encoding": "gzip", "Connection": "close"}
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.modified:
            headers["If-Modified-Since"] = known.modified
        request = httpx.Request("GET", url, headers=headers)
        # Who goes in with the user of the first address does not show it to another.
        if url.userinfo:
            request = next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
        seconds = min(WAIT_SECONDS, self._bounds.seconds)
        request.extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}
        return request

    def _taken(self, response: httpx.Response, deadline: float) -> Fetched:
        headers = response.headers
        if response.status_code != 200:
            raise FetchFailed(f"status {response.status_code}")
        packing = headers.get("Content-Encoding", "").lower()
        if packing not in _PACKINGS:
            raise FetchFailed("it comes in an encoding that was not asked for")
        announced = headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > self._bounds.size:
            raise self._too_large()
        marks = Marks(*(headers.get(name, "")[:_MARK_LETTERS] for name in ("ETag", "Last-Modified")))
        ends = bool(announced) or "chunked" in headers.get("Transfer-Encoding", "").lower()
        return self._kept(self._in_time(response.iter_raw(), deadline), marks, ends)

    def _in_time(self, pieces: Iterable[bytes], deadline: float) -> Iterator[bytes]:
        came = 0
        for piece in pieces:
            came += len(piece)
            if came > self._bounds.size:
                raise self._too_large()
            if self._now() > deadline:
                raise FetchFailed(f"it did not come in {self._bounds.seconds:g} s")
            yield piece

    def _kept(self, pieces: Iterable[bytes], marks: Marks, ends: bool = True) -> Fetched:
        """Write a file down unpacked, and return it; ``ends`` says whether its end can be told from a broken line."""
        digest, size, content = hashlib.sha256(), 0, self._file()
        try:
            for piece in unpacked(pieces, ends):
                size += len(piece)
                if size > self._bounds.size:
                    raise self._too_large()
                digest.update(piece)
                content.write(piece)
            content.seek(0)
        except BaseException:
            content.close()
            raise
        return Fetched(content, marks, digest.hexdigest(), size)

    def _file(self) -> IO[bytes]:
        try:
            return tempfile.TemporaryFile(dir=self._bounds.folder)
        except OSError:
            # That folder is full or read-only; the temporary one need not be.
            return tempfile.TemporaryFile()

    def _too_large(self) -> FetchFailed:
        return FetchFailed(f"it has more than {self._bounds.size:,} bytes")


def moved(url: httpx.URL, location: str) -> httpx.URL:
    """Return where a redirect leads. Raises ``FetchFailed`` for what must not be followed."""
    there = url.join(location).copy_with(fragment=None)
    if not location or there.scheme not in ("http", "https") or not there.host:
        raise FetchFailed("a redirect to no web address")
    if url.scheme == "https" and there.scheme != "https":
        raise FetchFailed("a redirect from https to http")
    same = (there.scheme, there.host, there.port) == (url.scheme, url.host, url.port)
    return there.copy_with(userinfo=url.userinfo if same else b"")
