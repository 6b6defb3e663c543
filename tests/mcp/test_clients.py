"""The official clients of AdCP and MCP against the real server: nothing here knows how the service is made.

They live in environments of their own (``make test`` makes them), since they want other versions of libraries that the
service uses. Each is started once, as it takes seconds to import: README's program runs in the process of the rest.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from service.reading import Rate
from tests.mcp.calling import a_key
from tests.running import Running

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = Path(__file__).parent / "programs"
PATIENCE = 300
NEW, OLD = ".venv-mcp", ".venv-mcp-old"


def told_by(environment, program, *arguments):
    """Run a program in an environment and return what it printed."""
    python = ROOT / environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{environment} is missing: `make test` makes it")
    done = subprocess.run(
        [str(python), str(PROGRAMS / program), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def block(language):
    """Return the first block of code in README's chapter on MCP in a language."""
    chapter = (ROOT / "README.md").read_text(encoding="utf-8").partition("## MCP and AdCP")[2]
    return chapter.partition(f"```{language}\n")[2].partition("```")[0]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("clients"), BLOCKING="off") as service:
        yield service


@pytest.fixture(scope="module")
def url(running):
    return "http://{}:{}/mcp".format(*running.address)


@pytest.fixture(scope="module")
def key(running):
    return a_key(running)


@pytest.fixture(scope="module")
def told(running, url, key):
    """What the client of AdCP made of everything, in one go."""
    steps = [
        ["discovery", key, "token"],
        ["pages", key, "bearer"],
        ["activation", key, "token"],
        ["unauthorised", "", "token"],
        ["unauthorised", "sa_wrong", "bearer"],
        ["limited", a_key(running, "hurried", rate=Rate(5, 3600)), "token"],
    ]
    program = block("python").replace("http://localhost:8000/mcp", url).replace("sa_…", key)
    return told_by(NEW, "adcp_client.py", url, json.dumps(steps), program)


def test_the_client_of_adcp_reads_the_capabilities_and_finds_signals(told):
    discovery = told[0]

    assert discovery["capabilities"]["supported_protocols"] == ["signals"]
    assert discovery["found"]["success"] is True
    assert discovery["found"]["data"]["signals"]
    assert discovery["found"]["data"]["context"] == {"trace": "t-1"}


def test_the_client_of_adcp_reads_why_it_was_refused(told):
    refused = told[0]["refused"]

    assert refused["success"] is False
    assert refused["adcp_error"]["code"] == "INVALID_REQUEST"
    assert refused["adcp_error"]["field"] == "signal_spec"


def test_the_client_of_adcp_pages_through_all_of_the_catalogue(told):
    pages = told[1]

    assert len(pages["ids"]) == len(set(pages["ids"])) == pages["total"] > 1


def test_the_client_of_adcp_activates_once_and_sees_it_live(told):
    activation = told[2]
    first, again = activation["first"], activation["again"]

    assert first["success"] is True
    assert first["data"]["sandbox"] is True
    [deployment] = first["data"]["deployments"]
    assert deployment["is_live"] is True
    assert deployment["activation_key"]["type"] == "segment_id"
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["data"]["deployments"] == first["data"]["deployments"]
    assert not any(one["is_live"] for one in activation["before"])
    assert deployment in activation["after"]


def test_the_client_of_adcp_is_told_of_a_conflict_and_of_what_is_not_there(told):
    activation = told[2]

    assert activation["conflict"]["raised"] == "IdempotencyConflictError"
    assert activation["missing"]["adcp_error"]["code"] == "REFERENCE_NOT_FOUND"
    assert activation["missing"]["adcp_error"]["field"] == "signal_agent_segment_id"


def test_the_client_of_adcp_is_told_that_it_needs_a_key_or_another(told):
    for calls in told[3:5]:
        for name in ("get_signals", "activate_signal"):
            assert "Authentication failed: HTTP 401" in calls[name]["error"]
    assert "invalid_token" in told[4]["get_signals"]["error"]


def test_the_client_of_adcp_is_told_how_long_to_wait(told):
    limited = told[5]

    assert limited["adcp_error"]["code"] == "RATE_LIMITED"
    assert limited["adcp_error"]["recovery"] == "transient"
    assert 3500 < limited["adcp_error"]["retry_after"] <= 3600


@pytest.mark.parametrize(
    ("environment", "version", "protocol"), [(NEW, "2.", "2025-11-25"), (OLD, "1.12.", "2025-06-18")]
)
def test_the_client_of_mcp_connects_lists_and_calls(url, key, environment, version, protocol):
    seen = told_by(environment, "mcp_client.py", url, key)

    assert seen["version"].startswith(version)
    assert seen["protocol"] == protocol
    assert seen["tools"] == ["get_adcp_capabilities", "get_signals", "activate_signal"]
    assert [answer["error"] for answer in seen["answers"]] == [False, False, True]
    for answer in seen["answers"]:
        assert json.loads(answer["text"]) == answer["structured"]
    assert seen["answers"][1]["structured"]["context"] == {"trace": "t-1"}
    assert seen["answers"][2]["structured"]["adcp_error"]["field"] == "signal_spec"


def test_the_program_in_readme_runs(told):
    assert "expectant-parents" in told[6]["printed"]


def test_the_command_in_readme_is_answered(running, key):
    message = block("console").partition("-d '")[2].rpartition("'")[0]
    headers = {"Content-Type": "application/json", "X-Adcp-Auth": key}

    answer = running.ask("POST", "/mcp", message.encode(), headers)

    said = answer.document["result"]["structuredContent"]
    assert said["adcp_version"] == "3.1"
    assert 1 <= len(said["signals"]) <= 5
