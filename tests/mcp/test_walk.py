"""The walk protects ``/mcp`` as it protects REST: the same rules, asked through either door."""

import io
import json
import threading

import pytest

from tests.doubles import Crowd
from tests.mcp.calling import call, refused, tool
from tests.running import OPERATOR, TOKEN, Running, TrickyRanker, wait_for
from tests.stages.variants import VARIANTS

STATUS = {"RATE_LIMITED": 429, "SERVICE_UNAVAILABLE": 503, "INVALID_REQUEST": 400}


def over_rest(running, spec):
    """Ask over REST; return the status and the time to wait."""
    answer = running.post({"signal_spec": spec})
    return answer.status, answer.header("Retry-After")


def over_mcp(running, spec):
    """Ask over MCP; return what its status would be over REST, and the time to wait."""
    answer = tool(running, "get_signals", {"signal_spec": spec})
    if answer.status != 200 or not answer.document["result"]["isError"]:
        return answer.status, answer.header("Retry-After")
    error = refused(answer)
    wait = error.get("retry_after")
    assert answer.header("Retry-After") == (None if wait is None else str(wait))
    return STATUS[error["code"]], answer.header("Retry-After")


DOORS = pytest.mark.parametrize("ask", [over_rest, over_mcp])


@DOORS
def test_no_more_is_admitted_than_the_limit_whichever_door_is_taken(tmp_path, ask):
    with Running(tmp_path, RATE_LIMIT="4/600") as running:
        over_rest(running, "cars")
        over_mcp(running, "cars")
        answers = [ask(running, "cars") for _ in range(4)]

    assert [status for status, _ in answers] == [200, 200, 429, 429]
    assert 590 < int(answers[-1][1]) <= 600


@DOORS
def test_attacks_are_refused_and_those_who_go_on_are_blocked(tmp_path, ask):
    attacks = [line for lines in VARIANTS.values() for line in lines][::25]
    # Loopback is never blocked, so a proxy speaks for somebody else.
    with Running(tmp_path, TRUSTED_PROXIES="1", OPERATOR_TOKEN=TOKEN) as running:
        plain = running.ask
        running.ask = lambda method, target, body=None, headers=None: plain(
            method, target, body, {"X-Forwarded-For": "192.0.2.9"} | (headers or {})
        )
        statuses = [ask(running, attack)[0] for attack in attacks[:29]]
        statuses += [ask(running, attacks[0])[0] for _ in range(6)]
        lines = wait_for(lambda: running.events("blocked"))

    assert statuses[0] == 400
    assert statuses[-1] == 403
    assert set(statuses) == {400, 403}
    assert lines[0]["client"] == "192.0.2.9"


@DOORS
def test_who_finds_no_place_to_wait_is_told_to_come_again(tmp_path, ask):
    ranker = TrickyRanker()
    with Running(tmp_path, ranker, SLOTS="1", QUEUE_SIZE="0") as running:
        slow = running.held(lambda: ask(running, "slow cars"))
        ranker.busy()
        refusal = ask(running, "vans")
        ranker.release.set()

        assert slow()[0] == 200
    assert refusal[0] == 503
    assert int(refusal[1]) >= 1


class ToilingRanker(TrickyRanker):
    """Takes 40 ms for each brief."""

    def rank(self, library, brief):
        threading.Event().wait(0.04)
        return super().rank(library, brief)


@DOORS
def test_more_than_can_be_done_is_answered_or_refused_with_a_time_to_retry_and_harms_nothing_else(tmp_path, ask):
    with Running(tmp_path, ToilingRanker(), SLOTS="2", QUEUE_SIZE="10", CLIENT_CONNECTIONS="0") as running:
        ask(running, "known")
        crowd = Crowd()
        for number in range(60):
            crowd.start(ask, running, f"work {number}")
        beside = [running.get("/health").status, ask(running, "known")[0]]
        answers = crowd.join(30)
        after = ask(running, "afterwards")

    assert {status for status, _ in answers} == {200, 503}
    assert all(wait is not None and int(wait) >= 1 for status, wait in answers if status == 503)
    assert beside == [200, 200]
    assert after[0] == 200, "what was lent is given back"


@DOORS
def test_a_bug_is_a_500_without_a_word_of_what_is_inside(tmp_path, ask):
    with Running(tmp_path, TrickyRanker()) as running:
        answer = (
            tool(running, "get_signals", {"signal_spec": "bug in it"})
            if ask is over_mcp
            else running.search("bug%20in%20it")
        )
        bugs = wait_for(lambda: running.events("bug"))

    assert b"secret" not in answer.body
    assert bugs[0]["endpoint"] in ("/mcp", "/api/signals")


def test_what_one_door_ranked_the_other_answers_from_the_cache(tmp_path):
    with Running(tmp_path) as running:
        over_rest(running, "fast cars")
        over_mcp(running, "fast cars")
        over_mcp(running, "slow vans")
        over_rest(running, "slow vans")
        lines = wait_for(lambda: len(found := running.events("request")) >= 4 and found)

    assert [(line["endpoint"], line["cache"]) for line in lines] == [
        ("/api/signals", "miss"),
        ("/mcp", "hit"),
        ("/mcp", "miss"),
        ("/api/signals", "hit"),
    ]


def test_messages_are_counted_by_method_tool_and_outcome_and_logged_by_tool(tmp_path):
    with Running(tmp_path, OPERATOR_TOKEN=TOKEN) as running:
        call(running, "ping")
        over_mcp(running, "cars")
        over_mcp(running, "")
        call(running, "tools/sing")
        metrics = running.ask("GET", "/api/monitoring/metrics", headers=OPERATOR).body.decode()
        stats = running.ask("GET", "/api/monitoring/stats", headers=OPERATOR).document
        lines = wait_for(lambda: len(found := running.events("request", endpoint="/mcp")) >= 4 and found)

    for labels in (
        'method="ping",outcome="ok",tool=""',
        'method="tools/call",outcome="ok",tool="get_signals"',
        'method="tools/call",outcome="INVALID_REQUEST",tool="get_signals"',
        'method="other",outcome="-32601",tool=""',
    ):
        pairs = dict(pair.split("=") for pair in labels.split(","))
        assert any(
            line.startswith("mcp_requests_total{") and all(f"{name}={value}" in line for name, value in pairs.items())
            for line in metrics.splitlines()
        ), labels
    [row] = stats["mcp"]["tools"]
    assert (row["tool"], row["refused"], row["outcomes"]) == ("get_signals", 1, {"ok": 1, "INVALID_REQUEST": 1})
    assert [line.get("tool") for line in lines] == [None, "get_signals", "get_signals", None]
    assert [line["status"] for line in lines] == [200, 200, 400, 404]


def test_a_kept_page_is_answered_in_the_servers_own_thread_with_the_same_bytes_and_counts(tmp_path):
    arguments = {"signal_spec": "fast cars", "context": {"n": 1.50}}
    with Running(tmp_path, OPERATOR_TOKEN=TOKEN) as running:
        first = tool(running, "get_signals", arguments)
        again = tool(running, "get_signals", arguments)
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        message["params"] = {"name": "get_signals", "arguments": arguments}
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/mcp",
            "QUERY_STRING": "",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(json.dumps(message).encode()),
        }
        short = running.service.server.doorman.at_once(environ)
        keyed = running.service.server.doorman.at_once(environ | {"HTTP_X_ADCP_AUTH": "sa_any"})
        stats = running.ask("GET", "/api/monitoring/stats", headers=OPERATOR).document

    assert first.body == again.body
    assert (short, keyed) == (True, False)
    assert environ["wsgi.input"].read(1) == b"{", "the body is left as it came"
    assert stats["mcp"]["tools"][0]["outcomes"] == {"ok": 2}
