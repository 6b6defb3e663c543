"""What a platform says of a delivery, read from its JSON: in a callback, a polled status or a confirmation file.

``{"delivery_id", "state", "activation_key"?, "reason"?}``. ``live``, ``failed`` and ``deactivated`` are words that
count; ``requested`` and ``activating`` say that it is still busy. Names that are not known here are left alone.
"""

from __future__ import annotations

from typing import Any

from service.activation.adapter import Confirmed, NotYet
from service.errors import InvalidInput
from service.stages import fields, validate

BODY_BYTES = 16 * 1024
ID_LENGTH = 64
REASON_LENGTH = 300
KEY_LENGTH = 256
_KEYS = {"segment_id": ("segment_id",), "key_value": ("key", "value")}


def read(body: bytes) -> tuple[str, Confirmed | NotYet]:
    """Return the delivery's id and what is said of it. Raises ``InvalidInput`` with the field's name."""
    document = validate.read_json(body)
    if not isinstance(document, dict):
        raise InvalidInput("The body must be a JSON object.", field="body")
    delivery = fields.text_of(document.get("delivery_id"), "delivery_id", ID_LENGTH)
    reason = document.get("reason")
    text = "" if reason is None else fields.text_of(reason, "reason", REASON_LENGTH)
    match document.get("state"):
        case "live":
            return delivery, Confirmed("live", _key(document.get("activation_key")))
        case "failed":
            return delivery, Confirmed("failed", reason=text or "the platform gave no reason")
        case "deactivated":
            return delivery, Confirmed("deactivated", reason=text)
        case "requested" | "activating":
            return delivery, NotYet(text)
    raise InvalidInput("'state' must be live, failed, deactivated, activating or requested.", field="state")


def _key(value: Any) -> dict[str, str] | None:
    """Return AdCP's activation key: a segment's id, or a key with its value."""
    if value is None:
        return None
    members = _KEYS.get(value.get("type", "")) if isinstance(value, dict) and type(value.get("type")) is str else None
    if members is None:
        raise InvalidInput("'activation_key' must be of type segment_id or key_value.", field="activation_key")
    read = {name: fields.text_of(value.get(name), f"activation_key.{name}", KEY_LENGTH) for name in members}
    return {"type": value["type"], **read}
