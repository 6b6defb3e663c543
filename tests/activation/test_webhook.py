"""The webhook adapter against a real server: signed, bounded, and following nobody."""

import json
import threading

import pytest

from service.activation.adapter import Confirmed, Declined, Delivery, NotYet, Taken
from service.activation.orders import Destination
from service.activation.signing import is_genuine
from service.activation.targets import Targets
from service.activation.webhook import Webhook
from tests.activation.parts import an_order
from tests.activation.platforms import PlatformServer
from tests.running import free_port

SECRET = b"secret of the platform"


@pytest.fixture
def server():
    with PlatformServer() as one:
        yield one


@pytest.fixture
def delivery(make):
    parts = make(targets=Targets(platforms={"the-trade-desk": a_webhook("http://127.0.0.1:9")}))
    (one,) = parts.activations.order(an_order())
    return Delivery.of(one)


def a_webhook(url, **more):
    return Webhook(
        f"{url}/orders", SECRET, lambda: 1_800_000_000.7, "https://signals.example", **({"timeout": 5.0} | more)
    )


def test_an_order_goes_as_signed_json_with_its_delivery_id_and_where_to_call_back(server, delivery):
    assert a_webhook(server.url).deliver(delivery) == Taken()

    (got,) = server.got
    assert (got.method, got.path, got.headers["Content-Type"]) == ("POST", "/orders", "application/json")
    assert got.headers["X-Delivery-ID"] == got.document["delivery_id"] == delivery.id
    assert got.headers["X-ADCP-Timestamp"] == "1800000000"
    assert is_genuine(SECRET, "1800000000", got.headers["X-ADCP-Signature"], got.body, 1_800_000_000.0)
    assert got.document == delivery.document() | {
        "callback": f"https://signals.example/api/activations/{delivery.activation.id}/callback"
    }
    assert SECRET.decode() not in str(got)


@pytest.mark.parametrize(("status", "kind"), [(200, Taken), (202, Taken), (204, Taken), (429, NotYet), (503, NotYet)])
def test_what_may_pass_is_tried_again(server, delivery, status, kind):
    server.status = status
    server.headers = {"Retry-After": "7"} if status == 429 else {}
    outcome = a_webhook(server.url).deliver(delivery)

    assert isinstance(outcome, kind)
    assert status != 429 or outcome.retry_after == 7.0


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server, delivery, status):
    with PlatformServer() as elsewhere:
        server.status, server.headers = status, {"Location": f"{elsewhere.url}/stolen"}

        assert a_webhook(server.url).deliver(delivery) == Declined(
            f"the platform's webhook refused it: status {status}"
        )
        assert elsewhere.got == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_is_final(server, delivery, status):
    server.status = status

    assert a_webhook(server.url).deliver(delivery) == Declined(f"the platform's webhook refused it: status {status}")


def test_nobody_there_is_told_without_the_address(delivery):
    outcome = a_webhook(f"http://127.0.0.1:{free_port()}").deliver(delivery)

    assert outcome == NotYet("the platform's webhook: ConnectError", silent=True)


def test_a_platform_that_does_not_answer_costs_no_more_than_the_time_out(server, delivery):
    server.free.clear()

    outcome = a_webhook(server.url, timeout=0.1).deliver(delivery)

    assert outcome == NotYet("the platform's webhook: timeout", silent=True)


def test_a_status_address_is_asked_with_a_signature_and_confirms(server, delivery):
    key = {"type": "segment_id", "segment_id": "seg-1"}
    server.word = json.dumps({"delivery_id": delivery.id, "state": "live", "activation_key": key}).encode()
    webhook = a_webhook(server.url, status_url=f"{server.url}/orders/{{delivery_id}}?full=1", ask_every=30.0)

    assert webhook.ask(delivery) == Confirmed("live", key)
    (got,) = server.got
    assert (got.method, got.path) == ("GET", f"/orders/{delivery.id}?full=1")
    assert is_genuine(SECRET, "1800000000", got.headers["X-ADCP-Signature"], b"", 1_800_000_000.0)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (b"<html>", "the platform's status cannot be read: The body is not valid JSON at line 1."),
        (b'{"delivery_id":"dlv_other","state":"live"}', "the platform's status is about another delivery"),
        (b" " * 16385, "the platform's status is longer than 16384 bytes, or too slow"),
        (b"[" * 16000, "the platform's status cannot be read: The body is nested too deeply."),
    ],
)
def test_a_status_that_is_none_confirms_nothing(server, delivery, word, reason):
    server.word = word
    webhook = a_webhook(server.url, status_url=f"{server.url}/{{delivery_id}}", ask_every=30.0)

    assert webhook.ask(delivery) == NotYet(reason)


def test_a_status_that_is_not_there_yet_is_asked_again(server, delivery):
    server.status = 404
    webhook = a_webhook(server.url, status_url=f"{server.url}/{{delivery_id}}", ask_every=30.0)

    assert webhook.ask(delivery) == NotYet("the platform's status: status 404")


def test_a_webhook_never_shows_its_secret_or_its_address():
    shown = repr(a_webhook("https://hooks.example/T0K3N", status_url="https://hooks.example/T0K3N/{delivery_id}"))

    assert "T0K3N" not in shown
    assert SECRET.decode() not in shown


def test_what_a_caller_names_is_never_fetched(make, server):
    """The agent's address leads to a trap; the order goes where the operator said, and nowhere else."""
    with PlatformServer() as trap:
        targets = Targets(agents={f"{trap.url}/mcp": a_webhook(server.url)})
        parts = make(targets=targets)
        (one,) = parts.activations.order(an_order("free", Destination("agent", agent_url=f"{trap.url}/mcp")))
        parts.errands.run()

        assert (len(server.got), trap.got) == (1, [])
        assert parts.now(one).state == "activating"
    assert not any(thread.name == "outgoing" for thread in threading.enumerate())
