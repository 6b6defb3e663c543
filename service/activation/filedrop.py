"""The file drop adapter: an order becomes a file in a directory, whole or not at all; somebody else takes it away.

It is confirmed by a file of the delivery's name in a second directory, or by a callback. Files are named by ids that
this service made, never by anything that a caller sent.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from service.activation import words
from service.activation.adapter import Delivery, NotYet, Outcome, Taken
from service.activation.webhook import said_of


@dataclass(frozen=True, slots=True)
class FileDrop:
    """Fits ``Adapter``. Without ``confirmations`` only callbacks confirm."""

    directory: Path
    confirmations: Path | None = None
    secret: bytes | None = field(default=None, repr=False)
    callback: str = ""
    ask_every: float | None = None
    minutes: int | None = None
    patience: float = 24 * 3600.0
    name: Literal["file-drop"] = "file-drop"
    instant: bool = False

    def deliver(self, delivery: Delivery) -> Outcome:
        document = delivery.document()
        if self.secret is not None:
            document["callback"] = f"{self.callback}/api/activations/{delivery.activation.id}/callback"
        body = json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
        try:
            write_whole(self.directory / f"{delivery.id}.json", body)
        except OSError as error:
            return NotYet(f"the drop directory: {error.strerror or type(error).__name__}")
        return Taken()

    def ask(self, delivery: Delivery) -> Outcome:
        if self.confirmations is None:
            return NotYet()
        try:
            body = read_bounded(self.confirmations / f"{delivery.id}.json", words.BODY_BYTES)
        except FileNotFoundError:
            return NotYet()
        except OSError as error:
            return NotYet(f"the confirmation file: {error.strerror or type(error).__name__}")
        return said_of(delivery, body, "the confirmation file")


def write_whole(path: Path, body: bytes) -> None:
    """Put a file in place, on the disk before its name is: who looks sees all of it or none."""
    # A leading dot and another ending: whoever takes files by their ending never takes half of one.
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_bounded(path: Path, most: int) -> bytes | None:
    """Return the bytes of a plain file, None if there are more than ``most``. Follows no link and waits at no pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is no plain file")
        body = file.read(most + 1)
    return body if len(body) <= most else None
