"""The files of an index and how they are written and checked: plain ``.npy`` arrays, mapped, beside a manifest.

An index is a folder that is complete or is not there: it is written under another name, synced, then renamed. The
manifest says what it was made from and the checksum of every file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.vectors import file_checksum

FORMAT = 8
"""Changes whenever an index of an older program must not be used."""
MANIFEST = "manifest.json"

Array = npt.NDArray[Any]


class Damaged(Exception):
    """An index that cannot be used."""


class Outdated(Damaged):
    """The index was made by another version of this program, or in another year: no harm was done to it."""


def save(folder: Path, arrays: Mapping[str, Array], texts: Mapping[str, str]) -> None:
    """Write arrays as ``<name>.npy`` and texts as ``<name>``."""
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))


def seal(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest and have the disk hold all of the folder."""
    files = {path.name: file_checksum(path) for path in sorted(folder.iterdir())}
    text = json.dumps({"format": FORMAT, "facts": dict(facts), "files": files}, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def facts(folder: Path) -> dict[str, Any]:
    """Return what a sealed folder says of itself, its files unread. Raises ``Damaged``."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise Outdated(f"{folder.name} has the format {manifest['format']}, not {FORMAT}")
        found: dict[str, Any] = manifest["facts"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{folder.name} has no sound manifest ({error})") from error
    return found


def verify(folder: Path, wanted: Mapping[str, Any]) -> None:
    """Raise ``Damaged`` unless the folder says what is ``wanted`` and every file is as its manifest says.

    Reads all files: about a second a gigabyte.
    """
    told = facts(folder)
    others = [name for name, value in wanted.items() if told.get(name) != value]
    if others:
        raise Outdated(f"{folder.name} was made from another {' and '.join(others)}")
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        wrong = [name for name, checksum in files.items() if file_checksum(folder / name) != checksum]
    except OSError as error:
        raise Damaged(f"{folder.name} is not whole ({error})") from error
    if wrong:
        raise Damaged(f"{folder.name} is damaged ({', '.join(wrong)})")


def load(folder: Path, name: str) -> Array:
    """Return a mapped array. Raises ``Damaged``."""
    try:
        # As a plain array: numpy's class for mapped ones makes each look into them five times dearer.
        array: Array = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)
    except (OSError, ValueError) as error:
        raise Damaged(f"{folder.name} lacks {name}") from error
    return array
