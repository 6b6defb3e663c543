"""The answers of the interface as OpenAPI responses: their headers, and one response for each kind of refusal.

``responses`` puts together what one operation may answer. What the server itself may answer to any request (a request
it cannot read, a body too large or too slow, a bug) is added to every operation.
"""

from __future__ import annotations

from typing import Any

from service.openapi.schemas import CACHE_RESULTS, ref
from service.routes import Walk
from service.stages.identify import OWN_ID

Document = dict[str, Any]

_WHOLE = {"type": "integer", "minimum": 0}


def _header(description: str, schema: Document, *, always: bool = False) -> Document:
    return {"description": description, "schema": schema} | ({"required": True} if always else {})


_ID = {"type": "string", "pattern": f"^{OWN_ID.pattern}$"}
HEADERS: dict[str, Document] = {
    "X-Request-ID": _header("Your own, if it fits the pattern, or a new one. It is in the log.", _ID, always=True),
    "X-Instance-ID": _header("Which instance answered.", {"type": "string"}, always=True),
    "RateLimit-Policy": _header(
        "`q` requests in any `w` seconds; with a key, for the key and for the address.",
        {"type": "string", "pattern": '^("key";q=[0-9]+;w=[0-9]+, )?"default";q=[0-9]+;w=[0-9]+$'},
    ),
    "RateLimit": _header(
        "`r` requests are left; `t` seconds until the next is freed.",
        {"type": "string", "pattern": '^("key";r=[0-9]+;t=[0-9]+, )?"default";r=[0-9]+;t=[0-9]+$'},
    ),
    "X-RateLimit-Limit": _header("Requests allowed in the window.", _WHOLE),
    "X-RateLimit-Remaining": _header("Requests left.", _WHOLE),
    "X-RateLimit-Reset": _header("Unix second by which the window has freed its next place.", _WHOLE),
    "Retry-After": _header("Seconds after which the request works again; no earlier one does.", _WHOLE),
    "X-Cache": _header(
        "Whether the ranking came from memory.", {"type": "string", "enum": [*CACHE_RESULTS]}, always=True
    ),
    "ETag": _header("For `If-None-Match`.", {"type": "string", "pattern": '^W/"[0-9a-f]+"$'}, always=True),
    "Cache-Control": _header("Who may keep the answer.", {"type": "string"}),
    "Vary": _header("What the answer depends on besides the address.", {"type": "string"}),
    "Location": _header("Where to see how it stands.", {"type": "string"}, always=True),
    "WWW-Authenticate": _header("How to say who you are.", {"type": "string"}),
}
_LIMITS = ("RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

_REFUSALS: dict[int, tuple[str, str, tuple[str, ...]]] = {
    400: ("InvalidInput", "The request is not as documented; `detail` and `field` say where.", ()),
    401: ("Unauthorized", "Token, API key or signature is missing or wrong.", ("WWW-Authenticate",)),
    403: ("Blocked", "This client is blocked for abuse for a while.", ("Retry-After",)),
    404: ("NotFound", "There is no such thing.", ()),
    408: ("RequestTimeout", "The request took too long to arrive.", ()),
    409: (
        "Conflict",
        "The same work is under way already, or it is not done here; `detail` says where.",
        ("Retry-After",),
    ),
    413: ("ContentTooLarge", "The body is larger than this endpoint takes.", ()),
    415: ("UnsupportedMediaType", "The body is of a type that this endpoint does not read.", ()),
    422: ("Unprocessable", "It is understood, and cannot be done as it is; `type` and `detail` say why.", ()),
    429: ("TooManyRequests", "Too many requests, or too many wrong tokens or keys.", ("Retry-After",)),
    431: ("HeaderFieldsTooLarge", "The headers are too large.", ()),
    500: ("InternalError", "A fault of the service; it is logged under the request id.", ()),
    503: ("Unavailable", "Overloaded, shutting down, or without a catalogue.", ("Retry-After",)),
}
_ANYWHERE = (400, 408, 413, 431, 500)
_BY_WALK: dict[Walk, tuple[int, ...]] = {
    "express": (),
    "operator": (401, 429),
    "bulk": (401, 415, 409, 429, 503),
    "plain": (403, 429),
    "signals": (401, 403, 429, 503),
    "mcp": (401, 403, 415, 429, 503),
}


def _named(*names: str) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def answer(description: str, content: Document, *headers: str) -> Document:
    """Return a response with a body by media type, and with these headers besides the request id."""
    response: Document = {"description": description, "headers": _named("X-Request-ID", *headers)}
    return response | ({"content": content} if content else {})


def as_json(schema: str, description: str, *headers: str) -> Document:
    """Return a response with a JSON body of a schema of the document."""
    return answer(description, {"application/json": {"schema": ref(schema)}}, *headers)


RESPONSES: dict[str, Document] = {
    name: answer(description, {"application/problem+json": {"schema": ref("Problem")}}, *headers, *_LIMITS)
    for name, description, headers in _REFUSALS.values()
}


def limited(*headers: str) -> tuple[str, ...]:
    """Return headers with those of the rate limit."""
    return (*headers, *_LIMITS)


def responses(walk: Walk, answers: dict[int, Document], refusals: tuple[int, ...] = ()) -> Document:
    """Return all that an operation may answer: its own ``answers`` and ``refusals``, and those of its walk."""
    statuses = sorted({*_ANYWHERE, *_BY_WALK[walk], *refusals})
    refused = {status: {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"} for status in statuses}
    return {str(status): response for status, response in sorted((refused | answers).items())}
