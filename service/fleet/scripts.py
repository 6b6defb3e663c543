"""The Lua scripts that are kept beside this file, each with what they share in front of it."""

from __future__ import annotations

from pathlib import Path

from service.fleet.script import Script

_FOLDER = Path(__file__).parent / "lua"


def load(*names: str) -> Script:
    """Return one script of several files, in that order."""
    return Script("\n".join((_FOLDER / f"{name}.lua").read_text(encoding="utf-8") for name in names))
