"""The board for Grafana: made from the alert table, and every query of it finds what the service really exports."""

import json
import re
import subprocess

import httpx
import pytest

from service.monitoring.rules import RULES
from tests.deploy.kit import ROOT, read_yaml
from tests.deploy.proxies import Proxy, haproxy, needs
from tests.running import TOKEN, Process, free_port, wait_for
from tools.grafana.__main__ import board
from tools.grafana.panels import ROWS
from tools.prometheus_rules import alerts

FILE = ROOT / "deploy/grafana/dashboards/signals.json"
FOLDER = ROOT / "deploy/grafana/provisioning"
PANELS = [panel for panel in board()["panels"] if panel["type"] != "row"]
QUERIES = {
    f"{panel['title']} {target['refId']}": target["expr"].replace("$instance", ".*")
    for panel in PANELS
    for target in panel["targets"]
}
LEGENDS = {
    f"{panel['title']} {target['refId']}": re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
    for panel in PANELS
    for target in panel["targets"]
}
RULE_QUERIES = {str(alert["alert"]): str(alert["expr"]) for alert in alerts()}
EMPTY = {"In Prometheus A"}
"""Queries that find nothing while all is well."""


def test_the_board_is_made_from_its_panels():
    assert json.loads(FILE.read_text(encoding="utf-8")) == board(), "run `make alerts`"


def test_panels_lie_beside_each_other_and_have_numbers_of_their_own():
    everything = board()["panels"]
    fields = [
        (x, y)
        for panel in everything
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len(set(fields)) == len(fields)
    assert max(x for x, _ in fields) < 24
    assert len({panel["id"] for panel in everything}) == len(everything)
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)


def test_the_board_has_the_lines_of_every_alert_on_a_panel():
    assert {panel.alert for row in ROWS.values() for panel in row} - {None} == {rule.name for rule in RULES}
    for panel in PANELS:
        values = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]]
        assert values == sorted(values), panel["title"]


def test_grafana_is_given_the_source_and_the_folder_that_the_board_names():
    [source] = read_yaml("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"]
    [provider] = read_yaml("deploy/grafana/provisioning/dashboards/signals.yml")["providers"]
    mounts = read_yaml("deploy/compose.yaml")["services"]["grafana"]["volumes"]

    assert {target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]} == {source["uid"]}
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in mounts
    assert "./grafana/provisioning:/etc/grafana/provisioning:ro" in mounts
    assert source["url"] == "http://prometheus:9090"


@needs("promtool", "prometheus")
def test_every_query_is_promql(tmp_path):
    rules = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(QUERIES.values())]
    file = tmp_path / "queries.yml"
    file.write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}))
    run = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, timeout=60)

    assert run.returncode == 0, run.stderr
    assert f"{len(QUERIES)} rules found" in run.stdout


class Prometheus:
    """A Prometheus with the configuration of the kit, which asks every half second, at the targets given."""

    def __init__(self, folder, service, balancer):
        (folder / "instances.yml").write_text(json.dumps([{"targets": [service]}]))
        (folder / "alerts.yml").write_text((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
        text = (ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8")
        text = re.sub(r"(scrape_interval|scrape_timeout|evaluation_interval): \d+s", r"\1: 500ms", text)
        file = folder / "prometheus.yml"
        file.write_text(text.replace("balancer:8405", balancer))
        port = free_port()
        command = [
            *("prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'tsdb'}"),
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        self.process = Proxy(command, folder, port)
        self._url = f"http://127.0.0.1:{port}/api/v1/query"

    def ask(self, query):
        document = httpx.get(self._url, params={"query": query}, timeout=30).json()
        assert document["status"] == "success", document
        return document["data"]["result"]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """A real Prometheus that has watched a real service and a real balancer for a few seconds."""
    folder = tmp_path_factory.mktemp("watched")
    metrics, balancer = free_port(), free_port()
    for name in ("service", "balancer", "prometheus"):
        (folder / name).mkdir()
    with (
        Process(folder / "service", METRICS_PORT=metrics, TRUSTED_PROXIES=1, OPERATOR_TOKEN=TOKEN) as service,
        haproxy(folder / "balancer", service.address, BALANCER_METRICS_BIND=f"127.0.0.1:{balancer}") as front,
    ):
        watching = Prometheus(folder / "prometheus", f"127.0.0.1:{metrics}", f"127.0.0.1:{balancer}")
        with watching.process:
            for spec in ("cars", "cars", "food", "%00"):
                front.search(spec)
            wait_for(lambda: watching.ask('scheduler_job_runs_total{job="signals"}'))
            wait_for(lambda: watching.ask("warmup_last_success_timestamp_seconds"))
            # Rates need two samples of each series.
            wait_for(lambda: all(watching.ask(QUERIES[name]) for name in QUERIES if name not in EMPTY), 60)
            yield watching


@needs("prometheus")
@needs("haproxy")
@pytest.mark.parametrize("name", [name for name in QUERIES if name not in EMPTY])
def test_every_query_finds_what_the_service_exports(prometheus, name):
    found = prometheus.ask(QUERIES[name])

    assert found
    assert [row for row in found if not set(LEGENDS[name]) <= set(row["metric"])] == []


@needs("prometheus")
@needs("haproxy")
def test_every_metric_and_label_of_the_alerts_is_exported(prometheus):
    for name, query in RULE_QUERIES.items():
        prometheus.ask(query)
        for metric in set(re.findall(r"\b(?:[a-z]+_)+[a-z]+\b(?=[{\[)]| [/>=<]| or)", query)) - {"histogram_quantile"}:
            assert prometheus.ask(f'count({{__name__="{metric}"}})'), (name, metric)
