"""Where indexes stand: folders beside the database, ``<database>.index-<catalogue>``, made whole or not at all.

A build writes under another name, on which its process holds a lock; the finished folder is renamed. What no living
process builds, and indexes of other catalogues, are swept. Where nothing can be written beside the database, the
temporary directory serves.
"""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_BUILDING = ".building-"


def place(database: Path, catalogue: str) -> Path:
    """Return the folder of the index of a catalogue; it need not exist."""
    beside = database.absolute().parent
    folder = beside if os.access(beside, os.W_OK) else Path(tempfile.gettempdir())
    return folder / f"{database.name}.index-{catalogue}"


def draft(folder: Path) -> tuple[Path, int]:
    """Make an empty folder to build in; return it with its lock (a file descriptor)."""
    path = Path(tempfile.mkdtemp(prefix=f"{folder.name}{_BUILDING}", dir=folder.parent))
    lock = os.open(path, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return path, lock


def publish(drafted: Path, folder: Path) -> None:
    """Give a finished draft its name. Raises ``OSError`` if somebody else's index has it already."""
    drafted.rename(folder)
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def discard(folder: Path) -> None:
    """Remove a folder, as far as it is there. Whoever has it mapped reads on."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path, *spared: Path) -> None:
    """Remove drafts that nobody works on, and the indexes of other catalogues of the same database, but the spared."""
    for path in _family(folder):
        if path not in spared and _idle(path):
            discard(path)


def older(folder: Path) -> Path | None:
    """Return the youngest index of another catalogue of the same database, if there is one."""
    found = [path for path in _family(folder) if _BUILDING not in path.name]
    return max(found, key=_age, default=None)


def _family(folder: Path) -> list[Path]:
    family = folder.name.rpartition("-")[0]
    return [path for path in folder.parent.glob(f"{glob.escape(family)}-*") if path != folder]


def _age(path: Path) -> float:
    # Another process may have swept it by now.
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _idle(path: Path) -> bool:
    if _BUILDING not in path.name:
        return True
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        finally:
            os.close(handle)
    return False
