"""Answers for the tests of this folder: a service that is asked, alerts and restarts, as hypothesis draws it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from dashboard.model.book import METRICS
from dashboard.model.snapshot import Failure, Metrics
from tests.dashboard.model.samples import FakeService, failure, rule

NAME = "web"


def kept(answer):
    """Return the answer as a recording keeps it: one clock, and the metrics that are read."""
    if isinstance(answer, Failure):
        return replace(answer, at=answer.wall)
    samples = {name: series for name, series in answer.metrics.samples.items() if name in METRICS and series}
    return replace(answer, at=answer.wall, metrics=Metrics(samples))


def history(steps):
    """Return one answer a second of a service that lives through ``steps``."""
    service, answers = FakeService(), []
    for second, (kind, number) in enumerate(steps, 1):
        at = float(second)
        if kind == "lost":
            answers.append(failure(at, reason=f"reason {number} é"))
            continue
        if kind == "restart":
            service = FakeService(f"web-{number}", started=at)
        elif kind == "asked":
            service.answer(status="200" if number else "503", times=number + 1)
        elif kind == "alert":
            service.alerts = [rule(state="firing" if number % 2 else "ok", value=number / 7)]
        elif kind == "figure":
            service.figures = {"queue.capacity": 100.0, f"figure.{number}": None if number == 3 else "text\u2028 é"}
        answers.append(service.snapshot(at))
    return answers


steps = st.lists(
    st.tuples(st.sampled_from(["asked", "idle", "lost", "restart", "alert", "figure"]), st.integers(0, 4)), max_size=80
)
