"""Each operation in words: what it is for, with an example that works, and what it takes and answers.

One entry for each name in the table of routes; ``openapi`` joins the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.openapi import activations
from service.openapi.answers import Document, answer, as_json, limited
from service.openapi.requests import (
    REVALIDATION,
    SEARCH_PARAMETERS,
    SIGNAL_ID,
    choice,
    matching,
    path_parameter,
    switch,
)
from service.openapi.schemas import ref

SIGNALS, ACTIVATION, MONITORING, OPERATION, META = "signals", "activation", "monitoring", "operation", "meta"
TAGS = {
    SIGNALS: "Find signals to buy media by.",
    ACTIVATION: "Have them on a platform.",
    MONITORING: "How the service is.",
    OPERATION: "What an operator does to it.",
    META: "The interface itself.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document tells of a route besides its row in the table; ``answers`` go by status."""

    tag: str
    description: str
    answers: Mapping[int, Document]
    parameters: list[Document] = field(default_factory=list)
    body: Document | None = None
    refusals: tuple[int, ...] = ()


_INSTANCE = "X-Instance-ID"
_FOUND = {
    200: as_json(
        "SignalsAnswer", "A page of signals, best first.", *limited("X-Cache", "ETag", "Cache-Control", "Vary")
    ),
    304: answer("What you hold is still right.", {}, *limited("X-Cache", "ETag", "Cache-Control", "Vary")),
}
_NO_CALL = answer(
    "What was refused before a tool could answer: an error of JSON-RPC, or a problem where no message was read.",
    {"application/json": {"schema": ref("McpAnswer")}, "application/problem+json": {"schema": ref("Problem")}},
    *limited("Cache-Control", "Retry-After"),
)
_WARM = Operation(
    OPERATION,
    "Ranks the popular questions anew, in the background; a running warm-up is joined, not doubled. With `wait=true` "
    "the answer comes when it is done, after 30 seconds at most.",
    {
        200: as_json("Warmup", "The warm-up is done (`wait=true`).", _INSTANCE),
        202: as_json("Warmup", "The warm-up is under way.", _INSTANCE),
    },
    [switch("wait", "Answer when the warm-up is done.")],
    refusals=(409,),
)
_FILES = """
```
id,name,coverage_percentage,cpm,countries,platforms
suv-intenders,SUV intenders,6.4,3.2,US;CA,the-trade-desk;dv360
```

```
{"id":"suv-intenders","name":"SUV intenders","coverage_percentage":6.4,"cpm":3.2,"countries":["US","CA"]}
{"id":"truck-intenders","name":"Truck intenders"}
```
"""

OPERATIONS: dict[str, Operation] = {
    "search": Operation(
        SIGNALS,
        "Say in plain words what audience or context you want; the signals that fit come best first. Lists are comma "
        "separated. A signal whose price, coverage, countries or platforms are unknown fails a filter on them; "
        "`message` says how many were left out for that. What looks like an attack is refused with 400 "
        "(`suspicious-input`).\n\n"
        "`curl 'http://localhost:8000/api/signals?spec=parents+shopping+for+strollers&countries=US&max_results=5'`\n\n"
        "A question too long for an address (431) goes by `POST`. For the next page send the same question with "
        "`cursor` from `pagination`. With an API key, what is private to its holder is found too, at the holder's "
        "prices. After a change of the catalogue the pages go on behind the last signal shown or, "
        "if that is gone, end with 400 (`cursor-expired`).",
        _FOUND,
        [*SEARCH_PARAMETERS, REVALIDATION],
    ),
    "search_json": Operation(
        SIGNALS,
        "The same as `GET /api/signals`, with AdCP's field names. No parameters in the query string.\n\n"
        "`curl http://localhost:8000/api/signals -H 'Content-Type: application/json' "
        '-d \'{"signal_spec":"rainy weekend","filters":{"kind":["environmental"]}}\'`',
        _FOUND,
        [REVALIDATION],
        {"required": True, "content": {"application/json": {"schema": ref("SignalsRequest")}}},
        refusals=(415,),
    ),
    "signal": Operation(
        SIGNALS,
        "One signal by its `signal_agent_segment_id`.",
        {200: as_json("Signal", "The signal.", *limited("Cache-Control", "Vary"))},
        [path_parameter("id", matching(SIGNAL_ID), "The signal's `signal_agent_segment_id`.")],
        refusals=(404,),
    ),
    "mcp": Operation(
        SIGNALS,
        "The same signals for agents: the tools `get_adcp_capabilities`, `get_signals`, `activate_signal` of AdCP 3.0 "
        "to 3.2, over MCP (Streamable HTTP, stateless, plain JSON answers; `initialize` may be left out). `tools/list` "
        "describes what they take. A refused call of a tool is answered with 200 and `isError`; its code, "
        "and how long to wait, stand in `structuredContent.adcp_error`.\n\n"
        "`curl http://localhost:8000/mcp -H 'Content-Type: application/json' -d "
        '\'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_signals","arguments":'
        '{"signal_spec":"parents shopping for strollers"}}}\'`',
        {
            200: as_json("McpAnswer", "The answer to a call.", *limited("Cache-Control")),
            202: answer("A notification was taken.", {}, *limited()),
            **dict.fromkeys((400, 401, 403, 415, 429, 500, 503), _NO_CALL),
        },
        body={"required": True, "content": {"application/json": {"schema": ref("McpMessage")}}},
    ),
    "activate": Operation(
        ACTIVATION,
        activations.ORDERING,
        {
            200: as_json("ActivationAnswer", "Done, everywhere.", *limited("Location", "Cache-Control")),
            202: as_json("ActivationAnswer", "Taken; some of it is under way.", *limited("Location", "Cache-Control")),
        },
        [path_parameter("id", matching(SIGNAL_ID), "The signal's `signal_agent_segment_id`."), activations.IDEMPOTENCY],
        {"required": True, "content": {"application/json": {"schema": ref("ActivationRequest")}}},
        refusals=(401, 404, 409, 415, 422),
    ),
    "activations": Operation(
        ACTIVATION,
        "What the holder of the API key has activated, newest first; nobody else's is ever shown or counted.",
        {200: as_json("Activations", "A page of your activations.", *limited("Cache-Control"))},
        activations.LIST_PARAMETERS,
        refusals=(401,),
    ),
    "activation": Operation(
        ACTIVATION,
        "One of your own activations, with its last steps; 404 for anybody else's.",
        {200: as_json("ActivationReport", "The activation.", *limited("Cache-Control"))},
        [path_parameter("id", {"type": "string", "minLength": 1}, "The `activation_id`.")],
        refusals=(401, 404),
    ),
    "callback": Operation(
        ACTIVATION,
        activations.TELLING,
        {200: as_json("WordTaken", "Understood; `changed` says if it changed anything.", *limited("Cache-Control"))},
        [
            path_parameter("id", {"type": "string", "minLength": 1}, "The `activation_id`."),
            *activations.SIGNATURE_PARAMETERS,
        ],
        {"required": True, "content": {"application/json": {"schema": ref("Word")}}},
        refusals=(401, 503),
    ),
    "adagents": Operation(
        SIGNALS,
        "AdCP's `adagents.json`: public signals of type `owned`, and this service as their agent where `BASE_URL` is "
        "set. Sample data says so and authorises nobody; without signals of the provider's own it is 404.",
        {
            200: as_json("AdAgents", "The document.", *limited("ETag", "Cache-Control")),
            304: answer("What you hold is still right.", {}, *limited("ETag", "Cache-Control")),
        },
        [REVALIDATION],
        refusals=(404, 503),
    ),
    "alive": Operation(
        MONITORING,
        "200 while the process lives, at next to no cost: for platforms that restart what does not answer.",
        {200: as_json("Alive", "It lives.", "Cache-Control")},
    ),
    "health": Operation(
        MONITORING,
        "For balancers and people: 503 when requests should go elsewhere. `degraded` (200) means that an operator "
        "should look; each check says what it found and since when.",
        {
            200: as_json("Health", "Healthy or degraded.", _INSTANCE),
            503: as_json("Health", "Unhealthy or shutting down.", _INSTANCE),
        },
    ),
    "metrics": Operation(
        MONITORING,
        "Prometheus' text format, or OpenMetrics if `Accept` names it.",
        {
            200: answer(
                "All metrics.",
                {
                    "text/plain": {"schema": {"type": "string"}},
                    "application/openmetrics-text": {"schema": {"type": "string"}},
                },
                _INSTANCE,
            )
        },
    ),
    "stats": Operation(
        MONITORING,
        "All that a dashboard shows. Ratios are 0-1, percents say so, times are seconds, null is unknown. With "
        "`scope=fleet` the same of each instance behind one Redis, and their totals; without Redis, of this one.\n\n"
        "`curl -H 'Authorization: Bearer <OPERATOR_TOKEN>' http://localhost:8000/api/monitoring/stats`",
        {200: as_json("StatsAnswer", "The figures.", _INSTANCE)},
        [choice("scope", ("instance", "fleet"), "Whose figures: this instance's, or those of all.")],
    ),
    "warmup_get": _WARM,
    "warmup": _WARM,
    "lift_block": Operation(
        OPERATION,
        "Lets a blocked client in again. `stats` lists who is blocked; an IPv6 client goes by its /64.",
        {200: as_json("LiftedBlock", "The block is lifted.", _INSTANCE)},
        [path_parameter("client", {"type": "string", "minLength": 1}, "The client's name or address.")],
        refusals=(404,),
    ),
    "debug": Operation(
        OPERATION,
        "Settings in force, with secrets masked, versions, and the catalogue's file.",
        {200: as_json("Debug", "What is in force.", _INSTANCE)},
    ),
    "publish": Operation(
        OPERATION,
        "Adds and updates signals by id: a file of CSV with a header or of JSON Lines (one row a line), or a single "
        "row as JSON. One import is one transaction, and served at once when done. If any row is bad nothing is "
        "written and 400 lists the bad rows, unless `skip_bad=true`.\n\n"
        "`curl --data-binary @signals.csv -H 'Content-Type: text/csv' -H 'Authorization: Bearer <OPERATOR_TOKEN>' "
        "http://localhost:8000/api/catalogue`\n\n"
        "A form (`multipart/form-data`) with one such file does the same: `curl -F file=@signals.csv …`; the format "
        "goes by the file's name. Columns and fields are those of `CatalogueRow`; CSV cells hold lists as `US;CA` and "
        "paths as `A > B`, and an empty cell is unknown.\n" + _FILES,
        {200: as_json("ImportReport", "What was written.")},
        [
            switch("replace", "Remove every signal that the import does not name."),
            switch("skip_bad", "Leave bad rows out and import the others."),
        ],
        {
            "required": True,
            # Files of CSV or JSON Lines stand in the description: no schema can tell a sound one from another.
            "content": {"application/json": {"schema": ref("CatalogueRow")}},
        },
    ),
    "openapi": Operation(
        META,
        "This document.",
        {200: as_json("OpenApi", "OpenAPI 3.1.", *limited())},
    ),
    "index": Operation(
        META,
        "The endpoints in short, and a request to try.",
        {200: as_json("Index", "What there is.", *limited("Cache-Control"))},
    ),
}
