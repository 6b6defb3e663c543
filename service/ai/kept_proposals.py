"""Where the AI's proposals outlive a restart: kept by the words of the brief and its viewer, whatever its filters."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from service.messages import Brief, Proposal

SHOWN = 3


class Shelf(Protocol):
    """Where they last: ``state.State``."""

    def proposals(self, spec: str, count: int) -> tuple[Proposal, ...]: ...
    def keep_proposals(self, spec: str, proposals: Iterable[Proposal]) -> None: ...


class Proposals:
    """The proposals for briefs. Without a ``shelf`` there are none, whatever the model makes."""

    def __init__(self, shelf: Shelf | None) -> None:
        self._shelf = shelf

    def keep(self, brief: Brief, made: Sequence[Proposal]) -> None:
        """Keep what the model has made for a brief."""
        if self._shelf is not None and made:
            self._shelf.keep_proposals(_words(brief), [_of_viewer(one, brief) for one in made])

    def of(self, brief: Brief) -> tuple[Proposal, ...]:
        """Return the newest proposals for a brief."""
        return () if self._shelf is None else self._shelf.proposals(_words(brief), SHOWN)


def _of_viewer(proposal: Proposal, brief: Brief) -> Proposal:
    """Return a proposal under an id of its viewer's own, so that it never takes the place of another's."""
    if not brief.viewer:
        return proposal
    own = hashlib.blake2b(f"{brief.principal}\n{proposal.id}".encode(), digest_size=8)
    return replace(proposal, id=f"proposal-{own.hexdigest()}")


def _words(brief: Brief) -> str:
    words = " ".join(unicodedata.normalize("NFKC", brief.spec).casefold().split())
    # A model that was shown what is private to somebody proposes to nobody else; no words hold the separator.
    return f"{brief.principal}\n{words}" if brief.viewer else words
