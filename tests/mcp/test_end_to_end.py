"""The MCP server over a real socket, as any client of MCP sees it."""

import json

import pytest

from tests.mcp.calling import call, post, refused, told, tool
from tests.running import Running


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    service = Running(tmp_path_factory.mktemp("mcp"))
    yield service
    service.stop()


@pytest.mark.parametrize("version", ["2025-11-25", "2025-06-18", "2025-03-26"])
def test_initialize_agrees_to_every_version_that_is_spoken(running, version):
    answer = call(running, "initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": {}})

    assert answer.status == 200
    assert answer.document["result"]["protocolVersion"] == version
    assert answer.document["result"]["capabilities"] == {"tools": {}}
    assert answer.header("Mcp-Session-Id") is None


def test_initialize_offers_the_newest_version_to_who_speaks_none_of_them(running):
    answer = call(running, "initialize", {"protocolVersion": "2024-11-05"})

    assert answer.document["result"]["protocolVersion"] == "2025-11-25"


def test_a_notification_is_taken_without_a_word(running):
    answer = post(running, {"jsonrpc": "2.0", "method": "notifications/initialized"})

    assert (answer.status, answer.body) == (202, b"")


def test_ping_answers_nothing(running):
    assert call(running, "ping", message_id="p").document == {"jsonrpc": "2.0", "id": "p", "result": {}}


def test_tools_are_listed_with_their_input_and_forbid_no_further_arguments(running):
    tools = call(running, "tools/list").document["result"]["tools"]

    assert {"get_adcp_capabilities", "get_signals"} <= {one["name"] for one in tools}
    for one in tools:
        assert one["description"]
        assert one["inputSchema"]["type"] == "object"
        assert "additionalProperties" not in one["inputSchema"]
        assert "outputSchema" not in one


def test_a_tool_is_called_without_initialize_and_whatever_is_accepted(running):
    answer = tool(running, "get_signals", {"signal_spec": "cars"}, Accept="application/json")

    assert answer.status == 200
    assert told(answer)["signals"]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, -32700),
        (b"[]", 400, -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/sing"}', 200, -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"server/discover"}', 200, -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_songs"}}', 200, -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call"}', 200, -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_signals","arguments":[]}}', 200, -32602),
    ],
)
def test_what_is_no_call_gets_the_error_of_json_rpc(running, raw, status, code):
    answer = post(running, raw)

    assert (answer.status, answer.document["error"]["code"]) == (status, code)
    assert answer.header("Content-Type") == "application/json"


@pytest.mark.parametrize("version", ["2024-11-05", "2026-07-28", "nonsense"])
def test_a_version_of_the_protocol_that_is_not_spoken_is_refused(running, version):
    answer = call(running, "ping", MCP_Protocol_Version=version)

    assert (answer.status, answer.document["error"]["code"]) == (400, -32600)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_stream_and_no_session(running, method):
    answer = running.ask(method, "/mcp")

    assert answer.status == 405
    assert "POST" in answer.header("Allow")


def test_a_body_that_is_no_json_by_its_type_is_refused(running):
    answer = running.ask("POST", "/mcp", b"{}", {"Content-Type": "text/plain"})

    assert (answer.status, answer.document["error"]["code"]) == (415, -32600)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.2"])
def test_a_foreign_host_name_is_refused_before_anything_is_read(running, host):
    answer = call(running, "ping", Host=host)

    assert answer.status == 403
    assert answer.document["error"]["data"]["adcp_error"]["code"] == "INVALID_REQUEST"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "file://"])
def test_a_foreign_page_is_refused(running, origin):
    assert call(running, "ping", Origin=origin).status == 403


@pytest.mark.parametrize("origin", ["http://localhost:6274", "http://127.0.0.1:5173", "http://[::1]"])
def test_a_page_of_this_very_machine_may_call(running, origin):
    assert call(running, "ping", Origin=origin).status == 200


def test_rest_goes_by_any_name(running):
    assert running.search("cars", Host="evil.example").status == 200


def test_a_call_that_is_refused_is_answered_by_the_tool_with_the_context_of_the_caller(running):
    arguments = {"signal_spec": "", "adcp_version": "3.1", "context": {"trace": [1.50, "é"]}}

    answer = tool(running, "get_signals", arguments)

    assert answer.status == 200
    error = refused(answer)
    assert (error["code"], error["recovery"], error["field"]) == ("INVALID_REQUEST", "correctable", "signal_spec")
    assert error["suggestion"]
    assert told(answer)["adcp_version"] == "3.1"
    assert told(answer)["context"] == arguments["context"]


def test_the_context_goes_back_byte_for_byte(running):
    context = b'{ "n": 1.50, "big": 12345678901234567890123, "t": "\\u00e9\\/\\n\xc3\xa9", "e": {},\n\t"l": [ ] }'
    arguments = b'{"con\\u0074ext":%b,"signal_spec":"cars"}' % context
    call_of_tool = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_signals","arguments":%b}}'

    answer = post(running, call_of_tool % arguments)

    assert b'"context":%b},"isError":false' % context in answer.body
    text = json.loads(answer.body)["result"]["content"][0]["text"]
    assert text.encode().endswith(b'"context":%b}' % context)
