"""The filters of a brief over one signal in memory: what ``filters.py`` says in SQL, with the same meaning. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from service.messages import Brief, Signal
from service.places import agent_address

PASSES = ""


def lack(signal: Signal, brief: Brief) -> str | None:
    """Return ``PASSES``, or the name of the one filter for which a signal lacks the data, or None if it fails."""
    failed = [lacking for lacking in _judged(signal, brief) if lacking != PASSES]
    return PASSES if not failed else failed[0] if len(failed) == 1 else None


def _judged(signal: Signal, brief: Brief) -> Iterator[str | None]:
    """Yield for each filter what ``lack`` says of it alone."""
    if brief.kinds:
        yield _passes(signal.kind in {kind.lower() for kind in brief.kinds})
    if brief.data_providers:
        yield _passes(signal.data_provider.casefold() in {name.casefold() for name in brief.data_providers})
    if brief.max_cpm is not None:
        cpm = signal.cpm
        yield "max_cpm" if cpm is None else _passes(signal.currency == "USD" and cpm <= brief.max_cpm)
    if brief.min_coverage_percentage is not None:
        covered = signal.coverage_percentage
        least = brief.min_coverage_percentage
        yield "min_coverage_percentage" if covered is None else _passes(covered >= least)
    yield from _usable(signal, brief)
    if brief.signal_types:
        yield _passes(signal.signal_type in brief.signal_types)
    if brief.priced:
        yield from _known(signal, brief)


def _usable(signal: Signal, brief: Brief) -> Iterator[str | None]:
    if brief.countries:
        wanted = {code.strip().upper() for code in brief.countries}
        yield _passes(not wanted.isdisjoint(signal.countries)) if signal.countries else "countries"
    if brief.platforms or brief.agents:
        wanted = {*(name.strip().lower() for name in brief.platforms), *brief.agents}
        places = {deployment.platform for deployment in signal.deployments if deployment.platform}
        if brief.agents:
            places |= {agent_address(one.agent_url) or "" for one in signal.deployments if one.agent_url}
        yield _passes(not wanted.isdisjoint(places)) if places else "platforms"


def _known(signal: Signal, brief: Brief) -> Iterator[str | None]:
    if brief.max_cpm is None:
        yield "priced" if signal.cpm is None else PASSES
    if brief.min_coverage_percentage is None:
        yield "covered" if signal.coverage_percentage is None else PASSES


def _passes(does: bool) -> str | None:
    return PASSES if does else None
