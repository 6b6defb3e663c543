"""Signals and proposals in AdCP's words, as JSON holds them. Pure."""

from __future__ import annotations

from typing import Any

from service.messages import Deployment, Proposal, Signal


def describe(signal: Signal) -> dict[str, Any]:
    """Return a signal in AdCP's words; what is unknown is left out."""
    document: dict[str, Any] = {
        "signal_agent_segment_id": signal.id,
        "signal_ref": _reference(signal) | {"signal_id": signal.id},
        "name": signal.name,
        "description": signal.description,
        "path": list(signal.path),
        "kind": signal.kind,
        "signal_type": signal.signal_type,
        "data_provider": signal.data_provider,
    }
    if signal.coverage_percentage is not None:
        document["coverage_percentage"] = signal.coverage_percentage
    document["countries"] = list(signal.countries)
    document["deployments"] = [_deployment(deployment) for deployment in signal.deployments]
    if signal.cpm is not None:
        price = {"model": "cpm", "cpm": signal.cpm, "currency": signal.currency}
        document["pricing_options"] = [{"pricing_option_id": f"{signal.id}-cpm"} | price]
    return document


def describe_proposal(proposal: Proposal) -> dict[str, Any]:
    """Return what could be made, marked as no more than that: it has no size and no price, and cannot be activated."""
    return {
        "custom_segment_id": proposal.id,
        "status": "proposed",
        "proposed_name": proposal.name,
        "description": proposal.description,
        "creation_rationale": proposal.rationale,
    }


def _reference(signal: Signal) -> dict[str, Any]:
    if not signal.provider_domain:
        return {"scope": "signal_source"}
    if signal.signal_type == "owned":
        return {"scope": "signal_source", "signal_source_url": f"https://{signal.provider_domain}"}
    return {"scope": "data_provider", "data_provider_domain": signal.provider_domain}


def _deployment(deployment: Deployment) -> dict[str, Any]:
    place = {"agent_url": deployment.agent_url} if deployment.agent_url else {"platform": deployment.platform}
    return {"type": deployment.type} | place | {"is_live": deployment.is_live}
