"""The files for Prometheus: they follow the alert table, and every rule fires when it should and only then."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from service.monitoring.rules import RULES
from service.published.source import OUTCOMES
from tests.deploy.proxies import DEPLOY, needs
from tools.prometheus_rules import alerts, expression, main, text

FOLDER = DEPLOY / "prometheus"
ALERTS = FOLDER / "alerts.yml"
pytestmark = needs("promtool", "prometheus")

STEP = 15
LONG = 100  # steps: 25 minutes
LATE = 1020  # seconds, after every window and every `for`


def series(name, values, **labels):
    """Return an input series of one instance; ``values`` in promtool's notation."""
    words = "".join(f',{key}="{value}"' for key, value in labels.items())
    return {"series": f'{name}{{job="signals",instance="one:8001"{words}}}', "values": values}


def grows(name, by, **labels):
    return series(name, f"0+{by}x{LONG}", **labels)


def stays(name, value, **labels):
    return series(name, f"{value}x{LONG}", **labels)


def answers(**by_status):
    return [grows("http_requests_total", by, status=status.strip("_")) for status, by in by_status.items()]


def durations(name, by, within, **labels):
    """Return a histogram whose observations all fall into the bucket that ends at ``within``."""
    bounds = ("0.1", "0.5", "1.0", "2.5", "10.0", "20.0", "25.0", "30.0", "45.0", "+Inf")
    reached = bounds.index(within)
    buckets = [
        grows(f"{name}_bucket", by if place >= reached else 0, le=bound, **labels) for place, bound in enumerate(bounds)
    ]
    return [*buckets, grows(f"{name}_count", by, **labels)]


def answered(by, within, cache):
    return durations("http_request_duration_seconds", by, within, cache=cache)


def asked_ai(**by_outcome):
    return [grows("ai_requests_total", by, outcome=outcome) for outcome, by in by_outcome.items()]


def ranked(text, ai, enabled):
    methods = [grows("rankings_total", text, method="text"), grows("rankings_total", ai, method="ai")]
    return [*methods, stays("ai_enabled", enabled)]


def looks(**by_outcome):
    """Return looks at the published catalogue; each outcome is exported from the start on."""
    outcomes = dict.fromkeys(OUTCOMES, 0) | by_outcome
    return [grows("catalogue_fetches_total", by, outcome=outcome) for outcome, by in outcomes.items()]


def queue(depth, capacity):
    return [stays("signals_queue_depth", depth), stays("signals_queue_capacity", capacity)]


INTERVAL = stays("warmup_interval_seconds", 300)
STARTED = stays("process_start_time_seconds", 0)
WARMED = "warmup_last_success_timestamp_seconds"

FIRES = {
    "HighErrorRate": [answers(_200=30, _503=10)],
    "SlowResponses": [answered(5, "45.0", "miss")],
    "SlowCachedResponses": [answered(5, "2.5", "hit")],
    "HighMemory": [[stays("system_memory_ratio", 0.95)]],
    "HighCpu": [[stays("system_cpu_ratio", 0.95)]],
    "QueueBacklog": [queue(81, 100), queue(41, 50)],
    "AiFailing": [asked_ai(ok=7, error=3), asked_ai(ok=0, breaker_open=3)],
    "AiSlow": [durations("ai_request_duration_seconds", 1, "45.0")],
    "TooManyFallbacks": [ranked(3, 7, 1)],
    "ManyRateLimited": [answers(_200=20, _429=10)],
    "WarmupStale": [[stays(WARMED, 0), INTERVAL, STARTED], [INTERVAL, STARTED]],
    "SignalsInstanceDown": [[stays("up", 0)]],
    "SignalsStoreDown": [[stays("store_up", 0)]],
    "SignalsCatalogueStale": [looks(failed=0.05), looks(refused=0.05)],
    "SignalsScrapeMissing": [[stays("something_else", 1)]],
}
QUIET = {
    "HighErrorRate": [answers(_200=30, _503=1), answers(_200=1, _503=3), answers(_200=30, _429=30)],
    "SlowResponses": [answered(5, "30.0", "miss"), answered(0.2, "45.0", "miss"), answered(5, "45.0", "hit")],
    "SlowCachedResponses": [answered(5, "1.0", "hit"), answered(0.2, "2.5", "hit"), answered(5, "2.5", "miss")],
    "HighMemory": [[stays("system_memory_ratio", 0.9)]],
    "HighCpu": [[stays("system_cpu_ratio", 0.9)], [series("system_cpu_ratio", "0.99x3 0.5x3 " * 16)]],
    "QueueBacklog": [queue(80, 100), queue(81, 200), queue(0, 0)],
    "AiFailing": [asked_ai(ok=9, error=1), asked_ai(ok=0, error=0.1), asked_ai(ok=5, overloaded=50, not_ready=50)],
    "AiSlow": [
        durations("ai_request_duration_seconds", 1, "30.0"),
        durations("ai_request_duration_seconds", 0.1, "45.0"),
    ],
    "TooManyFallbacks": [ranked(3, 7, 0), ranked(1, 9, 1), ranked(0.2, 0, 1)],
    "ManyRateLimited": [answers(_200=30, _429=1), answers(_200=2, _429=2)],
    "WarmupStale": [[series(WARMED, f"0+{STEP}x{LONG}"), INTERVAL, STARTED]],
    "SignalsInstanceDown": [[stays("up", 1)], [series("up", "1 0 1 1 1 1 0 1 1 1 1" + f" 1x{LONG}")]],
    "SignalsStoreDown": [[stays("store_up", 1)], [stays("up", 1)]],
    "SignalsCatalogueStale": [looks(unchanged=0.05), looks(failed=0.05, unchanged=0.05), looks()],
    "SignalsScrapeMissing": [[stays("up", 0)]],
}


def firing(alert, seconds, expected):
    """Expect an alert to fire, or not, so many seconds after the begin."""
    return {
        "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)',
        "eval_time": f"{seconds}s",
        "exp_samples": [{"labels": "{}", "value": int(expected)}],
    }


def promtool_agrees(folder, *cases):
    """Run pairs of (input series, expectations) over the rules of ``deploy/``."""
    tests = [{"interval": f"{STEP}s", "input_series": given, "promql_expr_test": expected} for given, expected in cases]
    document = {"rule_files": [str(ALERTS)], "evaluation_interval": "5s", "tests": tests}
    file = folder / "tests.json"  # JSON is YAML
    file.write_text(json.dumps(document))
    run = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr


def names():
    return [str(alert["alert"]) for alert in alerts()]


def test_the_rules_are_those_of_the_table():
    assert ALERTS.read_text(encoding="utf-8") == text(), "run `make alerts`"
    assert names()[:-4] == [rule.name for rule in RULES]


def test_promtool_accepts_configuration_and_rules():
    run = subprocess.run(
        ["promtool", "check", "config", FOLDER / "prometheus.yml"], capture_output=True, text=True, timeout=60
    )

    assert run.returncode == 0, run.stderr
    assert f"SUCCESS: {len(names())} rules found" in run.stdout


def test_every_rule_has_a_case_that_fires_and_one_that_does_not():
    assert list(FIRES) == list(QUIET) == names()
    assert all([*FIRES.values(), *QUIET.values()])


def all_at_once(cases, fires):
    """Return one promtool case out of many: each of them is an instance of its own, named after its rule."""
    given, expected = [], []
    for name, several in cases.items():
        instances = [f"{name}-{number}" for number in range(len(several))]
        for instance, rows in zip(instances, several, strict=True):
            given += [row | {"series": row["series"].replace("one:8001", instance)} for row in rows]
        samples = [{"labels": f'{{instance="{instance}"}}', "value": 1} for instance in instances if fires]
        query = f'count by (instance) (ALERTS{{alertname="{name}",alertstate="firing",instance=~"{name}-.*"}})'
        expected.append({"expr": query, "eval_time": f"{LATE}s", "exp_samples": samples})
    return given, expected


def test_every_rule_fires_when_it_should(tmp_path):
    with_instances = {name: cases for name, cases in FIRES.items() if name != "SignalsScrapeMissing"}
    [nothing] = FIRES["SignalsScrapeMissing"]

    promtool_agrees(
        tmp_path, all_at_once(with_instances, True), (nothing, [firing("SignalsScrapeMissing", LATE, True)])
    )


def test_no_rule_fires_at_the_limit_or_with_too_little_traffic(tmp_path):
    given, expected = all_at_once(QUIET, False)

    promtool_agrees(tmp_path, (given, [*expected, firing("SignalsScrapeMissing", LATE, False)]))


def test_a_rule_waits_for_its_time_and_goes_on_for_a_minute_at_least(tmp_path):
    given = [series("system_memory_ratio", "0.95x6 0.5x30")]  # well after 105 s
    expected = [
        firing("HighMemory", at, on) for at, on in ((30, False), (55, False), (65, True), (160, True), (175, False))
    ]

    promtool_agrees(tmp_path, (given, expected))


def test_between_clears_and_fires_an_alert_goes_on_and_does_not_begin(tmp_path):
    goes_on = [series("system_memory_ratio", "0.95x6 0.87x40 0.84x20")]  # well after 720 s
    never = [series("system_memory_ratio", "0.89x60")]

    promtool_agrees(
        tmp_path,
        (goes_on, [firing("HighMemory", 600, True), firing("HighMemory", 700, True), firing("HighMemory", 800, False)]),
        (never, [firing("HighMemory", 600, False)]),
    )


def test_an_alert_below_its_limit_has_the_same_hysteresis(tmp_path):
    """AI calls: all fail for 15 minutes, then 85 % succeed (under 90: it goes on), then all."""
    ok = f"0x60 0+17x{LONG} 1700+20x{LONG}"
    failed = f"0+20x60 1200+3x{LONG} 1500x{LONG}"
    given = [series("ai_requests_total", ok, outcome="ok"), series("ai_requests_total", failed, outcome="error")]

    at = {900: True, 60 * 15 + 1400: True, 60 * 15 + 1500 + 1400: False}
    promtool_agrees(tmp_path, (given, [firing("AiFailing", seconds, on) for seconds, on in at.items()]))


def test_each_instance_has_an_alert_of_its_own(tmp_path):
    other = {"series": 'system_memory_ratio{job="signals",instance="two:8001"}', "values": f"0.2x{LONG}"}
    third = {"series": 'system_memory_ratio{job="signals",instance="three:8001"}', "values": f"0.99x{LONG}"}
    expected = {
        "expr": 'count by (instance, severity) (ALERTS{alertname="HighMemory",alertstate="firing"})',
        "eval_time": "600s",
        "exp_samples": [
            {"labels": f'{{instance="{name}:8001",severity="critical"}}', "value": 1} for name in ("one", "three")
        ],
    }

    promtool_agrees(tmp_path, ([stays("system_memory_ratio", 0.95), other, third], [expected]))


def test_overrides_of_an_operator_reach_the_rules(tmp_path, capsys):
    file = tmp_path / "rules.toml"
    file.write_text("[HighMemory]\nfires = 0.97\nfor_seconds = 120\nminimum_firing_seconds = 0\n")

    assert main(["--rules", str(file)]) == 0
    told = capsys.readouterr().out
    assert "system_memory_ratio > 0.97" in told
    assert told != text()
    (tmp_path / "changed.yml").write_text(told)
    subprocess.run(["promtool", "check", "rules", tmp_path / "changed.yml"], check=True, capture_output=True)


def test_overrides_that_cannot_be_meant_are_refused_in_one_line(tmp_path, capsys):
    file = tmp_path / "rules.toml"
    file.write_text("[NoSuchAlert]\nfires = 1\n")

    assert main(["--rules", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_new_rule_of_the_table_needs_a_query():
    with pytest.raises(KeyError, match="Unheard"):
        expression(replace(RULES[0], name="Unheard"))


def test_the_targets_are_the_instances_of_compose():
    told = (FOLDER / "instances.yml").read_text(encoding="utf-8")
    compose = (Path(DEPLOY) / "compose.yaml").read_text(encoding="utf-8")

    assert [line.strip(" -") for line in told.splitlines() if ":8001" in line] == ["signals-1:8001", "signals-2:8001"]
    assert "  signals-1:\n" in compose
    assert "  signals-2:\n" in compose
