"""Activations as JSON values: AdCP's deployments, and the documents of REST."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from service.activation.activation import Activation, Change
from service.monitoring.stats import iso

Document = dict[str, Any]


def answer(activations: Sequence[Activation]) -> Document:
    """Return AdCP's success: a deployment for each, and ``sandbox`` where any of them is simulated."""
    document: Document = {"deployments": [deployment(one) for one in activations]}
    return document | ({"sandbox": True} if any(one.sandbox for one in activations) else {})


def deployment(activation: Activation) -> Document:
    """Return AdCP's deployment. ``activation_key`` is in it only while it is live."""
    document = activation.destination.document() | {"is_live": activation.state == "live"}
    if activation.state == "live":
        if activation.activation_key is not None:
            document["activation_key"] = dict(activation.activation_key)
        document["deployed_at"] = iso(activation.deployed_at)
    elif activation.pending == "activate" and activation.estimated_minutes is not None:
        document["estimated_activation_duration_minutes"] = activation.estimated_minutes
    return document


def summary(activation: Activation) -> Document:
    """Return what REST tells of an activation; what is unknown is left out."""
    document: Document = {
        "activation_id": activation.id,
        "signal_agent_segment_id": activation.signal,
        "state": activation.state,
        "deployment": deployment(activation),
        "adapter": activation.adapter,
        "sandbox": activation.sandbox,
        "requested_at": iso(activation.requested_at),
        "changed_at": iso(activation.changed_at),
    }
    maybe = {
        "pending": activation.pending,
        "account": activation.account.document() if activation.account else None,
        "pricing_option_id": activation.pricing_option_id,
        "reason": activation.reason or None,
    }
    return document | {name: value for name, value in maybe.items() if value is not None}


def report(activation: Activation, history: Iterable[Change]) -> Document:
    """Return an activation with its history, oldest step first."""
    steps = [
        {"at": iso(change.at), "state": change.state} | ({"reason": change.reason} if change.reason else {})
        for change in history
    ]
    return summary(activation) | {"history": steps}
