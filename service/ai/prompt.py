"""From a brief and its candidates to the prompt: the one place where foreign text goes towards a model. Pure.

Brief and candidates stand as JSON lines between two fence lines. ``<`` and ``>`` are escaped in the data, so no data
can close the fence or fake another. What speaks to the model stays out: a description leaves its row to the name, a
name leaves it to the path and the id. Whatever goes in, the whole stays under ``PROMPT_BYTES``.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.ai.injection import speaks_to_the_model
from service.ai.instructions import REMINDER, answer_schema, system_text
from service.ai.labels import labels
from service.ai.plain_text import cut, tidy
from service.ai.provider import Prompt
from service.messages import KINDS, Brief, Signal

__all__ = ["PROMPT_BYTES", "prompt_for", "speaks_to_the_model"]

PROMPT_BYTES = 23_500
"""Of system, text and schema as one JSON document in ASCII, the widest form in which a provider sends them; it leaves
500 bytes of the 24,000 to what a provider's format puts around them."""

MOST_CANDIDATES = 50
_SPEC_LETTERS = 1000
_DESCRIPTION_LETTERS = 300
_NAME_LETTERS = 160
_MOST_COUNTRIES = 8
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


@dataclass(frozen=True, slots=True)
class _Row:
    """A candidate as the model will see it; texts that it may not see are empty already."""

    label: str
    name: str
    path: str
    description: str
    facts: dict[str, Any]


def prompt_for(brief: Brief, candidates: Sequence[Signal], *, proposals: bool = False) -> Prompt:
    """Return the prompt that asks for an order of the first 50 candidates, best first by the local order."""
    candidates = candidates[:MOST_CANDIDATES]
    rows = [_row(signal, label) for signal, label in zip(candidates, labels(candidates), strict=True)]
    system, schema = system_text(proposals), answer_schema(proposals)
    spec = _line({"brief": cut(tidy(brief.spec), _SPEC_LETTERS)})
    mark = hashlib.blake2b(repr((spec, rows)).encode("utf-8", "replace"), digest_size=8).hexdigest()
    around = _size({"system": system, "text": _fenced(mark, [spec]), "schema": schema})
    return Prompt(system, _fenced(mark, [spec, *_fitting(rows, PROMPT_BYTES - around)]), schema)


def _row(signal: Signal, label: str) -> _Row:
    """Return a candidate without what speaks to the model, said at once or begun in one field and ended in the next."""
    name, path, description = tidy(signal.name), " > ".join(map(tidy, signal.path)), tidy(signal.description)
    if speaks_to_the_model(path):
        path = ""
    if speaks_to_the_model(name) or speaks_to_the_model(f"{path} {name}"):
        name = description = ""
    if speaks_to_the_model(description) or speaks_to_the_model(f"{name} {description}"):
        description = ""
    return _Row(label, name, path, description, _facts(signal))


def _facts(signal: Signal) -> dict[str, Any]:
    """Return what is known in numbers and codes; unknown is left out, as everywhere."""
    countries = [code for code in signal.countries if len(code) == 2 and code.isalpha()][:_MOST_COUNTRIES]
    facts: dict[str, Any] = {"kind": signal.kind} if signal.kind in KINDS else {}
    if countries:
        facts["countries"] = countries
    if signal.coverage_percentage is not None:
        facts["coverage_percentage"] = signal.coverage_percentage
    return facts


def _fitting(rows: Sequence[_Row], room: int) -> list[str]:
    """Return the rows as lines of at most ``room`` bytes: all descriptions cut alike, and after them all names."""

    def lines(letters: int) -> list[str]:
        # One scale for both cuts: up to 160 letters of the names, and only beyond these letters of descriptions.
        return [_candidate(row, min(letters, _NAME_LETTERS), max(0, letters - _NAME_LETTERS)) for row in rows]

    def size(letters: int) -> int:
        return sum(_size(line) for line in lines(letters))

    most = _NAME_LETTERS + _DESCRIPTION_LETTERS
    fitting = lines(most if size(most) <= room else bisect_right(range(1, most), room, key=size))
    while fitting and sum(map(_size, fitting)) > room:
        fitting.pop()  # only where ids alone are too long: the last of the local order stay unasked
    return fitting


def _candidate(row: _Row, name_letters: int, description_letters: int) -> str:
    texts = {
        "id": row.label,
        "name": cut(row.name, name_letters),
        "path": cut(row.path, name_letters),
        "description": cut(row.description, description_letters) if description_letters else "",
    }
    return _line({name: text for name, text in texts.items() if text} | (row.facts if name_letters >= 8 else {}))


def _line(fields: dict[str, Any]) -> str:
    """Return one line of JSON with letters as they are; what could end a line, a fence or an element is escaped."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _fenced(mark: str, lines: Sequence[str]) -> str:
    return "\n".join((f"<data {mark}>", *lines, f"</data {mark}>", REMINDER))


def _size(value: object) -> int:
    return len(json.dumps(value))
