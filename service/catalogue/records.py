"""Between a ``Signal`` and its record in the database, and what makes two catalogues equal.

A record is the tuple of ``COLUMNS``; its digest covers all of them. The version of a catalogue is the sum of the
digests modulo 2**128: it depends on the content alone, not on the machine, the order of import or the row numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from service.catalogue.columns import deployment_object
from service.messages import Deployment, Signal

COLUMNS = (
    "id",
    "name",
    "description",
    "path",
    "kind",
    "signal_type",
    "data_provider",
    "provider_domain",
    "coverage",
    "cpm",
    "currency",
    "countries",
    "platforms",
    "deployments",
)
"""Columns of the table ``signals`` between ``row`` and ``digest``, in the order of a record."""

NUMBERS = ("coverage", "cpm")
"""Those of them that are no texts; they stand side by side."""

SELECT = f"SELECT {', '.join(COLUMNS)} FROM signals"

_MODULUS = 1 << 128

Record = tuple[Any, ...]


def to_record(signal: Signal) -> Record:
    """Return the values of ``COLUMNS`` for ``signal``."""
    return (
        signal.id,
        signal.name,
        signal.description,
        " > ".join(signal.path),
        signal.kind,
        signal.signal_type,
        signal.data_provider,
        signal.provider_domain,
        None if signal.coverage_percentage is None else float(signal.coverage_percentage),
        None if signal.cpm is None else float(signal.cpm),
        signal.currency,
        _enclosed(signal.countries),
        *(_places if len(signal.deployments) <= 8 else _places.__wrapped__)(signal.deployments),
    )


def _enclosed(items: Sequence[str]) -> str:
    return f";{';'.join(items)};" if items else ""


@lru_cache(maxsize=1024)
def _places(deployments: tuple[Deployment, ...]) -> tuple[str, str]:
    objects = [deployment_object(deployment) for deployment in deployments]
    names = dict.fromkeys(deployment.platform for deployment in deployments if deployment.platform)
    return _enclosed([*names]), json.dumps(objects, ensure_ascii=False, separators=(",", ":"))


def digest(record: Record) -> bytes:
    """Return the 16-byte BLAKE2b of a record's canonical form."""
    # No cell can hold the separator: the parsers refuse control characters.
    return blake2b("\x1f".join(map(_canonical, record)).encode(), digest_size=16).digest()


def _canonical(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def from_record(record: Record) -> Signal:
    """Return the signal that a record of ``COLUMNS`` tells."""
    identity, name, description, path, kind, signal_type, provider, domain, coverage, cpm, currency, *places = record
    return Signal(
        id=identity,
        name=name,
        description=description,
        path=tuple(path.split(" > ")) if path else (),
        kind=kind,
        signal_type=signal_type,
        data_provider=provider,
        provider_domain=domain,
        coverage_percentage=coverage,
        cpm=cpm,
        currency=currency,
        countries=tuple(places[0].strip(";").split(";")) if places[0] else (),
        deployments=(_deployments if len(places[2]) <= 1024 else _deployments.__wrapped__)(places[2]),
    )


@lru_cache(maxsize=1024)
def _deployments(text: str) -> tuple[Deployment, ...]:
    return tuple(
        Deployment(item.get("platform", ""), item["is_live"], item["type"], item.get("agent_url"))
        for item in json.loads(text)
    )


def moved(version: str, added: Iterable[bytes], removed: Iterable[bytes]) -> str:
    """Return the version after rows with the digests ``added`` came and those with ``removed`` went; 32 hex digits."""
    total = int(version, 16)
    total += sum(int.from_bytes(one) for one in added) - sum(int.from_bytes(one) for one in removed)
    return f"{total % _MODULUS:032x}"
