"""The operator's file of adapters (TOML), read at the start: which way leads to which platform or agent.

``[platforms.NAME]`` and ``[agents."URL"]`` each hold an adapter; ``"*"`` stands for all that are not named. What is
wrong is told with its line; an unknown name is an error, so that no misspelt limit is lost. Secrets come from files or
from ``ACTIVATION_SECRET``, never from this file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from service import reading
from service.activation.adapter import Adapter
from service.activation.filedrop import FileDrop
from service.activation.sandbox import Sandbox
from service.activation.targets import ANY, Targets, agent_name
from service.activation.webhook import PLACE, Webhook
from service.secret import Secret
from service.stages import fields
from service.stages.identify import is_loopback

_COMMON = ("adapter", "minutes", "give_up_hours")
_ASKING = ("secret_file", "poll_seconds")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "sandbox": ("adapter", "minutes"),
    "webhook": (*_COMMON, *_ASKING, "url", "status_url", "timeout_seconds", "allow_http"),
    "file-drop": (*_COMMON, *_ASKING, "directory", "confirmations"),
}


class Surroundings(NamedTuple):
    """What adapters need besides their table: Unix seconds, the common secret, and this service's public address."""

    wall: Callable[[], float]
    secret: str | None
    base_url: str


class BadTable(ValueError):
    """What is wrong in a table, and under which name in it (empty: the table itself)."""

    def __init__(self, name: str, wrong: str) -> None:
        super().__init__(wrong)
        self.name = name


def load(path: Path, around: Surroundings) -> Targets:
    """Return the adapters of a file. Raises ``ValueError`` with the line and what is wrong there."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise ValueError(error.strerror or type(error).__name__) from None
    for kind in document:
        if kind not in ("platforms", "agents"):
            raise ValueError(f'line {_line(text, kind)}: it holds [platforms.NAME] and [agents."URL"], no {kind!r}')
    return Targets(
        {name.lower(): way for name, way in _ways(text, document, "platforms", _is_platform, around).items()},
        {agent_name(url): way for url, way in _ways(text, document, "agents", _is_agent, around).items()},
    )


def _ways(
    text: str, document: Mapping[str, Any], kind: str, is_name: Callable[[str], bool], around: Surroundings
) -> dict[str, Adapter]:
    tables, ways = document.get(kind, {}), {}
    if not isinstance(tables, dict):
        raise ValueError(f"line {_line(text, kind)}: [{kind}.NAME] is a table")
    for name, table in tables.items():
        try:
            if not isinstance(table, dict):
                raise BadTable("", "it must be a table")
            if name != ANY and not is_name(name):
                raise BadTable("", f"{name!r} is no name of one of the {kind}")
            ways[name] = _adapter(table, around)
        except BadTable as error:
            raise ValueError(f"line {_line(text, kind, name, error.name)}: [{kind}.{name}] {error}") from None
    return ways


def _adapter(table: Mapping[str, Any], around: Surroundings) -> Adapter:
    kind = str(table.get("adapter", ""))
    if kind not in _NAMES:
        raise BadTable("adapter" if "adapter" in table else "", f"adapter must be one of {', '.join(_NAMES)}")
    for name in table:
        if name not in _NAMES[kind]:
            raise BadTable(name, f"{name} is not known; a {kind} has {', '.join(_NAMES[kind])}")
    minutes = int(_number(table, "minutes", 0, 0, 525_600)) if "minutes" in table else None
    if kind == "sandbox":
        return Sandbox(minutes=minutes)
    patience = 3600.0 * _number(table, "give_up_hours", 24, 0.01, 720)
    return (_webhook if kind == "webhook" else _file_drop)(table, around, minutes, patience)


def _webhook(table: Mapping[str, Any], around: Surroundings, minutes: int | None, patience: float) -> Adapter:
    secret = _secret(table, around)
    if secret is None:
        raise BadTable("", "a webhook needs a secret: set secret_file here, or ACTIVATION_SECRET")
    status_url = _address(table, "status_url") if "status_url" in table else None
    if status_url is not None and PLACE not in status_url:
        raise BadTable("status_url", f"status_url must hold {PLACE}")
    return Webhook(
        _address(table, "url"),
        secret,
        around.wall,
        around.base_url,
        status_url,
        _number(table, "poll_seconds", 30, 1, 86_400) if status_url else None,
        minutes,
        patience,
        _number(table, "timeout_seconds", 10, 0.1, 30),
    )


def _file_drop(table: Mapping[str, Any], around: Surroundings, minutes: int | None, patience: float) -> Adapter:
    secret = _secret(table, around)
    confirmations = _directory(table, "confirmations") if "confirmations" in table else None
    if confirmations is None and secret is None:
        raise BadTable("", "nothing could confirm: set confirmations, or a secret for callbacks")
    asks = _number(table, "poll_seconds", 5, 1, 86_400) if confirmations else None
    return FileDrop(_directory(table, "directory"), confirmations, secret, around.base_url, asks, minutes, patience)


def _address(table: Mapping[str, Any], name: str) -> str:
    """Return a web address: https, or http on this machine or where the operator allows it."""
    try:
        address = reading.url(str(table.get(name, "")))
    except ValueError as error:
        raise BadTable(name if name in table else "", f"{name} must be {error}") from None
    parts = urlsplit(address)
    if parts.username is not None or parts.fragment:
        raise BadTable(name, f"{name} must have no user and no fragment")
    allowed = table.get("allow_http", False)
    if type(allowed) is not bool:
        raise BadTable("allow_http", "allow_http must be true or false")
    host = parts.hostname or ""
    if parts.scheme == "http" and not (allowed or host == "localhost" or is_loopback(host)):
        raise BadTable(name, f"{name} must be https, or set allow_http = true")
    return address


def _directory(table: Mapping[str, Any], name: str) -> Path:
    given = table.get(name)
    path = Path(given) if isinstance(given, str) and "\0" not in given else None
    if path is None or not path.is_dir():
        raise BadTable(name if name in table else "", f"{name} must be a directory that exists")
    return path


def _secret(table: Mapping[str, Any], around: Surroundings) -> bytes | None:
    if "secret_file" not in table:
        return around.secret.encode() if around.secret else None
    try:
        text = Secret("secret_file", None, Path(str(table["secret_file"])), reading.signing_secret)()
    except ValueError as error:
        raise BadTable("secret_file", str(error)) from None
    return str(text).encode()


def _number(table: Mapping[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = table.get(name, default)
    if type(value) not in (int, float) or (name in table and not low <= value <= high):
        raise BadTable(name, f"{name} must be a number from {low:g} to {high:g}")
    return float(value)


def _is_platform(name: str) -> bool:
    return re.fullmatch(fields.PLATFORM, name) is not None


def _is_agent(url: str) -> bool:
    try:
        return bool(reading.url(url))
    except ValueError:
        return False


def _line(text: str, kind: str, name: str = "", key: str = "") -> int:
    """Return the line of a key in its table, of the table's header, or 1: as near as can be told."""
    lines, header = text.splitlines(), 1
    quoted = rf"(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')"
    start = rf"\s*\[+\s*{kind}\s*\.\s*{quoted}\s*\]" if name else rf"\s*\[*\s*{re.escape(kind)}\b"
    for number, line in enumerate(lines, start=1):
        if re.match(start, line):
            header = number
            break
    for number, line in enumerate(lines[header:] if key else (), start=header + 1):
        if re.match(r"\s*\[", line):
            break
        if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return header
