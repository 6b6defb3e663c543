"""Signals for the catalogue's tests: a few by hand, and any valid one by hypothesis."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from service.messages import KINDS, SIGNAL_TYPES, Deployment, Signal

SUV = Signal(
    "suv",
    "SUV intenders",
    description="People comparing sport utility vehicles",
    path=("Automotive", "In market", "SUV"),
    data_provider="Sample Data",
    provider_domain="sample.example",
    coverage_percentage=6.4,
    cpm=3.2,
    countries=("US", "CA"),
    deployments=(Deployment("dv360"), Deployment("the-trade-desk")),
)
GOLF = Signal("golf", "Golf players", kind="contextual")
RAIN = Signal("rain", "Rainy days", kind="environmental", coverage_percentage=0.0)


def _line(value: str) -> str:
    return unicodedata.normalize("NFC", " ".join(value.split()))


def lines(limit: int, without: str = "", least: int = 0) -> st.SearchStrategy[str]:
    """Any text that a cell keeps as it is."""
    alphabet = st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp"), exclude_characters=without)
    text = st.text(alphabet, max_size=limit).map(_line)
    return text.filter(lambda line: least <= len(line) <= limit)


def names(first: str, rest: str) -> st.SearchStrategy[str]:
    return st.from_regex(rf"\A[{first}][{rest}]{{0,12}}\Z")


amounts = st.none() | st.floats(0, 100).map(lambda figure: figure + 0.0)
platforms = names("a-z0-9", "a-z0-9._-")
deployments = st.builds(Deployment, platforms, st.booleans(), st.just("platform")) | st.builds(
    Deployment, platforms | st.just(""), st.booleans(), st.just("agent"), st.just("https://agent.example/mcp")
)
signals = st.builds(
    Signal,
    id=names("A-Za-z0-9_-", "A-Za-z0-9_-"),
    name=lines(40, least=1),
    description=lines(60),
    path=st.lists(lines(12, without=">", least=1), max_size=4).map(tuple),
    kind=st.sampled_from(KINDS),
    signal_type=st.sampled_from(SIGNAL_TYPES),
    data_provider=lines(20),
    provider_domain=st.sampled_from(["", "a.example", "b-c.example"]),
    coverage_percentage=amounts,
    cpm=amounts,
    currency=st.sampled_from(["USD", "EUR"]),
    countries=st.lists(st.sampled_from(["US", "CA", "DE"]), unique=True).map(tuple),
    deployments=st.lists(platforms.map(Deployment) | deployments, unique=True, max_size=3).map(tuple),
)
catalogues = st.lists(signals, unique_by=lambda signal: signal.id, max_size=6)
