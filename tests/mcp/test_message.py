"""What a message is, and which error of JSON-RPC stands for what is none."""

import json

import pytest

from service.mcp.faults import InvalidParams, InvalidRequest, ParseError
from service.mcp.message import Posted, parse


def body(**members):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"} | members).encode()


def test_a_call_has_an_id_a_method_and_params():
    message = parse(body(params={"a": 1}))

    assert (message.id, message.method, message.params) == (1, "ping", {"a": 1})


@pytest.mark.parametrize("message_id", ["a", "", 0, -1, 7.5, 12345678901234567890])
def test_an_id_is_any_text_or_number(message_id):
    assert parse(body(id=message_id)).id == message_id


def test_a_message_without_an_id_is_a_notification():
    assert parse(b'{"jsonrpc":"2.0","method":"notifications/initialized"}').id is None


def test_an_answer_to_a_question_never_asked_wants_no_answer():
    assert parse(b'{"jsonrpc":"2.0","id":4,"result":{}}').id is None


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"nonsense", b"\xff", b'{"jsonrpc":"2.0","id":1,"id":2}', b'{"id":NaN}', b"[" * 60_000]
)
def test_what_is_no_sound_json_is_a_parse_error(raw):
    with pytest.raises(ParseError) as refusal:
        parse(raw)

    assert (refusal.value.number, refusal.value.http_status) == (-32700, 400)


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"1",
        b"null",
        b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
        body(jsonrpc="1.0"),
        body(id=None),
        body(id=True),
        body(id=[1]),
        body(method=None),
        body(method=5),
        b'{"id":1,"method":"ping"}',
    ],
)
def test_json_that_is_no_message_is_an_invalid_request(raw):
    with pytest.raises(InvalidRequest) as refusal:
        parse(raw)

    assert (refusal.value.number, refusal.value.http_status) == (-32600, 400)


@pytest.mark.parametrize("params", [[], "text", 1])
def test_params_are_an_object(params):
    with pytest.raises(InvalidParams) as refusal:
        parse(body(params=params))

    assert (refusal.value.number, refusal.value.id) == (-32602, 1)


def test_an_error_goes_back_under_the_id_where_it_could_be_read():
    posted = Posted(body(id="mine", jsonrpc="1.0"))

    assert posted.id == "mine"
    with pytest.raises(InvalidRequest):
        posted.message  # noqa: B018


def test_only_a_call_of_a_tool_names_one():
    assert Posted(body(method="tools/call", params={"name": "get_signals"})).tool == "get_signals"
    assert Posted(body(method="tools/call", params={"name": 5})).tool == ""
    assert Posted(body(method="ping", params={"name": "get_signals"})).tool == ""
    assert Posted(b"{").tool == ""
