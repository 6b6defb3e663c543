"""The rows of the explore screen: ranked signals, how the question went, the signal under the cursor. Pure.

A refusal keeps its own words: status, when to come back, type, and the reason that the service gave.
"""

from __future__ import annotations

from dashboard.client import Explored
from dashboard.model.words import DASH, measure, plain
from dashboard.widgets.bars import bar, fact
from dashboard.widgets.columns import ROOMY, Column, Line
from dashboard.widgets.figures import wrapped
from dashboard.widgets.offers import Offer, header, limit_left, request_id, status_words, text, told
from dashboard.widgets.runs import Row, cut, spread, width_of

SIGNALS = (
    Column("rank", "", 3, right=True),
    Column("name", "Signal", 18, grows=True, most=36),
    Column("bar", "Relevance", 9, grows=True, most=16),
    Column("relevance", "", 4, right=True),
    Column("coverage", "Cover", 7, right=True),
    Column("price", "CPM", 9, right=True),
    Column("kind", "Kind", 12, rank=2),
    Column("provider", "Provider", 18, rank=3),
    Column("reason", "Why", 16, grows=True, rank=1),
)


ASK = "say in plain words whom or what to reach, then press enter"


def offer_line(index: int, item: Offer, width: int) -> Line:
    """Return one ranked signal as a row."""
    relevance = DASH if item.relevance is None else f"{item.relevance:.2f}"
    cells: dict[str, Row] = {
        "rank": [(str(index), "stale")],
        "name": [(item.name, "value")],
        "bar": bar(item.relevance, width),
        "relevance": [(relevance, "blank")],
        "coverage": [(measure(item.coverage, "%"), "blank")],
        "price": [(item.price, "blank" if item.price != DASH else "stale")],
        "kind": [(item.kind, "note")],
        "provider": [(item.provider, "note")],
        "reason": [(item.reason, "note")],
    }
    return Line(f"{index} {item.id}", cells)


def summary(answer: Explored | None, asking: str, width: int) -> list[Row]:
    """Return two lines on how the question went."""
    if asking:
        return [[("◔ ", "word-warn"), (f"asking for “{plain(asking, 60)}” …", "note")]]
    if answer is None:
        return [cut([(ASK, "stale")], width)]
    if answer.status != 200 or answer.problem:
        return refused(answer, width)
    first: Row = [("● ", "ok"), (status_words(answer.status), "value"), ("  " + " · ".join(told(answer)), "note")]
    message = text(answer.document or {}, "message")
    return two_lines(first, [(message, "note")], answer, width)


def refused(answer: Explored, width: int) -> list[Row]:
    """Return a refusal as what it is: status, type and time; then its reason and when to come back."""
    role = "word-warn" if answer.status is not None and answer.status < 500 else "word-fire"
    kind = text(answer.document or {}, "type", 60)
    wait = header(answer.headers, "Retry-After")
    first: Row = [
        ("▲ ", role),
        (status_words(answer.status), role),
        (f"  retry in {wait} s" if wait else "", "value"),
    ]
    first += [(f"  {kind}" if kind else "", "note"), (f"  {measure(answer.seconds, 's')}", "note")]
    reason = text(answer.document or {}, "detail") or plain(answer.problem or "")
    return two_lines(first, [(reason, "blank")], answer, width)


def two_lines(first: Row, second: Row, answer: Explored, width: int) -> list[Row]:
    """Return how it went beside what is left, and what was said beside the request id; the sides are never cut."""
    rows = []
    for left, right in ((first, left_runs(answer, width)), (second, id_runs(answer, width))):
        room = width - width_of(right) - 2
        kept = left if width_of(left) <= room else [*cut(left, room - 1), ("…", "note")]
        rows.append(spread(kept, right, width))
    return rows


def left_runs(answer: Explored, width: int) -> Row:
    """Return what is left of the rate limit, with a bar where there is room."""
    left = limit_left(answer.headers)
    if left is None:
        return []
    share = left[0] / left[1] if left[1] else 0.0
    role = "fire" if left[0] == 0 else "warn" if share < 0.2 else "line"
    drawn = [*bar(share, 10, role), (" ", "blank")] if width >= ROOMY else []
    return [*drawn, (f"{left[0]} of {left[1]}", "value"), (" requests left" if width >= ROOMY else " left", "note")]


def id_runs(answer: Explored, width: int) -> Row:
    """Return the request id."""
    return [("id " if width >= ROOMY else "", "note"), (request_id(answer), "line")]


def detail(item: Offer | None, width: int, height: int) -> list[Row]:
    """Return what else is known of the signal under the cursor."""
    if item is None:
        return [[("the signal under the cursor is described here", "stale")]]
    rows = [
        fact("id", [(item.id, "line"), (f"   {item.kind} · {item.provider}", "note")], width),
        fact("path", [(item.path or DASH, "blank")], width),
        fact("why", [(item.reason or DASH, "blank")], width),
        fact("platforms", [(", ".join(item.platforms) or DASH, "blank")], width),
        fact("countries", [(", ".join(item.countries) or DASH, "blank")], width),
    ]
    words = wrapped(item.description or DASH, width, max(min(2, height - 3), 1))
    return [*([(words_, "note")] for words_ in words), *rows][:height]
