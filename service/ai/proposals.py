"""Segments that do not exist yet and that the model would like to see: read from its answer as untrusted as all else.

Never mixed with signals: a proposal's id begins with ``proposal-`` and is made of its name and the brief, so that the
same idea for the same brief is the same proposal after a restart. ``Kept`` is where they outlive it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from service.ai.injection import gives_orders
from service.ai.plain_text import folded, plain
from service.messages import Brief, Proposal, Signal

MOST_PROPOSALS = 3
_LOOKED_AT = 20
_NAME_LETTERS = 80
_DESCRIPTION_LETTERS = 300
_RATIONALE_LETTERS = 200


class Shelf(Protocol):
    """Where proposals last: ``state.State``."""

    def proposals(self, spec: str, count: int) -> tuple[Proposal, ...]: ...
    def keep_proposals(self, spec: str, proposals: Iterable[Proposal]) -> None: ...


class Kept:
    """The proposals for briefs of the same words, whatever their filters. Without a ``shelf`` there are none."""

    def __init__(self, shelf: Shelf | None) -> None:
        self._shelf = shelf

    def newest(self, brief: Brief, made: Sequence[Proposal] = ()) -> tuple[Proposal, ...]:
        """Return what the model has just made for a brief, and keep it; else what it made before."""
        if self._shelf is None:
            return ()
        spec = folded(brief.spec)
        if made:
            self._shelf.keep_proposals(spec, made)
            return tuple(made)
        return self._shelf.proposals(spec, MOST_PROPOSALS)


def read_proposals(items: Any, candidates: Sequence[Signal], brief: Brief) -> tuple[Proposal, ...]:
    """Return at most three proposals out of whatever the model wrote; what is there already is none."""
    taken = {folded(candidate.name) for candidate in candidates} | {candidate.id for candidate in candidates}
    proposals: list[Proposal] = []
    for item in items[:_LOOKED_AT] if isinstance(items, list) else ():
        proposal = _read(item, brief)
        if proposal is None or folded(proposal.name) in taken or proposal.id in taken:
            continue
        taken |= {folded(proposal.name), proposal.id}
        proposals.append(proposal)
    return tuple(proposals[:MOST_PROPOSALS])


def _read(item: Any, brief: Brief) -> Proposal | None:
    if not isinstance(item, dict):
        return None
    name = _text(item.get("name"), _NAME_LETTERS)
    description = _text(item.get("description"), _DESCRIPTION_LETTERS)
    if not name or not description:
        return None
    return Proposal(_id(name, brief.spec), name, description, _text(item.get("rationale"), _RATIONALE_LETTERS))


def _text(value: Any, limit: int) -> str:
    text = plain(value, limit) if isinstance(value, str) else ""
    return "" if gives_orders(text) else text


def _id(name: str, spec: str) -> str:
    words = f"{folded(name)}\0{folded(spec)}".encode("utf-8", "replace")
    return f"proposal-{hashlib.blake2b(words, digest_size=8).hexdigest()}"
