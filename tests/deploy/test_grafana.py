"""The board for Grafana: made from the alert table, and every query of it finds what the service really exports."""

import json
import re
import subprocess

import httpx

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
EMPTY = {"In Prometheus A", "Store up A", "Faults of the store A"}
"""Queries that find nothing while all is well, and without a store that instances share."""
ABSENT = {"store_up"}


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
    """A Prometheus with the configuration of the kit, which asks every second, at the targets given."""

    def __init__(self, folder, service, balancer):
        (folder / "instances.yml").write_text(json.dumps([{"targets": [service]}]))
        (folder / "alerts.yml").write_text((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
        text = (ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8")
        text = re.sub(r"(scrape_interval|scrape_timeout|evaluation_interval): \d+s", r"\1: 1s", text)
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


def metrics_of(query):
    """Return the names of the metrics in a query of the alert rules."""
    words = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b(?=[{\[)]| [/>=<]| or)", query)
    return {word for word in words if word != "histogram_quantile"}


@needs("prometheus")
@needs("haproxy")
def test_every_query_of_board_and_alerts_finds_what_a_running_service_exports(tmp_path):
    """A real Prometheus watches a real service and a real balancer, and is asked each query of the board."""
    metrics, balancer = free_port(), free_port()
    for name in ("service", "balancer", "prometheus"):
        (tmp_path / name).mkdir()
    with (
        Process(tmp_path / "service", METRICS_PORT=metrics, TRUSTED_PROXIES=1, OPERATOR_TOKEN=TOKEN) as service,
        haproxy(tmp_path / "balancer", service.address, BALANCER_METRICS_BIND=f"127.0.0.1:{balancer}") as front,
    ):
        prometheus = Prometheus(tmp_path / "prometheus", f"127.0.0.1:{metrics}", f"127.0.0.1:{balancer}")
        with prometheus.process:
            for spec in ("cars", "cars", "food", "%00"):
                front.search(spec)
            # Jobs run after five seconds, and rates need two samples of each series: those go on being asked for.
            found = {
                name: wait_for(lambda query=query: prometheus.ask(query))
                for name, query in QUERIES.items()
                if name not in EMPTY
            }
            exported = {row["metric"]["__name__"] for row in prometheus.ask('{job=~".+"}')}

    unlabelled = [name for name, rows in found.items() if any(set(LEGENDS[name]) - set(row["metric"]) for row in rows)]
    assert unlabelled == []
    unknown = {name: metrics_of(query) - exported - ABSENT for name, query in RULE_QUERIES.items()}
    assert {name for name, metrics in unknown.items() if metrics} == set()
    assert all(metrics_of(query) for query in RULE_QUERIES.values() if "up{" not in query)
