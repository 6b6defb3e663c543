"""Last door stage: an untrusted request becomes a frozen ``Query``, or a refusal that names the field.

GET and POST end in the same ``Query``. A memo keeps what a query string means, since the same ones come again and
again; refusals are never kept. ``fields.py`` reads the single values.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from service.bounded import BoundedStore
from service.errors import InvalidInput, UnsupportedMediaType
from service.messages import Brief, Query, Request, never_gone
from service.stages import fields, suspicion

_MEMO_ENTRIES = 4096
_MEMO_LENGTH = 600  # characters of a query string worth keeping

GET_NAMES = {
    "spec": fields.spec,
    "max_results": fields.max_results_text,
    "cursor": fields.cursor,
    "context_id": fields.context_id,
    "explain": fields.explain_text,
    "platforms": fields.comma_list("platforms", fields.platform),
    "countries": fields.comma_list("countries", fields.country),
    "data_providers": fields.comma_list("data_providers", fields.data_provider),
    "kind": fields.comma_list("kind", fields.kind),
    "max_cpm": fields.number_text("max_cpm", fields.MAX_CPM),
    "min_coverage_percentage": fields.number_text("min_coverage_percentage", fields.MOST_PERCENT),
}
POST_NAMES: dict[str, Callable[[Any], Any]] = {
    "signal_spec": fields.spec_of("signal_spec"),
    "max_results": fields.max_results,
    "cursor": fields.cursor,
    "context_id": fields.context_id,
    "explain": fields.explain,
    "destinations": fields.array("destinations", fields.destination),
    "countries": fields.array("countries", fields.country),
}
FILTER_NAMES = {
    "kind": fields.array("filters.kind", fields.kind),
    "data_providers": fields.array("filters.data_providers", fields.data_provider),
    "max_cpm": fields.number("filters.max_cpm", fields.MAX_CPM),
    "min_coverage_percentage": fields.number("filters.min_coverage_percentage", fields.MOST_PERCENT),
}


class Asked(NamedTuple):
    """What a request asks for, apart from who asks."""

    brief: Brief
    max_results: int
    cursor: str | None
    context_id: str | None
    explain: bool


def parse(request: Request) -> Query:
    """Return the query that a signals request means. Raises ``InvalidInput``, ``SuspiciousInput`` or
    ``UnsupportedMediaType``."""
    if request.method == "POST":
        asked = from_json(request)
    else:
        asked = _remembered.get(request.query_string) or _read(request.query_string)
    return _query(request, asked)


def parse_at_once(request: Request) -> Query | None:
    """As ``parse``, if that takes microseconds: where the same was read before, or all of it is plain words.

    Raises ``InvalidInput``."""
    if request.method == "POST" or len(request.query_string) > _MEMO_LENGTH:
        return None
    asked = _remembered.get(request.query_string)
    if asked is None and suspicion.is_ready():
        texts = _texts(request.query_string)
        if all(suspicion.is_plain(text) for text in texts.values() if text):
            asked = _remember(request.query_string, _meant(texts))
    return None if asked is None else _query(request, asked)


def _read(query_string: str) -> Asked:
    return _remember(query_string, from_query_string(query_string))


def _remember(query_string: str, asked: Asked) -> Asked:
    if len(query_string) <= _MEMO_LENGTH:
        _remembered.put(query_string, asked, len(query_string))
    return asked


def _query(request: Request, asked: Asked) -> Query:
    gone = request.environ.get("waitress.client_disconnected", never_gone)
    return Query(*asked[:-1], request.client, gone, explain=asked.explain)


def from_query_string(query_string: str) -> Asked:
    """Read the parameters of ``GET /api/signals``."""
    return _meant(_texts(query_string))


def _texts(query_string: str) -> dict[str, str]:
    """Return the parameters by name, decoded."""
    texts: dict[str, str] = {}
    for part in query_string.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        name = _decode(name, "query string")
        if name not in GET_NAMES:
            raise InvalidInput(f"Unknown parameter {fields.quoted(name)}.", field=fields.quoted(name, marks=False))
        if name in texts:
            raise InvalidInput(f"Parameter '{name}' is given more than once.", field=name)
        texts[name] = _decode(value, name)
    return texts


def _meant(texts: Mapping[str, str]) -> Asked:
    return _asked({name: GET_NAMES[name](text) for name, text in texts.items()}, "spec")


_remembered: BoundedStore[str, Asked] = BoundedStore(_MEMO_ENTRIES, _MEMO_ENTRIES * _MEMO_LENGTH)


def from_json(request: Request) -> Asked:
    """Read the JSON body of ``POST /api/signals``."""
    media_type = request.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("The body must be application/json.")
    if request.query_string:
        raise InvalidInput("POST takes its parameters in the body, none in the query string.", field="query string")
    document = read_json(request.read_body())
    values = _members(document, POST_NAMES | {"filters": _filters}, "")
    values.update(values.pop("filters", {}))
    values["platforms"] = values.pop("destinations", ())
    values["spec"] = values.pop("signal_spec", None)
    return _asked(values, "signal_spec")


def read_json(body: bytes) -> Any:
    """Decode one JSON document strictly: UTF-8, no repeated names, no NaN, sane depth."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unrepeated, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise InvalidInput("The body is not valid UTF-8.", field="body") from None
    except RecursionError:
        raise InvalidInput("The body is nested too deeply.", field="body") from None
    except ValueError as error:  # JSONDecodeError, and integers of thousands of digits
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidInput(f"The body is not valid JSON{where}.", field="body") from None


def _filters(value: Any) -> dict[str, Any]:
    found = _members(value, FILTER_NAMES, "filters")
    return {"kinds" if name == "kind" else name: member for name, member in found.items()}


def _members(value: Any, names: Mapping[str, Callable[[Any], Any]], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{where or 'The body'} must be a JSON object.", field=where or "body")
    for name in value:
        if name not in names:
            shown = f"{where}.{name}" if where else name
            raise InvalidInput(f"Unknown field {fields.quoted(shown)}.", field=fields.quoted(shown, marks=False))
    return {name: names[name](member) for name, member in value.items()}


def _asked(values: dict[str, Any], spec_name: str) -> Asked:
    if values.get("spec") is None:
        raise InvalidInput(f"'{spec_name}' is required: say in plain words what you look for.", field=spec_name)
    max_results = values.pop("max_results", fields.DEFAULT_RESULTS)
    cursor, context_id = values.pop("cursor", None), values.pop("context_id", None)
    explain = values.pop("explain", False)
    if "kind" in values:
        values["kinds"] = values.pop("kind")
    return Asked(Brief(**values), max_results, cursor, context_id, explain)


def _decode(text: str, name: str) -> str:
    if "%" not in text and text.isascii():
        return text.replace("+", " ")
    try:
        # WSGI hands bytes over as Latin-1.
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise InvalidInput(f"The value of '{name}' is not valid UTF-8.", field=name) from None


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Counted in one go: a body may repeat the last of thousands of names.
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise InvalidInput(f"Field {fields.quoted(repeated)} is given more than once.", field="body")
    return found


def _refuse_constant(constant: str) -> float:
    raise InvalidInput(f"{constant} is not a JSON number.", field="body")
