"""OpenAPI 3.1 of the whole interface, made from the table of routes.

Joins each route with its entry in ``operations``; a route without one is a ``KeyError`` at the start, so that
nothing goes undocumented. The modules beside this one hold the parts: what may be sent, what is answered.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.openapi.answers import HEADERS, RESPONSES, Document, responses
from service.openapi.operations import OPERATIONS, TAGS
from service.openapi.schemas import SCHEMAS
from service.routes import Route

_ABOUT = """Describe an audience or a context in plain words and get a ranked list of advertising signals with \
coverage, price and the platforms they can be used on. Field names follow AdCP 3.x.

- Unknown coverage or price is absent, never 0. `ranking_method` says whether AI or text ranked.
- Refusals are `application/problem+json` (RFC 9457). `detail` says what is wrong, `field` where.
- Every answer carries `X-Request-ID`; a request's own is kept if it fits `[A-Za-z0-9._-]{8,64}`.
- Unknown and repeated parameters and fields are refused with 400, so that no filter is lost to a misspelling.
- `HEAD` works where `GET` does. `OPTIONS` lists the methods in `Allow`, and so does the 405 to any other method.
- Requests are limited by client; on 429, 403 and 503 wait for `Retry-After` seconds."""

_OPERATOR = (
    "The value of the service's `OPERATOR_TOKEN`. Where none is set, operator endpoints answer local callers only, "
    "and they need no token."
)
_KEY = (
    "An API key (`sa_…`), made by the operator. Its holder finds what is private to it, at its own prices, and "
    "has a limit of its own. One that is not valid is refused with 401."
)
_KEYS: list[Document] = [{"key": []}, {"adcp": []}]


def openapi_document(routes: Sequence[Route], version: str) -> Document:
    """Return the document as JSON values."""
    paths: dict[str, Document] = {}
    for route in routes:
        paths.setdefault(route.endpoint, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Signals agent", "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "headers": HEADERS,
            "responses": RESPONSES,
            "securitySchemes": {
                "operator": {"type": "http", "scheme": "bearer", "description": _OPERATOR},
                "key": {"type": "http", "scheme": "bearer", "description": _KEY},
                "adcp": {"type": "apiKey", "in": "header", "name": "X-Adcp-Auth", "description": _KEY},
            },
        },
    }


def _security(route: Route) -> list[Document]:
    if route.operator:
        return [{"operator": []}]
    if route.walk != "signals":
        return []
    # A key is welcome; only some want one.
    return [*([] if route.key else [{}]), *_KEYS]


def _operation(route: Route) -> Document:
    told = OPERATIONS[route.name]
    operation: Document = {
        "operationId": route.name,
        "summary": route.summary,
        "description": told.description,
        "tags": [told.tag],
        "security": _security(route),
    }
    if told.parameters:
        operation["parameters"] = told.parameters
    if told.body:
        operation["requestBody"] = told.body
    return operation | {"responses": responses(route.walk, dict(told.answers), told.refusals)}
