"""The production guide: what it names is there, and what it tells to type works while a service runs."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from service.settings import Settings
from tests.deploy.kit import (
    ROOT,
    compose_environment,
    image_environment,
    procfile,
    render_environment,
    unit_environment,
)
from tests.deploy.proxies import needs
from tests.deploy.test_kit import LATER
from tests.running import TOKEN, Process, wait_for
from tools.prometheus_rules import alerts

GUIDE = (ROOT / "docs/production.md").read_text(encoding="utf-8")
ATTACK = "%3Cscript%3Ealert(1)%3C/script%3E"


def section(title):
    """Return a chapter of the guide."""
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def commands(*titles):
    """Return the blocks of commands that the tests run, in order."""
    return [block for title in titles for block in re.findall(r"```sh\n(.*?)```", section(title), re.DOTALL)]


JQ = commands("Behind a proxy", "Reading the logs")
BACKUP = commands("Backup")
AWAY = commands("Upgrade and rollback")


def run(command, folder):
    """Run a block of the guide in a folder; return what it printed."""
    environ = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def anchors(text):
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_alert_has_a_section_that_says_what_to_do():
    names = re.findall(r"^### (\w+)$", section("Alerts, and what to do"), re.MULTILINE)

    assert names == [alert["alert"] for alert in alerts()]
    for alert in alerts():
        file, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert file == "docs/production.md"
        assert anchor in anchors(GUIDE)


def test_every_link_of_the_guide_leads_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        file, _, anchor = target.partition("#")
        path = ROOT / "docs" / file if file else ROOT / "docs/production.md"
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text(encoding="utf-8")), target


def test_every_setting_that_the_guide_names_is_one():
    known = {field.metadata["variable"] for field in fields(Settings)} | LATER
    of_the_kit = {"TLS_CERTIFICATE", "TLS_BIND", "SIGNALS_3", "SIGNALS_4", "VACUUM", "INTO", "ALERTS", "POST"}
    named = set(re.findall(r"`([A-Z][A-Z]+_[A-Z_0-9]+)(?:=[^`]*)?`", GUIDE))

    assert named - known - of_the_kit == set()


def test_the_guide_gives_each_file_the_trust_that_it_has():
    rows = dict(re.findall(r"^\| ([^|]+?) \| `([^`]+)` \|", section("Behind a proxy"), re.MULTILINE))

    assert rows == {
        "nothing in front, image with `-p 8000:8000`": image_environment()["TRUSTED_PROXIES"],
        "`deploy/compose.yaml`": compose_environment()["TRUSTED_PROXIES"],
        "`deploy/signals-agent.service`": unit_environment()["TRUSTED_PROXIES"],
        "Procfile (Heroku and the like)": procfile()[0]["TRUSTED_PROXIES"],
        "`render.yaml`": render_environment()["TRUSTED_PROXIES"],
    }


def test_readme_links_to_the_guide_and_the_kit():
    chapter = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Deploy\n")[2].partition("\n## ")[0]
    targets = re.findall(r"\]\(([^)]+)\)", chapter)

    assert "docs/production.md" in targets
    assert [target for target in targets if not (ROOT / target.partition("#")[0]).exists()] == []


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A folder with the log of a service that has met a bit of everything."""
    folder = tmp_path_factory.mktemp("log")
    token, rules = folder / "token", folder / "rules.toml"
    token.write_text(TOKEN)
    # So little memory that the alert fires at once.
    rules.write_text("[HighMemory]\nwarns = 0.0001\nfires = 0.0002\nclears = 0.0001\nfor_seconds = 0\n")
    settings = {"OPERATOR_TOKEN_FILE": token, "ALERT_RULES_PATH": rules, "RATE_LIMIT": "4/60", "TRUSTED_PROXIES": 1}
    with Process(folder, **settings) as service:
        for number, spec in enumerate(("cars", "cars", "food", ATTACK, "cars", "cars", "cars", "cars")):
            client = "203.0.113.9" if number > 1 else "198.51.100.7"
            service.search(spec, X_Forwarded_For=client)
        service.search("cars", X_Forwarded_For="203.0.113.9, 192.0.2.4", X_Request_ID="who-am-i-1")
        service.search("food", X_Forwarded_For="192.0.2.4", X_Request_ID="order-4711")
        wait_for(lambda: service.events("alert"))
        token.unlink()
        service.signal(signal.SIGHUP)
        wait_for(lambda: service.events("reread_failed"))
        service.signal(signal.SIGTERM)
        service.ended()
    return folder


@needs("jq")
@pytest.mark.parametrize("command", JQ, ids=range(len(JQ)))
def test_every_example_of_jq_finds_something_in_the_log_of_a_service(log, command):
    assert run(command, log).strip()


@needs("jq")
def test_examples_of_jq_find_what_they_are_said_to_find(log):
    assert run(JQ[0], log) == "192.0.2.4\n"
    told = "\n".join(run(command, log) for command in JQ)
    for expected in (
        "429",
        '"cache":"hit"',
        "203.0.113.9 429",
        '"order-4711"',
        "HighMemory",
        "reread_failed",
        "draining",
    ):
        assert expected in told


def blocks(file):
    with contextlib.closing(sqlite3.connect(file)) as database:
        return [client for (client,) in database.execute("SELECT client FROM blocks")]


@needs("sqlite3")
def test_the_databases_can_be_copied_while_the_service_runs_and_be_served_from(tmp_path):
    with Process(tmp_path, TRUSTED_PROXIES=1, BLOCK_SCORE=15) as service:
        for _ in range(2):
            service.search(ATTACK, X_Forwarded_For="203.0.113.9")
        assert service.search("cars", X_Forwarded_For="203.0.113.9").status == 403
        wait_for(lambda: blocks(tmp_path / "state.db"))
        before = service.search("cars").ids

        printed = [run(command, tmp_path) for command in BACKUP]

        assert printed[-1].strip() == "ok"
        assert service.search("cars").status == 200

    assert blocks(tmp_path / "state.copy.db") == blocks(tmp_path / "state.backup.db")
    place = tmp_path / "restored"
    place.mkdir()
    shutil.copy(tmp_path / "signals.backup.db", place / "signals.db")
    shutil.copy(tmp_path / "state.backup.db", place / "state.db")
    with Process(place, TRUSTED_PROXIES=1) as restored:
        assert restored.search("cars").ids == before
        assert restored.search("cars", X_Forwarded_For="203.0.113.9").status == 403
        assert restored.get("/api/monitoring/health").document["checks"]["state"]["status"] == "healthy"


def test_a_catalogue_of_a_newer_version_is_refused_and_the_way_back_leads_to_one_that_is_served(tmp_path):
    file = tmp_path / "signals.db"
    with Process(tmp_path):
        pass
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 99")
    with Process(tmp_path) as older:
        health = older.get("/api/monitoring/health")
        assert (health.status, older.search("cars").status) == (503, 503)
        assert "newer version" in health.document["checks"]["catalogue"]["detail"]

    [command] = AWAY
    run(command, tmp_path)

    with Process(tmp_path) as older:
        assert older.get("/api/monitoring/health").status == 200
        assert older.search("cars").ids
