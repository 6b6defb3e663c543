"""``activate_signal`` over MCP: the same orders as over REST, and the laws of keys, repetitions and refusals."""

import itertools
import socket

import pytest

from service.reading import Rate
from tests.mcp.calling import a_key, call, post, refused, told, tool
from tests.running import Running, wait_for

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("activation"), BLOCKING="off") as service:
        service.key = a_key(service)
        yield service


def order(running, key=None, fresh=True, **changes):
    arguments = {
        "signal_agent_segment_id": "auto-ev-intenders",
        "pricing_option_id": "auto-ev-intenders-cpm",
        "destinations": [{"type": "platform", "platform": "dv360"}],
    } | changes
    if fresh:
        arguments.setdefault("idempotency_key", f"order-number-{next(_NUMBERS):08d}")
    return tool(running, "activate_signal", arguments, X_Adcp_Auth=key or running.key)


def signal(running, key=None, **arguments):
    said = told(tool(running, "get_signals", {"signal_spec": "electric vehicle intenders"} | arguments, X_Adcp_Auth=key or running.key))  # fmt: skip  # noqa: E501
    return next(one for one in said["signals"] if one["signal_agent_segment_id"] == "auto-ev-intenders")


def test_an_order_is_answered_with_its_deployments_and_seen_by_who_gave_it_alone(running):
    mine, other = a_key(running, "mine"), a_key(running, "other")
    account = {"brand": {"domain": "nova.example"}, "operator": "agency.example"}

    said = told(order(running, mine, account=account, context={"n": 1}))

    assert (said["status"], said["adcp_version"], said["sandbox"]) == ("completed", "3.2", True)
    [deployment] = said["deployments"]
    assert deployment["is_live"] is True
    assert deployment["activation_key"]["type"] == "segment_id"
    assert said["context"] == {"n": 1}
    assert "replayed" not in said
    assert deployment in signal(running, mine, account=account)["deployments"]
    for who, whose in ((mine, None), (other, account), (other, None)):
        seen = signal(running, who, **({"account": whose} if whose else {}))
        assert not any(one["is_live"] for one in seen["deployments"])


def test_the_feed_of_who_has_something_live_has_a_version_of_its_own(running):
    key = a_key(running, "watcher")

    def version():
        said = told(tool(running, "get_signals", {"discovery_mode": "wholesale"}, X_Adcp_Auth=key))
        assert said["cache_scope"] == "public"
        return said["wholesale_feed_version"]

    before = version()
    order(running, key)
    after = version()
    order(running, key, action="deactivate")

    assert before != after
    assert version() == before
    known = {"discovery_mode": "wholesale", "if_wholesale_feed_version": before}
    assert told(tool(running, "get_signals", known, X_Adcp_Auth=key))["unchanged"] is True


def test_the_same_order_under_the_same_key_is_done_once_and_said_again(running):
    first = told(order(running, idempotency_key="the-same-key-00001"))
    again = told(order(running, idempotency_key="the-same-key-00001", context={"other": True}))

    assert again["replayed"] is True
    assert again["deployments"] == first["deployments"]


def test_another_order_under_the_same_key_is_a_conflict_without_a_word_of_the_first(running):
    order(running, idempotency_key="the-same-key-00002")

    error = refused(
        order(running, idempotency_key="the-same-key-00002", destinations=[{"type": "platform", "platform": "magnite"}])
    )

    assert (error["code"], error["recovery"]) == ("IDEMPOTENCY_CONFLICT", "correctable")
    assert "dv360" not in str(error)


def test_what_was_activated_can_be_taken_back(running):
    key = a_key(running, "fickle")
    order(running, key)

    [deployment] = told(order(running, key, action="deactivate"))["deployments"]

    assert deployment["is_live"] is False
    assert "activation_key" not in deployment
    assert refused(order(running, a_key(running, "stranger"), action="deactivate"))["code"] == "REFERENCE_NOT_FOUND"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"signal_agent_segment_id": "nobody"}, "REFERENCE_NOT_FOUND", "signal_agent_segment_id"),
        (
            {"signal_agent_segment_id": "nobody", "pricing_option_id": None},
            "REFERENCE_NOT_FOUND",
            "signal_agent_segment_id",
        ),
        ({"signal_agent_segment_id": None}, "INVALID_REQUEST", "signal_agent_segment_id"),
        ({"signal_agent_segment_id": 5}, "INVALID_REQUEST", "signal_agent_segment_id"),
        ({"pricing_option_id": "another"}, "INVALID_PRICING_OPTION", "pricing_option_id"),
        ({"pricing_option_id": None}, "INVALID_PRICING_OPTION", "pricing_option_id"),
        ({"destinations": []}, "INVALID_REQUEST", "destinations"),
        ({"destinations": [{"type": "moon"}]}, "INVALID_REQUEST", "destinations[0]"),
        ({"destinations": [{"type": "platform"}]}, "INVALID_REQUEST", "destinations[0].platform"),
        ({"idempotency_key": "short"}, "INVALID_REQUEST", "idempotency_key"),
        ({"idempotency_key": None}, "INVALID_REQUEST", "idempotency_key"),
        ({"action": "destroy"}, "INVALID_REQUEST", "action"),
        ({"account": {}}, "INVALID_REQUEST", "account"),
        ({"adcp_version": "4.0"}, "VERSION_UNSUPPORTED", "adcp_version"),
    ],
)
def test_what_is_wrong_with_an_order_is_refused_by_its_place(running, changes, code, field):
    error = refused(order(running, **changes))

    assert (error["code"], error["field"]) == (code, field)


def test_an_order_wants_a_key_before_it_is_read(running):
    missing = tool(running, "activate_signal", {})
    wrong = tool(running, "activate_signal", {}, Authorization="Bearer sa_wrong")
    unread = call(running, "tools/call", {"name": "activate_signal", "arguments": "none"})

    assert [answer.status for answer in (missing, wrong, unread)] == [401, 401, 401]
    assert missing.header("WWW-Authenticate") == 'Bearer realm="signals"'
    assert 'error="invalid_token"' in wrong.header("WWW-Authenticate")
    codes = [answer.document["error"]["data"]["adcp_error"]["code"] for answer in (missing, wrong)]
    assert codes == ["AUTH_MISSING", "AUTH_INVALID"]


def test_once_there_are_keys_all_that_finds_signals_wants_one_and_the_rest_does_not(running):
    assert tool(running, "get_signals", {"signal_spec": "cars"}).status == 401
    assert tool(running, "list_creatives", {}).status == 401
    assert told(tool(running, "get_adcp_capabilities", {}, X_Adcp_Auth="sa_wrong"))["status"] == "completed"
    for method in ("initialize", "ping", "tools/list"):
        assert call(running, method, {}).status == 200
    assert post(running, {"jsonrpc": "2.0", "method": "notifications/initialized"}).status == 202


@pytest.mark.parametrize(("setting", "status"), [("optional", 200), ("required", 401)])
def test_the_operator_may_say_who_finds_signals(tmp_path, setting, status):
    with Running(tmp_path, MCP_AUTH=setting) as service:
        assert tool(service, "get_signals", {"signal_spec": "cars"}).status == status
        assert tool(service, "activate_signal", {}).status == 401


def test_a_key_that_asks_too_much_is_told_by_the_tool_how_long_to_wait(running):
    key = a_key(running, "hurried", rate=Rate(2, 600))
    answers = [tool(running, "get_signals", {"signal_spec": "cars"}, X_Adcp_Auth=key) for _ in range(3)]

    error = refused(answers[2])

    assert answers[2].status == 200
    assert (error["code"], error["recovery"]) == ("RATE_LIMITED", "transient")
    assert str(error["retry_after"]) == answers[2].header("Retry-After")
    assert 590 <= error["retry_after"] <= 600
    line = wait_for(lambda: running.events("request", status=429, endpoint="/mcp"))[-1]
    assert (line["tool"], line["key"], line["outcome"]) == ("get_signals", "hurried", "RATE_LIMITED")


def test_urls_of_callers_are_never_fetched(running):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "http://{}:{}/hook".format(*listener.getsockname())
        said = told(
            order(
                running,
                destinations=[{"type": "agent", "agent_url": address}],
                push_notification_config={"url": address, "authentication": {"credentials": "secret"}},
            )
        )
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()

    assert said["deployments"][0]["activation_key"]["type"] == "key_value"
