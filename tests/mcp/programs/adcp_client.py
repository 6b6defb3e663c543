"""The official client of AdCP (``adcp`` on PyPI) against a running agent: prints what it made of the answers as JSON.

Run in an environment of its own: ``adcp_client.py URL STEPS PROGRAM``, where STEPS is JSON: a list of ``[scenario, key,
auth_type]``; an empty key sends no credentials. PROGRAM is the text of a whole program, which is run last. All in one
process, since the client takes seconds to import.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from contextlib import redirect_stdout

from adcp import ActivateSignalRequest, ADCPClient, AgentConfig, GetSignalsRequest, Protocol

KEY_OF_ORDER = "order-0123456789abcdef"


def client(url, key, auth_type):
    header = {"auth_type": "bearer", "auth_header": "Authorization"} if auth_type == "bearer" else {}
    config = AgentConfig(id="signals", agent_uri=url, protocol=Protocol.MCP, auth_token=key or None, **header)
    return ADCPClient(config)


def shown(result):
    """Return a result of the client as JSON values."""
    data = result.data.model_dump(mode="json", exclude_none=True) if result.data is not None else None
    return {
        "success": result.success,
        "error": result.error,
        "adcp_error": result.adcp_error,
        "replayed": result.replayed,
        "data": data,
    }


async def attempt(call):
    """Return what a call gave, or the name of what it raised with its text."""
    try:
        return shown(await call)
    except Exception as error:
        return {"raised": type(error).__name__, "text": str(error), "causes": causes(error)}


def causes(error):
    text, seen = "", error
    while seen is not None:
        text += f"{seen!r} "
        seen = seen.__cause__ or seen.__context__
    return text


async def discovery(agent):
    capabilities = await agent.fetch_capabilities()
    found = await attempt(agent.get_signals(GetSignalsRequest(signal_spec="car buyers", context={"trace": "t-1"})))
    refused = await attempt(agent.get_signals(GetSignalsRequest(signal_spec="<script>alert(1)</script>")))
    return {
        "capabilities": capabilities.model_dump(mode="json", exclude_none=True),
        "found": found,
        "refused": refused,
    }


async def pages(agent):
    seen, pagination = [], {"max_results": 100}
    while pagination:
        request = GetSignalsRequest(discovery_mode="wholesale", pagination=pagination)
        said = shown(await agent.get_signals(request))
        assert said["success"], said
        seen += [signal["signal_agent_segment_id"] for signal in said["data"]["signals"]]
        page = said["data"]["pagination"]
        pagination = {"max_results": 100, "cursor": page["cursor"]} if page["has_more"] else None
    return {"ids": seen, "total": page["total_count"]}


async def activation(agent):
    found = shown(await agent.get_signals(GetSignalsRequest(signal_spec="car buyers")))["data"]["signals"][0]
    place = found["deployments"][0]
    order = {
        "signal_agent_segment_id": found["signal_agent_segment_id"],
        "pricing_option_id": found["pricing_options"][0]["pricing_option_id"],
        "destinations": [{"type": "platform", "platform": place["platform"], "account": "seat-1"}],
        "idempotency_key": KEY_OF_ORDER,
    }

    async def place_order(**changes):
        return await attempt(agent.activate_signal(ActivateSignalRequest(**(order | changes))))

    first, again = await place_order(), await place_order()
    other = [{"type": "platform", "platform": place["platform"], "account": "seat-2"}]
    conflict = await place_order(destinations=other)
    missing = await place_order(signal_agent_segment_id="nobody", idempotency_key="another-0123456789")
    after = shown(await agent.get_signals(GetSignalsRequest(signal_spec="car buyers")))["data"]["signals"]
    return {
        "first": first,
        "again": again,
        "conflict": conflict,
        "missing": missing,
        "before": found["deployments"],
        "after": next(
            one["deployments"] for one in after if one["signal_agent_segment_id"] == order["signal_agent_segment_id"]
        ),
    }


async def unauthorised(agent):
    order = ActivateSignalRequest(
        signal_agent_segment_id="any",
        destinations=[{"type": "platform", "platform": "dv360"}],
        idempotency_key=KEY_OF_ORDER,
    )
    return {
        "get_signals": await attempt(agent.get_signals(GetSignalsRequest(signal_spec="cars"))),
        "activate_signal": await attempt(agent.activate_signal(order)),
    }


async def limited(agent):
    """Ask until the agent says that it is too much."""
    for _ in range(50):
        said = await attempt(agent.get_signals(GetSignalsRequest(signal_spec="cars")))
        if not said.get("success"):
            return said
    return None


SCENARIOS = {one.__name__: one for one in (discovery, pages, activation, unauthorised, limited)}


async def main(url, steps):
    """Take the steps ``[[scenario, key, auth_type], …]`` one after the other, each with a client of its own."""
    told = []
    for scenario, key, auth_type in steps:
        async with client(url, key, auth_type) as agent:
            told.append(await SCENARIOS[scenario](agent))
    return told


def printed_by(program):
    """Run the text of a program as if it were a file of its own, and return what it printed."""
    with redirect_stdout(io.StringIO()) as output:
        exec(compile(program, "program", "exec"), {"__name__": "__main__"})
    return output.getvalue()


if __name__ == "__main__":
    url, steps, program = sys.argv[1:]
    told = asyncio.run(main(url, json.loads(steps)))
    print(json.dumps([*told, {"printed": printed_by(program)}]))
