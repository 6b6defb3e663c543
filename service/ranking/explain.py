"""Why a signal matches, in words for people; and which words of the catalogue the unknown ones resemble.

Works from the plan of the query and the text of the signal alone, so that a reason says only what is really there.
"""

from __future__ import annotations

import sqlite3

from service.messages import Signal
from service.ranking.plan import Group, Plan, quoted
from service.ranking.porter import stem
from service.ranking.vocabulary import Vocabulary, spelled
from service.ranking.words import stems, tokens

REASON_LIMIT = 200
NEAR_LIMIT = 5
_UNKNOWN_LIMIT = 3
_ROWS_READ = 3  # in search of how a stem is written out

Field = tuple[str, list[str], list[str]]


def explain(plan: Plan, signal: Signal, spec: str) -> str:
    """Return which words asked for stand where in the signal, at most 200 characters of plain text."""
    if spec.strip() == signal.id:
        return "Its id was asked for."
    fields = [
        (place, words, [stem(word) for word in words])
        for place, text in (
            ("name", signal.name),
            ("category", " > ".join(signal.path)),
            ("description", signal.description),
            ("data provider", signal.data_provider),
        )
        if (words := tokens(text))
    ]
    if fields and fields[0][2] == stems(spec):
        return "The name is what was asked for."
    places: dict[str, list[str]] = {}
    for group in plan.groups:
        seen = _seen(group, fields)
        if seen and seen[1] not in places.setdefault(seen[0], []):
            places[seen[0]].append(seen[1])
    return _sentence(places)


def _seen(group: Group, fields: list[Field]) -> tuple[str, str] | None:
    """Return the first field that holds the best variant there is, and the words as they stand in it."""
    for variant in sorted(group.variants, key=lambda variant: -variant.quality):
        length = len(variant.stems)
        for place, words, cut in fields:
            for start in range(len(cut) - length + 1):
                if cut[start] == variant.stems[0] and tuple(cut[start : start + length]) == variant.stems:
                    said = " ".join(words[start : start + length])
                    return place, said if variant.quality == 1.0 else f"{said} (for {group.text})"
    return None


def _sentence(places: dict[str, list[str]]) -> str:
    parts = [f"{place} has {', '.join(words)}" for place, words in places.items()]
    sentence = "; ".join(parts)
    if len(sentence) >= REASON_LIMIT:
        sentence = sentence[: REASON_LIMIT - 2].rsplit(" ", 1)[0].rstrip(",;") + "…"
        return sentence[0].upper() + sentence[1:]
    return sentence[:1].upper() + sentence[1:] + ("." if sentence else "")


def nearby(connection: sqlite3.Connection, vocabulary: Vocabulary, plan: Plan) -> tuple[str, ...]:
    """Return at most five real words of the catalogue that resemble what the plan does not know."""
    forms = {form for unknown in plan.unknown[:_UNKNOWN_LIMIT] for form in (unknown, stem(unknown))}
    found = sorted(
        (edits, -vocabulary.frequency[term], term)
        for form in forms
        for edits, term in vocabulary.spelling.near(form, _loosely(form))
    )
    terms = dict.fromkeys(term for _, _, term in found)
    words = (_written(connection, term) for term in list(terms)[: 2 * NEAR_LIMIT])
    return tuple(dict.fromkeys(word for word in words if word))[:NEAR_LIMIT]


def _loosely(word: str) -> int:
    """Return how many edits a suggestion may be away: more than a correction, for somebody looks at it."""
    return 1 if len(word) < 5 else 2 if len(word) == 5 else 3


def _written(connection: sqlite3.Connection, term: str) -> str | None:
    """Return a word of the catalogue whose stem is ``term``."""
    query = "SELECT name, path, description FROM signals_fts WHERE signals_fts MATCH ? LIMIT ?"
    rows = connection.execute(query, (quoted(spelled(term) or term), _ROWS_READ))
    return next((word for row in rows for text in row for word in tokens(text) if stem(word) == term), None)
