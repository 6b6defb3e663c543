"""How good rankings are, by the judgments of people: nDCG@10, recall@20, MRR, P@1 and queries without any result.

The measures of the Text Retrieval Conference: nDCG (Järvelin and Kekäläinen 2002) with linear gain, recall capped by
what 20 places can hold. A query that nothing in the catalogue answers should get nothing.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEPTH = 20
Grades = Mapping[str, float]


class Unreadable(Exception):
    """A file of queries or judgments that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One query: what it is, and the grade of every signal that is relevant to it (none: nothing should be found)."""

    qid: str
    query: str
    category: str
    grades: Grades


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over queries; those of nothing are None."""

    queries: int
    ndcg10: float | None
    recall20: float | None
    mrr: float | None
    p1: float | None
    zero: float | None
    unanswerable: int
    rightly_empty: float | None


def read(queries: Path, judgments: Path) -> list[Judged]:
    """Read JSON Lines (qid, query, category; qid, id, grade) or tab-separated columns. Raises ``Unreadable``."""
    grades: dict[str, dict[str, float]] = {}
    for number, row in enumerate(_rows(judgments, ("qid", "id", "grade")), start=1):
        try:
            grade = float(row["grade"])
        except (TypeError, ValueError):
            raise Unreadable(f"{judgments}, row {number}: '{row['grade']}' is no grade") from None
        if grade > 0:
            grades.setdefault(str(row["qid"]), {})[str(row["id"])] = grade
    return [
        Judged(str(row["qid"]), str(row["query"]), str(row.get("category") or ""), grades.get(str(row["qid"]), {}))
        for row in _rows(queries, ("qid", "query"))
    ]


def _rows(path: Path, columns: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    try:
        lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        rows: list[dict[str, Any]] = (
            [json.loads(line) for line in lines]
            if lines and lines[0].lstrip().startswith("{")
            else [dict(zip(columns, row, strict=False)) for row in csv.reader(lines, delimiter="\t")]
        )
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from None
    for number, row in enumerate(rows, start=1):
        missing = [column for column in columns if column not in row]
        if missing:
            raise Unreadable(f"{path}, row {number}: no {' and '.join(missing)}")
    return rows


def measure(judged: Sequence[Judged], found: Mapping[str, Sequence[str]]) -> Measures:
    """Return the measures of what was found, ids by qid, best first."""
    answerable = [one for one in judged if one.grades]
    hopeless = [one for one in judged if not one.grades]
    ranked = [(list(found.get(one.qid, ()))[:DEPTH], one.grades) for one in answerable]
    return Measures(
        queries=len(answerable),
        ndcg10=_mean([ndcg(ids, grades) for ids, grades in ranked]),
        recall20=_mean([sum(one in grades for one in ids) / min(DEPTH, len(grades)) for ids, grades in ranked]),
        mrr=_mean(
            [next((1 / place for place, one in enumerate(ids, 1) if one in grades), 0) for ids, grades in ranked]
        ),
        p1=_mean([float(bool(ids) and grades.get(ids[0], 0) == max(grades.values())) for ids, grades in ranked]),
        zero=_mean([float(not ids) for ids, _ in ranked]),
        unanswerable=len(hopeless),
        rightly_empty=_mean([float(not found.get(one.qid)) for one in hopeless]),
    )


def ndcg(ids: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """Return the discounted gain of the first ids as a share of the best possible."""
    gained = sum(grades.get(one, 0) / math.log2(place + 2) for place, one in enumerate(ids[:depth]))
    best = sorted(grades.values(), reverse=True)[:depth]
    return gained / sum(grade / math.log2(place + 2) for place, grade in enumerate(best))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
