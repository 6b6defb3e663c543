"""What an answer says of itself in words: how many match, what was left out and why, what else to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.messages import RANKING_LIMIT, Brief, Ranking

_LACKS = {
    "max_cpm": "without a price in USD",
    "min_coverage_percentage": "without a known coverage",
    "countries": "without countries",
    "platforms": "without platforms",
    "priced": "without a known price",
    "covered": "without a known coverage",
}


def message(ranking: Ranking, shown: int) -> str:
    """Return what the answer says in words: how many match, what was left out and why, what else to try."""
    spec = ranking.brief.spec if len(ranking.brief.spec) <= 80 else ranking.brief.spec[:79] + "…"
    notes = _wanting(ranking.left_out)
    if not ranking.rows:
        if ranking.near:
            notes.append(f"Did you mean {_either(ranking.near)}?")
        filtered = ranking.brief != Brief(ranking.brief.spec, viewer=ranking.brief.viewer)
        notes.append(f"Try other words{' or fewer filters' if filtered else ', such as a product or an interest'}.")
        return " ".join([f"No signal matches '{spec}'.", *notes])
    more = "More than" if len(ranking.rows) == RANKING_LIMIT else "At least"
    count = f"{ranking.total}" if ranking.total is not None else f"{more} {len(ranking.rows)}"
    verb = "signal matches" if ranking.total == 1 else "signals match"
    return " ".join(
        [f"{count} {verb} '{spec}'; {shown} shown, ranked by {ranking.method.replace('ai', 'AI')}.", *notes]
    )


def counted(total: int, shown: int, left_out: Mapping[str, int]) -> str:
    """Return what a listing says in words."""
    return " ".join([f"{total} {'signal' if total == 1 else 'signals'}; {shown} shown.", *_wanting(left_out)])


def _wanting(left_out: Mapping[str, int]) -> list[str]:
    told = [f"{count} {_LACKS.get(name, name)}" for name, count in left_out.items() if count]
    return [f"Left out for want of data: {', '.join(told)}."] if told else []


def _either(words: Sequence[str]) -> str:
    listed = [f"'{word}'" for word in words]
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " or " + listed[-1]
