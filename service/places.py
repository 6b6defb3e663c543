"""Where signals can be used: platforms by name, agents by address, in one spelling, so that equal ones look equal.

Pure. A list of places is a text with semicolons around each, as the catalogue keeps platforms.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

LONGEST = 2048
_AGENT = '"agent_url"'
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]{1,300}([/?#][!-~]*)?", re.IGNORECASE)
_PORTS = {"http": ":80", "https": ":443"}


def agent_address(url: str) -> str | None:
    """Return an http or https address in its canonical spelling, or None for what is none.

    Scheme and host are in small letters, a usual port and slashes at the end are left out; ``;`` is written ``%3B``, so
    that addresses can stand in a list.
    """
    if len(url) > LONGEST or not _ADDRESS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:  # broken brackets, or a port that is none
        return None
    if not named or parts.username is not None:
        return None
    scheme = parts.scheme.lower()
    place = parts.netloc.lower().removesuffix(_PORTS[scheme])
    rest = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return f"{scheme}://{place}{rest}".replace(";", "%3B")


def places(platforms: str, deployments: str) -> str:
    """Return platforms and agents of a row of the catalogue as one list; ``deployments`` is its JSON."""
    if _AGENT not in deployments:
        return platforms
    found = (agent_address(item["agent_url"]) for item in json.loads(deployments) if item.get("agent_url"))
    agents = [agent for agent in found if agent]
    return f"{platforms.rstrip(';')};{';'.join(agents)};" if agents else platforms
