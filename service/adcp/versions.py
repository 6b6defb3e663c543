"""Which release of AdCP an answer is written in. Pure.

``adcp_version`` (a release, never a full version) goes before the old ``adcp_major_version``. A newer release of the
same major is served the newest one here; another major is refused. Who names only the major knows no later release than
3.0, which was the last that asked for it alone; who names nothing gets the newest, as the specification says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from service.adcp.errors import VersionUnsupported
from service.errors import InvalidInput

RELEASES = ("3.0", "3.1", "3.2")
MAJOR = 3
FIRST, NEWEST = RELEASES[0], RELEASES[-1]
_RELEASE = re.compile(r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})(?:-[A-Za-z0-9](?:[A-Za-z0-9.-]{0,60}[A-Za-z0-9])?)?")


def served(arguments: Mapping[str, Any]) -> str:
    """Return the release to answer in. Raises ``InvalidInput`` or ``VersionUnsupported``."""
    asked = arguments.get("adcp_version")
    if asked is None:
        return _by_major(arguments.get("adcp_major_version"))
    found = _RELEASE.fullmatch(asked) if isinstance(asked, str) else None
    if found is None:
        raise InvalidInput("'adcp_version' must be a release such as 3.1.", field="adcp_version")
    if int(found[1]) != MAJOR:
        raise VersionUnsupported(RELEASES, MAJOR, "adcp_version")
    return RELEASES[min(int(found[2]), len(RELEASES) - 1)]


def _by_major(major: Any) -> str:
    if major is None:
        return NEWEST
    if isinstance(major, bool) or not isinstance(major, int) or not 1 <= major <= 99:
        raise InvalidInput("'adcp_major_version' must be a whole number from 1 to 99.", field="adcp_major_version")
    if major != MAJOR:
        raise VersionUnsupported(RELEASES, MAJOR, "adcp_major_version")
    return FIRST


def answered(arguments: Mapping[str, Any]) -> str:
    """Return the release to say no in, whatever was asked for."""
    try:
        return served(arguments)
    except (InvalidInput, VersionUnsupported):
        return NEWEST
