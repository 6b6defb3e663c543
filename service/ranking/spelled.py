"""What the service and the processes that rank for it tell each other, spelled as JSON and read back.

What is read back equals what was spelled; a ranking's rows and relevance go as bytes, eight a number.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from service.explanations import Explanation, WordShare
from service.messages import Brief, Ranking, Ref


class Told(NamedTuple):
    """What is told of a signal to have explained why it matches; named as in ``Signal``."""

    id: str
    name: str
    description: str
    path: tuple[str, ...]
    data_provider: str
    countries: tuple[str, ...]


_BRIEF = tuple(field.name for field in fields(Brief))
_EXPLANATION = tuple(field.name for field in fields(Explanation))


def brief(one: Brief) -> dict[str, Any]:
    """Spell a brief."""
    return {name: getattr(one, name) for name in _BRIEF}


def read_brief(told: Mapping[str, Any]) -> Brief:
    """Read it back."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return Brief(**(values | {"refs": tuple(Ref(*one) for one in told["refs"])}))


def ranking(one: Ranking) -> tuple[dict[str, Any], bytes]:
    """Spell a ranking by a local ranker, less its brief."""
    told = {
        "catalogue_version": one.catalogue_version,
        "fingerprint": one.fingerprint,
        "total": one.total,
        "left_out": one.left_out,
        "near": one.near,
    }
    return told, one.rows.tobytes() + one.relevance.tobytes()


def read_ranking(brief: Brief, told: Mapping[str, Any], numbers: bytes) -> Ranking:
    """Read it back."""
    half = len(numbers) // 2
    return Ranking(
        brief=brief,
        catalogue_version=told["catalogue_version"],
        fingerprint=told["fingerprint"],
        rows=array("q", numbers[:half]),
        relevance=array("d", numbers[half:]),
        total=told["total"],
        left_out=told["left_out"],
        near=tuple(told["near"]),
    )


def explanation(one: Explanation | None) -> dict[str, Any] | None:
    """Spell an explanation, or that there is none."""
    return None if one is None else {name: getattr(one, name) for name in _EXPLANATION}


def read_explanation(told: Mapping[str, Any] | None) -> Explanation | None:
    """Read it back."""
    if told is None:
        return None
    curve = told["curve"]
    read = {"words": [WordShare(*one) for one in told["words"]], "curve": curve and tuple(curve)}
    return Explanation(**{**told, **read})
