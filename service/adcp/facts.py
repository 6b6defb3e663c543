"""Reads from a catalogue what the capabilities tell of it: types and domains of its public signals.

Not when it was imported: an import of private signals alone must not be noticed by others.
"""

from __future__ import annotations

from service.adcp.capabilities import Facts
from service.catalogue.snapshot import Snapshot

_SELECT = "SELECT DISTINCT signal_type, provider_domain FROM signals"


def of(snapshot: Snapshot) -> Facts:
    """Return the facts of one version of the catalogue."""
    rows = snapshot.connection().execute(_SELECT).fetchall()
    return Facts(
        version=snapshot.version,
        sample=snapshot.sample,
        types=tuple(sorted({signal_type for signal_type, _ in rows})),
        domains=tuple(sorted({domain for signal_type, domain in rows if signal_type == "marketplace" and domain})),
    )
