"""Checks a JSON value against a JSON Schema, as far as this service's own document uses the language.

``fault`` returns the first thing wrong, in words for whoever sent the value. A keyword that it does not know is a
``KeyError``, so that no schema seems to be checked and is not; formats are not checked. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

Schema = Mapping[str, Any]
Definitions = Mapping[str, Schema]
Part = tuple[str, Any, Schema]


class Fault(NamedTuple):
    """Where (``deployments.0.platform``; empty for the whole value) and what is wrong."""

    where: str
    what: str


def fault(value: Any, schema: Schema, definitions: Definitions, where: str = "") -> Fault | None:
    """Return the first fault of ``value``, or None; ``definitions`` are the schemas that a ``$ref`` may name."""
    if "$ref" in schema:
        return fault(value, definitions[schema["$ref"].rpartition("/")[2]], definitions, where)
    for keyword, wanted in schema.items():
        found = _TESTS[keyword](value, wanted) if keyword not in _FORMS else _misfit(value, schema, definitions)
        if found:
            return Fault(where, found)
    for name, part, inner in _parts(value, schema):
        deeper = fault(part, inner, definitions, f"{where}.{name}" if where else name)
        if deeper:
            return deeper
    return None


def _misfit(value: Any, schema: Schema, definitions: Definitions) -> str:
    for keyword, fits in _FORMS.items():
        forms = schema.get(keyword, [])
        fitting = sum(fault(value, form, definitions) is None for form in _listed(forms))
        if forms and not fits(fitting):
            return "must fit one of the documented forms" if fitting == 0 else "joins what goes alone"
    return ""


def _parts(value: Any, schema: Schema) -> Iterator[Part]:
    """Yield name, value and schema of each member or item."""
    if isinstance(value, list) and "items" in schema:
        yield from ((str(place), item, schema["items"]) for place, item in enumerate(value))
    if isinstance(value, dict):
        members, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name, member in value.items():
            inner = members.get(name, others)
            if inner is not True:
                yield name, member, inner or {"unknown": name}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and value == value // 1,
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_FORMS: dict[str, Callable[[int], bool]] = {
    "not": lambda fitting: fitting == 0,
    "oneOf": lambda fitting: fitting == 1,
}


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Python's $ lets a final line end through, that of JSON Schema does not.
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)


def _type(value: Any, wanted: Any) -> str:
    kinds = _listed(wanted)
    return "" if any(_TYPES[kind](value) for kind in kinds) else f"must be of type {' or '.join(kinds)}"


def _enum(value: Any, wanted: Any) -> str:
    # 1 equals True in Python, not in JSON.
    fits = any(value == word and isinstance(value, bool) == isinstance(word, bool) for word in wanted)
    return "" if fits else f"must be {' or '.join(map(str, wanted))}"


def _of(kind: str, fits: Callable[[Any, Any], bool], words: str) -> Callable[[Any, Any], str]:
    """Return a test that passes over values of other types, as the keywords of JSON Schema do."""
    return lambda value, wanted: f"{words} {wanted}" if _TYPES[kind](value) and not fits(value, wanted) else ""


def _missing(value: Any, wanted: Any) -> str:
    missing = [name for name in wanted if name not in value] if isinstance(value, dict) else []
    return f"lacks {', '.join(missing)}" if missing else ""


_TESTS: dict[str, Callable[[Any, Any], str]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda value, wanted: _enum(value, [wanted]),
    "minimum": _of("number", lambda value, wanted: value >= wanted, "must be at least"),
    "maximum": _of("number", lambda value, wanted: value <= wanted, "must be at most"),
    "minLength": _of("string", lambda value, wanted: len(value) >= wanted, "must have a length of at least"),
    "maxLength": _of("string", lambda value, wanted: len(value) <= wanted, "must have a length of at most"),
    "pattern": _of("string", lambda value, wanted: bool(_compiled(wanted).search(value)), "must match"),
    "minItems": _of("array", lambda value, wanted: len(value) >= wanted, "must have a number of items of at least"),
    "maxItems": _of("array", lambda value, wanted: len(value) <= wanted, "must have a number of items of at most"),
    "required": _missing,
    "maxProperties": _of("object", lambda value, wanted: len(value) <= wanted, "must have at most as many members as"),
    "propertyNames": lambda value, wanted: next(
        (found.what for name in (value if isinstance(value, dict) else ()) if (found := fault(name, wanted, {}))), ""
    ),
    "unknown": lambda value, wanted: "is unknown",
    # Said about a value, or tested part by part.
    **dict.fromkeys(
        ("description", "default", "examples", "format", "properties", "additionalProperties", "items"),
        lambda value, wanted: "",
    ),
}
