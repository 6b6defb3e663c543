import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.document import FIGURES_AT_MOST, ROWS_AT_MOST, TEXT_AT_MOST, snapshot_of, stats_document
from dashboard.model.snapshot import (
    BlockRow,
    ClientRow,
    EndpointRow,
    ErrorRow,
    JobRow,
    KeyRow,
    Metrics,
    Snapshot,
    ToolRow,
    Transition,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def read(document):
    return snapshot_of(stats_document(document), Metrics(), at=1.0, wall=2.0, seconds=0.1)


def stats(**parts):
    return {"service": {"name": "signals-agent"}, "requests": {}} | parts


def test_every_part_of_the_document_is_read():
    found = read(
        {
            "service": {
                "name": "signals-agent",
                "version": "1.0.0",
                "instance": "web-1",
                "started_at": "2026-11-22T20:00:00Z",
                "uptime_seconds": 12.5,
            },
            "requests": {"by_endpoint": [{"endpoint": "/a", "method": "GET", "rate": 2, "errors": 0, "p95": None}]},
            "queue": {"capacity": 100},
            "ai": {"enabled": False, "model": None},
            "clients": {
                "top": [{"client": "10.0.0.1", "used": 6}],
                "keys": [{"name": "acme", "used": 9, "limit": 10}],
                "blocked": [{"client": "10.0.0.2", "until": None, "reason": "rate_limited"}],
            },
            "jobs": [{"id": "warm_up", "runs": 3, "failures": 1, "last_duration_seconds": 0.5}],
            "alerts": [{"name": "HighCpu", "state": "firing", "comparison": "<", "for_seconds": 300, "fires": 0.9}],
            "transitions": [
                {"name": "HighCpu", "from": "ok", "to": "warning", "value": 0.8, "at": "2026-11-22T20:00:00Z"}
            ],
            "mcp": {"rate": 2.5, "tools": [{"tool": "get_signals", "rate": 2.0, "refused": 1, "outcomes": {"ok": 1}}]},
            "recent_errors": [{"timestamp": "2026-11-22T20:00:00Z", "request_id": "r", "status": 500, "error": "boom"}],
        }
    )
    assert (found.at, found.wall, found.seconds) == (1.0, 2.0, 0.1)
    assert (found.service.instance, found.service.uptime_seconds) == ("web-1", 12.5)
    assert found.figures["queue.capacity"] == 100.0
    assert found.figures["ai.enabled"] is False
    assert found.figures["ai.model"] is None
    assert found.endpoints == (EndpointRow("/a", "GET", 2.0, 0.0, None),)
    assert found.clients == (ClientRow("10.0.0.1", 6),)
    assert found.keys == (KeyRow("acme", 9, 10.0),)
    assert found.tools == (ToolRow("get_signals", 2.0, 1.0),)
    assert found.blocked == (BlockRow("10.0.0.2", None, "rate_limited"),)
    assert found.jobs == (JobRow("warm_up", None, None, None, 0.5, 3, 1),)
    assert (found.alerts[0].name, found.alerts[0].state, found.alerts[0].comparison) == ("HighCpu", "firing", "<")
    assert found.transitions == (Transition("HighCpu", "ok", "warning", 0.8, "2026-11-22T20:00:00Z"),)
    assert found.errors == (ErrorRow("2026-11-22T20:00:00Z", "r", "", 500, "boom"),)


@pytest.mark.parametrize("document", [None, [], "ok", {}, {"service": "x", "requests": {}}, {"service": {}}])
def test_what_is_not_the_stats_of_a_signals_agent_is_refused(document):
    with pytest.raises(ValueError, match="not the stats"):
        read(document)


def test_a_field_of_the_wrong_type_is_unknown_and_a_row_without_a_name_is_left_out():
    found = read(
        stats(
            queue={"depth": True, "capacity": "many", "slots": 10**400, "busy": float("nan")},
            clients={"top": [{"client": 7}, 3, {"client": "a", "used": "b"}], "blocked": [{}]},
            alerts=[{"name": "A"}, {"state": "ok"}, {"name": "B", "state": "ok", "fires": [], "needs": None}],
            transitions=[{"name": "A"}],
            recent_errors=[{}, {"timestamp": "t", "status": "x"}],
            jobs={"id": "no list"},
        )
    )
    assert found.figures["queue.depth"] is True
    assert found.figures["queue.capacity"] == "many"
    assert found.figures["queue.slots"] is found.figures["queue.busy"] is None
    assert found.clients == (ClientRow("a", 0),)
    assert [alert.name for alert in found.alerts] == ["B"]
    assert (found.alerts[0].fires, found.alerts[0].needs) == (None, 0)
    assert (found.blocked, found.transitions, found.jobs) == ((), (), ())
    assert found.errors == (ErrorRow("t", "", "", None, ""),)


def test_rows_texts_figures_and_depth_have_bounds():
    deep = {"x": 1}
    for _ in range(50):
        deep = {"d": deep}
    found = read(
        stats(
            jobs=[{"id": "j" * 9999}] * 999,
            many={f"f{i}": i for i in range(5000)},
            folders={f"f{i}": {} for i in range(5000)},
            deep=deep,
        )
    )
    assert len(found.jobs) == ROWS_AT_MOST
    assert len(found.jobs[0].id) == TEXT_AT_MOST
    assert len(found.figures) <= FIGURES_AT_MOST


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(["alerts", "clients", "jobs", "queue", "recent_errors", "transitions"]), JSON))
def test_whatever_the_parts_are_the_document_is_read(parts):
    assert isinstance(read(stats(**parts)), Snapshot)


@settings(max_examples=100)
@given(JSON, JSON)
def test_whatever_rows_and_services_hold_they_are_read(row, service):
    names = ["name", "state", "client", "id", "timestamp", "from", "to", "endpoint"]
    rows = [dict.fromkeys(names, row), {"name": "a", "state": "b", "since": row, "value": row}]
    document = {
        "service": {"name": service, "instance": service, "uptime_seconds": service},
        "requests": {"by_endpoint": rows},
    }
    document |= dict.fromkeys(("alerts", "jobs", "transitions", "recent_errors"), rows) | {"clients": {"top": rows}}
    assert isinstance(read(document), Snapshot)
