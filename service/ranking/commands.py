"""What the ranker's command line prints: measures by category, and the anatomy of one ranking."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from service.explanations import Explanation
from service.messages import Brief
from service.ranking.judging import DEPTH, Judged, Measures, measure
from service.ranking.semantic.intervals import Interval
from service.ranking.semantic.wanted import Asked
from service.ranking.workbench import Workbench

Say = Callable[[str], None]
_NAMES = ("ndcg10", "recall20", "mrr", "p1", "zero")


def evaluate(bench: Workbench, judged: Sequence[Judged], say: Say) -> None:
    """Ask every query; print a line for all and one for each category."""
    found: dict[str, list[str]] = {}
    taken = []
    for one in judged:
        begun = time.perf_counter()
        found[one.qid] = bench.ids(one.query, DEPTH)
        taken.append(time.perf_counter() - begun)
    say(f"{'':<12}{'queries':>8}{'nDCG@10':>9}{'recall@20':>11}{'MRR':>7}{'P@1':>7}{'zero':>7}")
    say(_line("all", measure(judged, found)))
    for category in dict.fromkeys(one.category for one in judged if one.category and one.grades):
        say(_line(category, measure([one for one in judged if one.category == category], found)))
    whole = measure(judged, found)
    if whole.rightly_empty is not None:
        say(f"{whole.unanswerable} queries that nothing answers: {whole.rightly_empty:.0%} rightly got nothing")
    if taken:
        say(f"median {1000 * sorted(taken)[len(taken) // 2]:.1f} ms a query, reasons included")


def _line(title: str, measures: Measures) -> str:
    values = [getattr(measures, name) for name in _NAMES]
    cells = [
        f"{'-' if value is None else format(value, '.3f'):>{width}}"
        for value, width in zip(values, (9, 11, 7, 7, 7), strict=True)
    ]
    return f"{title:<12}{measures.queries:>8}{''.join(cells)}"


def explain(bench: Workbench, spec: str, most: int, say: Say) -> None:
    """Print how a spec is understood, and the first signals with the parts of their scores."""
    for line in understood(bench.semantic.read(spec), bench.semantic.index.vocabulary.surfaces):
        say(line)
    answer = bench.answer(spec, most)
    if not answer:
        near = bench.semantic.near(bench.semantic.read(spec))
        say("nothing matches" + (f"; near in the catalogue: {', '.join(near)}" if near else ""))
        return
    rows = [bench.row(signal.id) for signal, _, _ in answer]
    explanations = bench.semantic.explanations(bench.library, Brief(spec), rows)
    for (signal, relevance, reason), explanation in zip(answer, explanations, strict=True):
        say(f"{relevance:.3f}  {signal.name}  [{' > '.join(signal.path)}]  {signal.id}")
        if explanation is not None:
            for line in anatomy(explanation):
                say(f"       {line}")
        say(f"       {reason}")


def anatomy(explanation: Explanation) -> list[str]:
    """Return in lines what a relevance is made of."""
    by = f", raised by its {explanation.raised_by}" if explanation.raised_by else ""
    lines = [f"{_parts(explanation.parts)}  score {explanation.score:+.3f}, relevance {explanation.relevance:.3f}{by}"]
    return lines + [f"'{word.asked}' {_parts(word.parts)}" for word in explanation.words if any(word.parts.values())]


def _parts(parts: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:+.3f}" for name, value in parts.items())


def understood(asked: Asked, surfaces: Sequence[str]) -> list[str]:
    """Return in lines what was understood of a spec."""
    lines = []
    for word in asked.words:
        others = sorted(word.terms, key=lambda term: -term[1])[:8]
        named = ", ".join(f"{surfaces[number]} {worth:.2f}" for number, worth in others) or "not in the catalogue"
        meant = "" if word.meant == word.said else f" (as '{word.meant}')"
        lines.append(f"'{word.said}'{meant}{' filler' if word.filler else ''}, telling {word.telling:.2f}: {named}")
    lines += [f"without: {' '.join(word.said for word in phrase)}" for phrase in asked.denied]
    lines += [_number(interval) for interval in asked.intervals]
    lines += [f"without: {_number(interval)}" for interval in asked.denied_intervals]
    return lines


def _number(interval: Interval) -> str:
    return f"{interval.kind.name.lower().replace('_', ' ')} {interval.low:g} to {interval.high:g}"
