"""Activation over REST: order, list, look, and the callback of platforms.

All but the callback belong to whoever holds an API key, and show nobody anything of anybody else. Nothing here is
stored by any cache.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from service.activation import asked, describe
from service.activation.callbacks import Callbacks
from service.activation.canonical import payload_hash
from service.activation.orders import STATES, Order
from service.activation.paging import Cursors
from service.activation.placing import Till
from service.activation.signing import SIGNATURE, TIMESTAMP
from service.activation.store import Store
from service.durable import Unwritten
from service.endpoints import as_json, parameters
from service.errors import BadSignature, Draining, InvalidInput, NotFound, Unavailable, UnsupportedMediaType
from service.messages import Request, Response
from service.stages import fields, validate
from service.stages.authenticate import required

HEADER = "Idempotency-Key"
SIGNAL_ID = re.compile("[A-Za-z0-9_-]{1,128}")
_MEMBERS = ("destinations", "account", "action", "pricing_option_id", "idempotency_key")


class Rest:
    """The handlers. ``draining`` tells of a request whether it came too late; ``charge`` is told of a client whose
    callback is not genuine."""

    def __init__(
        self,
        till: Till,
        store: Store,
        callbacks: Callbacks,
        cursors: Cursors,
        draining: Callable[[Request], bool],
        charge: Callable[[str], object],
    ) -> None:
        self._till = till
        self._store = store
        self._callbacks = callbacks
        self._cursors = cursors
        self._draining = draining
        self._charge = charge

    def activate(self, request: Request, signal_id: str) -> Response:
        """Answer 200 if all that was ordered has come to its end, 202 if something is under way."""
        principal = required(request)
        if self._draining(request):
            raise Draining("This instance is shutting down; ask again and another will answer.", retry_after=1)
        document = _body(request)
        key = _key(request, document.pop("idempotency_key", None))
        order = Order(
            principal,
            signal_id,
            asked.destinations(document.get("destinations")),
            asked.account(document.get("account")),
            asked.action(document.get("action")),
            asked.pricing_option_id(document.get("pricing_option_id")),
        )
        placed = self._till.place(order, key, payload_hash(document | {"signal_agent_segment_id": signal_id}))
        activations = placed.document["activations"]
        under_way = any("pending" in one for one in activations)
        response = as_json(placed.document | {"replayed": placed.replayed, "request_id": request.id})
        response.status = 202 if under_way else 200
        place = activations[0]["activation_id"] if len(activations) == 1 else f"?signal={signal_id}"
        response.headers.append(("Location", f"/api/activations{'/' if len(activations) == 1 else ''}{place}"))
        response.fields["signal"] = signal_id
        return response

    def page(self, request: Request, argument: str) -> Response:
        """Answer with the caller's own activations, newest first."""
        principal = required(request)
        values = parameters(request, "state", "signal", "max_results", "cursor")
        filters = _filters(values)
        count = fields.max_results_text(values.get("max_results", "50"))
        about = "/".join((principal.id, *(f"{name}={value}" for name, value in filters.items())))
        before = self._cursors.read(values["cursor"], about) if "cursor" in values else None
        try:
            rows = self._store.page(principal.id, filters, before, count + 1)
        except Unwritten:
            raise _unreadable() from None
        pagination: dict[str, Any] = {"has_more": len(rows) > count}
        if pagination["has_more"]:
            pagination["cursor"] = self._cursors.cursor(rows[count - 1][0], about)
        return as_json({"activations": [describe.summary(one) for _, one in rows[:count]], "pagination": pagination})

    def one(self, request: Request, activation_id: str) -> Response:
        """Answer with one of the caller's own activations and its history."""
        principal = required(request)
        try:
            with self._store.transaction():
                found = self._store.by_id(activation_id)
                history = self._store.history(activation_id) if found else []
        except Unwritten:
            raise _unreadable() from None
        if found is None or found.principal != principal.id:
            raise NotFound("You have no activation with this id.")
        return as_json(describe.report(found, history))

    def callback(self, request: Request, activation_id: str) -> Response:
        """Take a platform's word."""
        try:
            told = self._callbacks.tell(
                activation_id, request.header(TIMESTAMP), request.header(SIGNATURE), request.read_body()
            )
        except BadSignature:
            self._charge(request.client)
            raise
        return as_json({"state": told.activation.state, "changed": told.changed})


def _body(request: Request) -> dict[str, Any]:
    if request.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("The body must be application/json.")
    if request.query_string:
        raise InvalidInput("POST takes its parameters in the body, none in the query string.", field="query string")
    document = validate.read_json(request.read_body())
    if not isinstance(document, dict):
        raise InvalidInput("The body must be a JSON object.", field="body")
    for name in document:
        if name not in _MEMBERS:
            raise InvalidInput(f"Unknown field {fields.quoted(name)}.", field=fields.quoted(name, marks=False))
    return document


def _key(request: Request, member: Any) -> str:
    """Return the key of the header or of the body; the header may put it into quotes."""
    header = request.header(HEADER).strip()
    if len(header) > 1 and header[0] == header[-1] == '"':
        header = header[1:-1]
    if header and member is not None and header != member:
        raise InvalidInput(f"{HEADER} and 'idempotency_key' differ: send one.", field="idempotency_key")
    return asked.idempotency_key(header or member)


def _filters(values: dict[str, str]) -> dict[str, str]:
    if "state" in values and values["state"] not in STATES:
        raise InvalidInput(f"'state' must be of {', '.join(STATES)}.", field="state")
    if "signal" in values and not SIGNAL_ID.fullmatch(values["signal"]):
        raise InvalidInput("'signal' must be the id of a signal.", field="signal")
    return {name: values[name] for name in ("state", "signal") if name in values}


def _unreadable() -> Unavailable:
    return Unavailable("Activations cannot be read at this moment.", retry_after=5)
