"""The state machine of one activation: which order, sending or word of the platform leads where. Pure.

``state`` says what is known of the platform: ``requested`` (nothing was sent yet), ``activating`` (it may know of it),
``live`` (it confirmed so), ``failed`` and ``deactivated``. Nothing becomes live but by ``confirmed``. What is ordered
travels under a delivery id; only a word about the delivery of the last order counts, and only the first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from service.activation.orders import Action, State

Word = Literal["live", "failed", "deactivated"]
"""What a platform may say of a delivery."""
Course = Literal["open", "given_up", "settled"]
"""Of the last delivery: still waited for; waited for too long, though a late word counts; or done with."""

LEGAL: Mapping[State, frozenset[State]] = {
    "requested": frozenset({"activating", "failed", "deactivated"}),
    "activating": frozenset({"live", "failed", "deactivated"}),
    "live": frozenset({"deactivated"}),
    "failed": frozenset({"requested", "live", "deactivated"}),
    "deactivated": frozenset({"requested"}),
}


class IllegalTransition(Exception):
    """A step that the machine does not have: a bug, or a word that does not fit what was ordered."""


class UnderWay(Exception):
    """The opposite was ordered and has not come to its end."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an activation stands: its state, and the last order with its delivery and how that is going."""

    state: State
    action: Action
    delivery: str
    course: Course = "open"

    @property
    def pending(self) -> Action | None:
        return self.action if self.course == "open" else None


def step(before: State, after: State) -> State:
    """Return ``after``. Raises ``IllegalTransition`` unless it may follow ``before``."""
    if after not in LEGAL[before]:
        raise IllegalTransition(f"{before} cannot become {after}")
    return after


def ordered(standing: Standing | None, action: Action, delivery: str) -> Standing:
    """Return the standing after an order, for which ``delivery`` is a fresh id; unchanged if nothing is left to do.

    Raises ``UnderWay``, and ``IllegalTransition`` for a deactivation of what never was ordered.
    """
    if standing is None:
        if action == "deactivate":
            raise IllegalTransition("nothing was activated")
        return Standing("requested", "activate", delivery)
    if standing.pending == action or (standing.pending is None and standing.state == _GOAL[action]):
        return standing
    return _activated(standing, delivery) if action == "activate" else _withdrawn(standing, delivery)


def sending(standing: Standing) -> Standing:
    """Return the standing as it must be written down before anything is sent: from now on the platform may know."""
    if standing.state != "requested":
        return standing
    return replace(standing, state=step("requested", "activating"))


def confirmed(standing: Standing, delivery: str, word: Word) -> Standing:
    """Return the standing after a platform's word on a delivery; unchanged where that delivery counts no more.

    Raises ``IllegalTransition`` if the word does not fit the order, such as ``live`` for a deactivation.
    """
    if delivery != standing.delivery or standing.course == "settled":
        return standing
    if word == "failed":
        return _failed(standing, "settled")
    if word != _GOAL[standing.action]:
        raise IllegalTransition(f"{word} is no answer to an order to {standing.action}")
    return replace(standing, state=step(standing.state, word), course="settled")


def given_up(standing: Standing, *, refused: bool) -> Standing:
    """Return the standing when no more is tried; ``refused`` if the platform said no, so that no word will come."""
    if standing.course != "open":
        raise IllegalTransition("nothing is under way")
    return _failed(standing, "settled" if refused else "given_up")


_GOAL: Mapping[Action, State] = {"activate": "live", "deactivate": "deactivated"}


def _activated(standing: Standing, delivery: str) -> Standing:
    if standing.pending == "deactivate":
        raise UnderWay("a deactivation is under way")
    return Standing(step(standing.state, "requested"), "activate", delivery)


def _withdrawn(standing: Standing, delivery: str) -> Standing:
    if standing.state == "requested":
        # Nothing was sent, so there is nobody to tell.
        return replace(standing, state=step("requested", "deactivated"), action="deactivate", course="settled")
    return Standing(standing.state, "deactivate", delivery)


def _failed(standing: Standing, course: Course) -> Standing:
    # A withdrawal that failed leaves live what is live.
    moves = standing.state in ("requested", "activating")
    return replace(standing, state=step(standing.state, "failed") if moves else standing.state, course=course)
