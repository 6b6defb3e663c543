"""``python -m tools.prometheus_rules``: the alert table as rules for Prometheus (2.42 or newer), on standard output.

Thresholds, windows, ``for`` and ``needs`` come from ``service.monitoring.rules``; here stands only how each value is
asked for in PromQL. Hysteresis works through ``ALERTS``: beyond ``fires`` an alert begins, and it goes on until the
value was well for ``minimum_firing_seconds``. ``--rules FILE`` takes an operator's overrides, as ``ALERT_RULES_PATH``
does. Four rules are of Prometheus alone: an instance, or all of them, that cannot be scraped, a shared store that is
down (``store_up`` is absent where there is none), and a published catalogue that could not be taken for an hour.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from service.monitoring.rules import RULES, TABLE_CAPACITY, Rule, load_rules
from service.monitoring.totals import NOT_THE_AIS

JOB = "signals"
EACH = "job, instance"
GUIDE = "docs/production.md#"
HEAD = """\
# Made from the alert table by `make alerts`: change service/monitoring/rules.py, not this file.
# What differs from the alerts of the service itself stands in docs/production.md.
"""


class Query(NamedTuple):
    """How a rule's value is asked for, and how many samples it rests on (None: it needs none)."""

    value: str
    samples: str | None = None


def queries(rule: Rule) -> Query:
    """Return the PromQL of a rule over its own window; KeyError for a rule that nobody wrote one for."""
    window = f"{rule.window_seconds:g}s"
    requests = _increase("http_requests_total", "", window)
    asked = _increase("ai_requests_total", f'outcome!~"{"|".join(NOT_THE_AIS)}"', window)
    ranked = _increase("rankings_total", "", window)
    # Until the first good warm-up one is expected from the start on.
    warmed = "(warmup_last_success_timestamp_seconds or process_start_time_seconds)"
    table = {
        "HighErrorRate": _share(_increase("http_requests_total", 'status=~"5.."', window), requests),
        "SlowResponses": _ninety_fifth("http_request_duration_seconds", 'cache="miss"', window),
        "SlowCachedResponses": _ninety_fifth("http_request_duration_seconds", 'cache="hit"', window),
        "HighMemory": Query("system_memory_ratio"),
        "HighCpu": Query(f"avg_over_time(system_cpu_ratio[{window}])"),
        "QueueBacklog": Query(f"{TABLE_CAPACITY} * signals_queue_depth / signals_queue_capacity"),
        "AiFailing": _share(_increase("ai_requests_total", 'outcome="ok"', window), asked),
        "AiSlow": _ninety_fifth("ai_request_duration_seconds", "", window),
        "TooManyFallbacks": _share(
            _increase("rankings_total", 'method="text"', window), f"({ranked} and on ({EACH}) ai_enabled == 1)", ranked
        ),
        "ManyRateLimited": _share(_increase("http_requests_total", 'status="429"', window), requests),
        "WarmupStale": Query(f"(time() - {warmed}) / on ({EACH}) warmup_interval_seconds"),
    }
    return table[rule.name]


def expression(rule: Rule) -> str:
    """Return when the alert is on: beyond ``fires``, or still on the bad side of ``clears`` while it fires."""
    value, samples = queries(rule)
    lines = [
        "(",
        f"  {value} {rule.comparison} {rule.fires:g}",
        "  or",
        f"  {value} {rule.comparison} {rule.clears:g}",
        f'  and on ({EACH}) ALERTS{{alertname="{rule.name}", alertstate="firing"}}',
        ")",
    ]
    if samples and rule.needs:
        lines += [f"and on ({EACH})", f"{samples} >= {rule.needs}"]
    return "\n".join(lines) + "\n"


def alerts(rules: Sequence[Rule] = RULES) -> Iterator[Mapping[str, object]]:
    """Yield one Prometheus rule an alert, and those of Prometheus alone."""
    for rule in rules:
        side = "above" if rule.comparison == ">" else "below"
        yield _alert(
            rule.name,
            expression(rule),
            rule.for_seconds,
            rule.severity,
            rule.description,
            f"{{{{ $labels.instance }}}}: {{{{ $value }}}} is {side} {rule.fires:g} ({rule.unit}).",
            rule.minimum_firing_seconds,
        )
    yield _alert(
        "SignalsInstanceDown",
        f'up{{job="{JOB}"}} == 0\n',
        60,
        "critical",
        "an instance cannot be scraped",
        "{{ $labels.instance }} did not answer for a minute.",
    )
    yield _alert(
        "SignalsStoreDown",
        "store_up == 0\n",
        60,
        "warning",
        "the store that instances share does not work",
        "{{ $labels.instance }} limits and caches by itself.",
    )
    yield _alert(
        "SignalsCatalogueStale",
        _catalogue_stale(),
        600,
        "warning",
        "the published catalogue cannot be taken",
        "{{ $labels.instance }} serves the last good one: no look went well for an hour, or since its start.",
    )
    yield _alert(
        "SignalsScrapeMissing",
        f'absent(up{{job="{JOB}"}})\n',
        300,
        "critical",
        "no instance is scraped",
        f"Prometheus knows no target of the job {JOB}.",
    )


def _catalogue_stale() -> str:
    """Return when looks at the published catalogue failed, and none went well."""
    bad, good = (
        _increase("catalogue_fetches_total", f'outcome=~"{outcomes}"', "1h")
        for outcomes in ("failed|refused", "replaced|unchanged")
    )
    return f"{bad} > 0\nand on ({EACH}) {good} == 0\n"


def text(rules: Sequence[Rule] = RULES) -> str:
    """Return the whole file."""
    lines = [HEAD + "groups:", "  - name: signals-agent", "    rules:"]
    for alert in alerts(rules):
        lines += _yaml(alert)
    return "\n".join(lines) + "\n"


def _alert(
    name: str, query: str, seconds: float, severity: str, summary: str, words: str, keep_seconds: float = 0.0
) -> dict[str, object]:
    kept = {"keep_firing_for": f"{keep_seconds:g}s"} if keep_seconds else {}
    return {
        "alert": name,
        "expr": query,
        "for": f"{seconds:g}s",
        **kept,
        "labels": {"severity": severity},
        "annotations": {"summary": summary, "description": words, "runbook": GUIDE + name.lower()},
    }


def _increase(metric: str, labels: str, window: str) -> str:
    return f"sum by ({EACH}) (increase({metric}{{{labels}}}[{window}]))".replace("{}", "")


def _share(part: str, whole: str, samples: str | None = None) -> Query:
    return Query(f"{part} / {whole}", samples or whole)


def _ninety_fifth(metric: str, labels: str, window: str) -> Query:
    buckets = f"sum by ({EACH}, le) (rate({metric}_bucket{{{labels}}}[{window}]))".replace("{}", "")
    return Query(f"histogram_quantile(0.95, {buckets})", _increase(f"{metric}_count", labels, window))


def _yaml(alert: Mapping[str, object]) -> Iterator[str]:
    """Yield a rule as lines of YAML; what JSON writes between quotes means the same there."""
    for place, (key, value) in enumerate(alert.items()):
        start = ("      - " if place == 0 else "        ") + key
        if isinstance(value, dict):
            yield f"{start}:"
            yield from (f"          {name}: {json.dumps(words)}" for name, words in value.items())
        elif "\n" in str(value):
            yield f"{start}: |"
            yield from (f"          {line}" for line in str(value).rstrip("\n").split("\n"))
        else:
            yield f"{start}: {value}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rules; returns 0, or 2 where the overrides cannot be meant."""
    parser = argparse.ArgumentParser(prog="python -m tools.prometheus_rules", description=__doc__.partition("\n")[0])
    parser.add_argument("--rules", type=Path, metavar="FILE", help="overrides, as ALERT_RULES_PATH names them")
    options = parser.parse_args(arguments)
    try:
        rules = load_rules(options.rules) if options.rules else RULES
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    sys.stdout.write(text(rules))
    return 0


if __name__ == "__main__":
    sys.exit(main())
