"""What the jobs of the service do, as factories of plain functions: each takes what it needs and knows no service.

The composition root puts them into the timetable: ``sample`` every 5 s and ``refresh_catalogue`` every second, each on
a thread of its own, ``health_check`` every 5 minutes and ``clean_state`` every hour on the work thread, ``ping`` where
waiting harms nobody. They may raise: the runner contains it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")
M = TypeVar("M")


def sample(
    *,
    clock: Callable[[], float],
    cut: Callable[[], T],
    remember: Callable[[float, T], object],
    look: Callable[[], object],
    measure: Callable[[T, float], M],
    evaluate: Callable[[M, float], object],
) -> Callable[[], None]:
    """Return the job that looks at the system, keeps one sample of the totals and moves the alerts on.

    ``measure`` sees the history before the new sample is in it. ``clock`` returns monotonic seconds.
    """

    def run() -> None:
        look()
        now, totals = clock(), cut()
        vitals = measure(totals, now)
        remember(now, totals)
        evaluate(vitals, now)

    return run


def refresh_catalogue(refresh: Callable[[], bool], changed: Callable[[], object]) -> Callable[[], None]:
    """Return the job that looks for a new catalogue and calls ``changed`` when one was loaded."""

    def run() -> None:
        if refresh():
            changed()

    return run


def health_check(
    assess: Callable[[], tuple[str, Mapping[str, str]]], tell: Callable[[str | None, str, Mapping[str, str]], object]
) -> Callable[[], None]:
    """Return the job that tells a change of health: the status before (None at first), the status, and the reasons.

    ``assess`` returns the status and a reason for each check that is not healthy.
    """
    last: str | None = None

    def run() -> None:
        nonlocal last
        status, reasons = assess()
        before, last = last, status
        if status != before:
            tell(before, status, reasons)

    return run


def clean_state(
    cleaners: Mapping[str, Callable[[], int]], tell: Callable[[Mapping[str, int]], object]
) -> Callable[[], None]:
    """Return the job that lets each cleaner drop what has expired, and tells how many rows of each went, if any.

    A cleaner that fails does not keep the others from their work; the failures are raised together at the end.
    """

    def run() -> None:
        gone: dict[str, int] = {}
        failures: list[Exception] = []
        for name, clean in cleaners.items():
            try:
                gone[name] = clean()
            except Exception as error:  # raised below, with the others
                failures.append(error)
        if any(gone.values()):
            tell({name: count for name, count in gone.items() if count})
        if failures:
            raise ExceptionGroup("cleaning failed", failures)

    return run


class Unreachable(Exception):
    """The ping of an address did not go well."""


def ping(send: Callable[[], str]) -> Callable[[], None]:
    """Return the job that asks the service at its public address; it fails unless the outcome is ``ok``."""

    def run() -> None:
        outcome = send()
        if outcome != "ok":
            raise Unreachable(f"the public address did not answer well: {outcome}")

    return run
