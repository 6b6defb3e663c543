"""Tells a webhook that an alert fires or is resolved: one JSON document, posted from the scheduler's work thread.

It promises an answer within ``timeout_seconds`` in all, a retry included, and never an exception: the outcome is a
short text that never holds the URL, whose path or user part is often a secret.
"""

from __future__ import annotations

import threading
from typing import Any

import httpx

from service.monitoring.rules import Rule
from service.monitoring.watch import Transition

TRIES = 2


def alert_document(transition: Transition, rule: Rule, instance: str) -> dict[str, Any]:
    """Return what is posted; ``text`` is the one field that chat services show."""
    value = "unknown" if transition.value is None else f"{transition.value:.4g}"
    verb = "fires" if transition.state == "firing" else f"is {transition.state}"
    return {
        "text": f"{rule.name} {verb} on {instance}: {rule.description}, {value} {rule.unit} "
        f"(fires {rule.comparison} {rule.fires:g}, clears at {rule.clears:g})",
        "alert": rule.name,
        "description": rule.description,
        "severity": rule.severity,
        "unit": rule.unit,
        "fires": rule.fires,
        "clears": rule.clears,
        "instance": instance,
        **{key: value for key, value in transition.document().items() if key != "name"},
    }


def post_alert(
    url: str,
    transition: Transition,
    rule: Rule,
    *,
    instance: str,
    timeout_seconds: float = 5.0,
    transport: httpx.BaseTransport | None = None,
) -> str:
    """Post the change and return ``ok``, ``status N``, ``timeout`` or the kind of failure.

    Redirects are not followed, and proxy variables of the environment are not read. ``transport`` is closed.
    """
    try:
        # Through the transport, not a client: clients log every URL.
        request = httpx.Request("POST", url, json=alert_document(transition, rule, instance))
        if request.url.scheme not in ("http", "https") or not request.url.host:
            return "invalid url"
        if request.url.userinfo:
            request = next(httpx.BasicAuth(request.url.username, request.url.password).auth_flow(request))
    except (httpx.InvalidURL, ValueError, TypeError):
        return "invalid url"
    outcomes = ["timeout"]
    phase = timeout_seconds / TRIES
    request.extensions = {"timeout": {"connect": phase, "read": phase, "write": phase, "pool": phase}}
    # httpx bounds each wait of an exchange but not their sum, nor the look-up of the name: the join bounds all.
    poster = threading.Thread(
        target=_try, args=(transport or httpx.HTTPTransport(), request, outcomes), name="webhook", daemon=True
    )
    poster.start()
    poster.join(timeout_seconds)
    return outcomes[-1]


def _try(transport: httpx.BaseTransport, request: httpx.Request, outcomes: list[str]) -> None:
    with transport:
        for _ in range(TRIES):
            outcome = _exchange(transport, request)
            outcomes.append(outcome)
            # What the other side refuses (4xx) it will refuse again.
            if outcome == "ok" or outcome.startswith(("status 3", "status 4")):
                return


def _exchange(transport: httpx.BaseTransport, request: httpx.Request) -> str:
    try:
        response = transport.handle_request(request)
        response.close()
    except httpx.TimeoutException:
        return "timeout"
    except (httpx.HTTPError, OSError, ValueError) as error:
        return type(error).__name__
    return "ok" if response.is_success else f"status {response.status_code}"
