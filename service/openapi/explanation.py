"""What ``explain=true`` adds to each signal, as a JSON Schema."""

from __future__ import annotations

from service.openapi.requests import Schema, record

_NUMBER: Schema = {"type": "number"}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_PARTS: Schema = {"type": "object", "additionalProperties": _NUMBER}

EXPLANATION = record(
    ("ordered_by",),
    {
        "ordered_by": {
            "type": "string",
            "enum": ["ai", "meaning", "text", "local"],
            "description": "Who put the signal here (`local`: a ranker that is gone since). All else is what the local "
            "ranker thought of it.",
        },
        "ranker": {"type": "string", "enum": ["meaning", "text"]},
        "parts": _PARTS | {"description": "They add up to `score`."},
        "score": _NUMBER,
        "curve": record(
            ("slope", "offset"),
            {"slope": _NUMBER, "offset": _NUMBER},
            description="relevance = 1 / (1 + e^(offset - slope * score)). Absent: the relevance is the score.",
        ),
        "raised_by": {
            "type": "string",
            "enum": ["id", "name"],
            "description": "What was asked for is the signal's id (relevance 1) or its name (at least 0.97).",
        },
        "relevance": _SHARE
        | {"description": "The signal's own; that of the answer is never higher than of the signal before."},
        "words": {
            "type": "array",
            "items": record(
                ("asked", "meant", "weight", "parts"),
                {
                    "asked": {"type": "string"},
                    "meant": {"type": "string"},
                    "weight": {"type": "number", "minimum": 0, "description": "How much the word tells."},
                    "parts": _PARTS | {"description": "What it has of the parts of the same name."},
                },
            ),
        },
    },
    description="With `explain=true`: what the relevance is made of.",
)
