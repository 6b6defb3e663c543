"""Many targets from a TOML file (``--config``): addresses with names, tokens and intervals of their own.

::

    interval = 2                       # seconds, for all that say nothing else
    token_env = "OPERATOR_TOKEN"       # likewise
    [[target]]
    url = "https://signals.example.com"
    name = "production"
    token_env = "PROD_TOKEN"           # or token = "..." in a file that only you can read

Whatever is wrong is one sentence with the file and the entry; nothing is guessed and nothing is left out silently.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dashboard.config import Target, clean_token, clean_url, name_of, seconds_between
from dashboard.model.words import plain

TARGETS_AT_MOST = 500
FILE_BYTES = 1_000_000
_TOP = ("interval", "token_env", "target")
_KEYS = ("url", "name", "token", "token_env", "interval")


def read_targets(
    path: Path, environ: Mapping[str, str], interval: float, token: str | None
) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Return the targets of a file, and sentences of warning. ``interval`` and ``token`` are for those that set none.

    Raises ValueError in one sentence.
    """
    try:
        document = _document(path)
        _only(document, _TOP)
        entries = document.get("target")
        if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError("has no [[target]] with a url")
        if len(entries) > TARGETS_AT_MOST:
            raise ValueError(f"has {len(entries)} targets; at most {TARGETS_AT_MOST} can be watched")
        interval = _interval(document, interval)
        token = _token(document, environ, token)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    targets = [_target(path, place, entry, environ, interval, token) for place, entry in enumerate(entries, 1)]
    _different(path, "name", [target.name for target in targets])
    _different(path, "url", [target.url for target in targets])
    return tuple(targets), tuple(_open_file_warning(path, entries))


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from None
    if len(text) > FILE_BYTES:
        raise ValueError("is too large to be a list of targets")
    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"is not TOML: {plain(str(error), 120)}") from None


def _target(
    path: Path, place: int, entry: Mapping[str, Any], environ: Mapping[str, str], interval: float, token: str | None
) -> Target:
    called = entry.get("name") or entry.get("url")
    who = f"{path}, target {place}" + (f" ({plain(called, 60)!r})" if called and isinstance(called, str) else "")
    try:
        _only(entry, _KEYS)
        url = clean_url(_text(entry, "url"))
        name = plain(_text(entry, "name"), 60) if "name" in entry else name_of(url)
        return Target(name, url, _token(entry, environ, token), _interval(entry, interval))
    except ValueError as error:
        raise ValueError(f"{who}: {error}") from None


def _only(table: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"there is no {plain(key, 40)!r}; known are {', '.join(known)}")


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be a text that is not empty" if key in table else f"{key} is missing")
    return value.strip()


def _interval(table: Mapping[str, Any], otherwise: float) -> float:
    if "interval" not in table:
        return otherwise
    try:
        return seconds_between(table["interval"])
    except ValueError as error:
        raise ValueError(f"interval {error}") from None


def _token(table: Mapping[str, Any], environ: Mapping[str, str], otherwise: str | None) -> str | None:
    if "token" in table and "token_env" in table:
        raise ValueError("give token or token_env, not both")
    if "token" in table:
        return clean_token(_text(table, "token"), "token")
    if "token_env" not in table:
        return otherwise
    name = _text(table, "token_env")
    token = clean_token(environ.get(name, ""), name)
    if token is None:
        raise ValueError(f"token_env {name}: there is no such environment variable, or it is empty")
    return token


def _different(path: Path, key: str, values: Sequence[str]) -> None:
    for place, value in enumerate(values, 1):
        first = values.index(value) + 1
        if first != place:
            raise ValueError(f"{path}, targets {first} and {place} have the same {key}: {value!r}")


def _open_file_warning(path: Path, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    if os.name != "posix" or not any("token" in entry for entry in entries):
        return []
    others = path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    return [f"{path} holds a token and others can read it: chmod 600 {path}"] if others else []
