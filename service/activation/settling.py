"""What follows from an outcome: the activation as it must be written down next. Pure; times are given."""

from __future__ import annotations

from dataclasses import replace

from service.activation import machine
from service.activation.activation import Activation, Errand
from service.activation.adapter import Confirmed, Declined, NotYet, Outcome, Taken

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 900.0


def begun(activation: Activation, now: float, lease: float) -> Activation:
    """Return the activation as it must be kept before it is sent: from then on the platform may know of it.

    It is due again after ``lease`` seconds, when whoever sends it must have died.
    """
    standing = machine.sending(activation.standing)
    errand = activation.errand._replace(attempts=activation.errand.attempts + 1, due=now + lease)
    return _moved(activation, standing, activation.reason, now, errand)


def after(activation: Activation, outcome: Outcome, now: float, ask_every: float | None, random: float) -> Activation:
    """Return the activation after an outcome of its last delivery; ``random`` is 0-1, for the pause.

    Raises ``IllegalTransition`` for a confirmation of what was not ordered.
    """
    match outcome:
        case Confirmed():
            return confirmed(activation, activation.standing.delivery, outcome, now)
        case Declined(reason):
            standing = machine.given_up(activation.standing, refused=True)
            return _moved(activation, standing, reason, now, _done(activation.errand))
        case Taken():
            errand = activation.errand._replace(sent=True, attempts=0, due=_within(activation, now, ask_every))
            return _moved(activation, activation.standing, "", now, errand)
        case NotYet(reason, retry_after):
            if now >= (activation.errand.patience or now):
                return out_of_patience(activation, reason, now)
            pause = pause_after(activation.errand.attempts, retry_after, random)
            if activation.errand.sent and ask_every is not None:
                pause = max(ask_every, retry_after or 0.0)
            errand = activation.errand._replace(due=_within(activation, now, pause))
            return _moved(activation, activation.standing, reason or activation.reason, now, errand)


def confirmed(activation: Activation, delivery: str, word: Confirmed, now: float) -> Activation:
    """Return the activation after a platform's word; the same one if that delivery counts no more.

    Raises ``IllegalTransition`` for a word that does not fit the order.
    """
    standing = machine.confirmed(activation.standing, delivery, word.word)
    if standing == activation.standing:
        return activation
    moved = _moved(activation, standing, word.reason, now, _done(activation.errand))
    if word.word == "live":
        return replace(moved, activation_key=word.activation_key, deployed_at=now)
    return moved if moved.state == "live" else replace(moved, activation_key=None, deployed_at=None)


def out_of_patience(activation: Activation, reason: str, now: float) -> Activation:
    """Return the activation when its order was waited for long enough."""
    standing = machine.given_up(activation.standing, refused=False)
    waited = "no confirmation came" if activation.errand.sent else "it could not be delivered"
    last = reason or activation.reason
    text = f"{waited} in time{f': {last}' if last else ''}"
    return _moved(activation, standing, text, now, _done(activation.errand))


def pause_after(attempts: int, retry_after: float | None, random: float) -> float:
    """Return the seconds until the next try: doubling, half of it jitter, or what the other side asked for."""
    wanted = FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 20) * (0.5 + random / 2)
    return min(max(wanted, retry_after or 0.0), LONGEST_PAUSE_SECONDS)


def _within(activation: Activation, now: float, pause: float | None) -> float | None:
    """Return when to look again: after the pause, or when the patience ends if that is sooner."""
    end = activation.errand.patience
    if pause is None or end is None:
        return end
    return min(now + pause, end)


def _done(errand: Errand) -> Errand:
    return errand._replace(due=None, patience=None)


def _moved(activation: Activation, standing: machine.Standing, reason: str, now: float, errand: Errand) -> Activation:
    changed = now if standing.state != activation.state or reason != activation.reason else activation.changed_at
    return replace(activation, standing=standing, reason=reason, changed_at=changed, errand=errand)
