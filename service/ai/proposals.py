"""Segments that do not exist yet and that the model would like to see: read from its answer as untrusted as all else.

Never mixed with signals: a proposal's id begins with ``proposal-`` and is made of its name and the brief, so that the
same idea for the same brief is the same proposal after a restart. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from service.ai.injection import gives_orders
from service.ai.plain_text import folded, plain
from service.messages import Brief, Proposal, Signal

MOST_PROPOSALS = 3
_LOOKED_AT = 20
_NAME_LETTERS = 80
_DESCRIPTION_LETTERS = 300
_RATIONALE_LETTERS = 200


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
