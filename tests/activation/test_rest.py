"""Activation over REST, against the whole service: who may, what is answered, and that no one sees anyone else's."""

import contextlib
import json
import sqlite3
import time

import pytest

from service.openapi.document import openapi_document
from service.openapi.schema_check import fault
from service.routes import ROUTES
from tests.activation.platforms import PlatformServer
from tests.activation.services import DESTINATION, ORDER, SECRET, Buyer, a_key, call_back, configured, fill
from tests.running import OPERATOR, TOKEN, Running, wait_for

SCHEMAS = json.loads(json.dumps(openapi_document(ROUTES, "1")))["components"]["schemas"]

AGENT = {"type": "agent", "agent_url": "https://sales.example/mcp"}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("activation")
    fill(folder, sample=True)
    with Running(folder, OPERATOR_TOKEN=TOKEN, BLOCKING="off", KEY_RATE_LIMIT="100000/60") as one:
        yield one


@pytest.fixture
def buyer(service, request):
    """A principal of the test's own."""
    return Buyer(service, a_key(service, f"buyer-{abs(hash(request.node.nodeid))}"))


@pytest.fixture
def other(service, request):
    return Buyer(service, a_key(service, f"other-{abs(hash(request.node.nodeid))}"))


def fits(document, schema):
    return fault(document, SCHEMAS[schema], SCHEMAS) is None


def test_a_sample_is_activated_in_the_sandbox_and_says_so(service, buyer):
    answer = buyer.activate()

    assert answer.status == 200
    assert answer.document["sandbox"] is True
    assert answer.document["replayed"] is False
    (deployment,) = answer.document["deployments"]
    assert deployment.items() >= (DESTINATION | {"is_live": True}).items()
    assert deployment["activation_key"] == {"type": "segment_id", "segment_id": "sandbox_suv"}
    assert answer.header("Cache-Control") == "no-store"
    assert fits(answer.document, "ActivationAnswer")
    assert answer.header("Location") == f"/api/activations/{answer.document['activations'][0]['activation_id']}"
    told = buyer.get(answer.header("Location")).document
    assert [step["state"] for step in told["history"]] == ["requested", "activating", "live"]
    assert fits(told, "ActivationReport")


def test_without_a_key_nothing_is_activated_listed_or_shown(service, buyer):
    place = buyer.activate().header("Location")
    document = json.dumps(ORDER).encode()
    for method, target in (
        ("POST", "/api/signals/suv/activate"),
        ("POST", "/api/signals/unknown/activate"),
        ("GET", "/api/activations"),
        ("GET", place),
    ):
        for headers in ({}, OPERATOR):
            answer = service.ask(method, target, document, {"Content-Type": "application/json"} | headers)
            assert (answer.status, answer.document["type"]) == (401, "/problems/unauthorized")
            assert answer.header("WWW-Authenticate").startswith("Bearer")


def test_the_same_key_is_answered_with_the_same_and_done_once(buyer):
    first = buyer.activate(key="the-same-key-0001").document
    again = buyer.activate(key="the-same-key-0001")
    quoted = buyer.activate(key='"the-same-key-0001"')
    member = buyer.activate(document=ORDER | {"idempotency_key": "the-same-key-0001"}, **{"Idempotency-Key": ""})

    for answer in (again, quoted, member):
        assert answer.status == 200
        assert answer.document == first | {"replayed": True, "request_id": answer.document["request_id"]}
    assert len(buyer.get("/api/activations").document["activations"]) == 1


def test_a_replay_tells_what_was_answered_then_not_what_is_now(buyer):
    buyer.activate(key="the-same-key-0002")
    buyer.activate(document=ORDER | {"action": "deactivate"})

    again = buyer.activate(key="the-same-key-0002")
    assert again.document["deployments"][0]["is_live"] is True
    assert buyer.activation(again)["state"] == "deactivated"


def test_the_same_key_for_another_order_is_a_conflict(buyer):
    buyer.activate(key="the-same-key-0003")
    answer = buyer.activate("free", {"destinations": [DESTINATION]}, key="the-same-key-0003")

    assert (answer.status, answer.document["type"]) == (422, "/problems/idempotency-conflict")
    assert "suv" not in answer.body.decode()


def test_a_key_is_nobody_elses_and_no_other_accounts(buyer, other):
    key = "the-same-key-0004"
    answers = [
        buyer.activate(key=key),
        other.activate(key=key),
        buyer.activate(document=ORDER | {"account": {"account_id": "acc-2"}}, key=key),
    ]

    assert [answer.document["replayed"] for answer in answers] == [False] * 3
    assert len({answer.header("Location") for answer in answers}) == 3


def test_a_refusal_does_not_use_the_key_up(buyer):
    key = "the-same-key-0005"

    assert buyer.activate(document=ORDER | {"pricing_option_id": "dear"}, key=key).status == 400
    assert buyer.activate(key=key).status == 200


def test_an_unknown_signal_is_not_found(buyer):
    answer = buyer.activate("unknown")

    assert (answer.status, answer.document["type"]) == (404, "/problems/not-found")


def test_a_private_signal_is_the_same_as_none_for_all_but_those_who_may_know_of_it(service, buyer):
    """Whatever is asked of it: the answers are equal to the byte, but for the request's own id."""
    acme = Buyer(service, a_key(service, "acme"))
    asked = [
        {"destinations": [DESTINATION]},
        {"destinations": [DESTINATION], "action": "deactivate"},
        {"destinations": [DESTINATION], "pricing_option_id": "what-ever"},
        {"destinations": [AGENT], "account": {"account_id": "acc"}},
    ]
    before = acme.activate("acmes", asked[0])
    for document in asked:
        private = buyer.activate("acmes", document, **{"X-Request-ID": "one-and-the-same"})
        missing = buyer.activate("nothing", document, **{"X-Request-ID": "one-and-the-same"})
        assert private.status == missing.status == 404
        assert private.body == missing.body
        assert steady_headers(private) == steady_headers(missing)

    assert before.status == 200
    assert buyer.get("/api/activations?signal=acmes").document["activations"] == []
    assert len(acme.get("/api/activations?signal=acmes").document["activations"]) == 1


def steady_headers(answer):
    return [
        (name, value) for name, value in answer.headers if not name.startswith(("RateLimit", "X-RateLimit", "Date"))
    ]


def test_a_price_of_ones_own_is_taken_by_its_id(service, buyer):
    acme = Buyer(service, a_key(service, "acme"))
    mine = acme.get("/api/signals/dear").document["pricing_options"][0]
    public = buyer.get("/api/signals/dear").document["pricing_options"][0]

    assert (mine["cpm"], public["cpm"]) == (9.0, 2.0)
    for one, option in ((acme, mine), (buyer, public)):
        order = {"destinations": [DESTINATION], "pricing_option_id": option["pricing_option_id"]}
        assert one.activate("dear", order, key="the-order-of-what-is-dear").status == 200


def test_nobody_sees_or_counts_what_is_somebody_elses(buyer, other):
    mine = buyer.activate()
    place = mine.header("Location")

    assert other.get("/api/activations").document == {"activations": [], "pagination": {"has_more": False}}
    theirs, missing = other.get(place), other.get("/api/activations/act_000000000000000000000000")
    assert (theirs.status, missing.status) == (404, 404)
    assert without_id(theirs) == without_id(missing)
    assert buyer.get(place).status == 200
    assert other.activate(document=ORDER | {"action": "deactivate"}).status == 404


def without_id(answer):
    return {name: value for name, value in answer.document.items() if name != "request_id"}


def test_the_list_is_paged_to_its_end_newest_first(buyer, other):
    wanted = []
    for seat in range(7):
        answer = buyer.activate(document=ORDER | {"destinations": [DESTINATION | {"account": f"seat-{seat}"}]})
        wanted.insert(0, answer.document["activations"][0]["activation_id"])
    other.activate()
    seen, cursor = [], ""
    while True:
        page = buyer.get(f"/api/activations?max_results=3{cursor}").document
        assert fits(page, "Activations")
        seen += [one["activation_id"] for one in page["activations"]]
        if not page["pagination"]["has_more"]:
            break
        cursor = f"&cursor={page['pagination']['cursor']}"

    assert seen == wanted


def test_the_list_can_be_of_one_state_or_signal(buyer):
    buyer.activate()
    buyer.activate("free", {"destinations": [DESTINATION]})
    buyer.activate("free", {"destinations": [DESTINATION], "action": "deactivate"})

    def signals(query):
        return [
            one["signal_agent_segment_id"] for one in buyer.get(f"/api/activations?{query}").document["activations"]
        ]

    assert signals("state=live") == ["suv"]
    assert signals("state=deactivated") == ["free"]
    assert signals("signal=suv") == ["suv"]
    assert signals("signal=suv&state=failed") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=alive", "state"),
        ("signal=a%20b", "signal"),
        ("max_results=0", "max_results"),
        ("cursor=abc", "cursor"),
        ("cursor=" + "A" * 27, "cursor"),
        ("cursor=%C3%BC", "cursor"),
        ("principal=p", "principal"),
    ],
)
def test_what_is_wrong_in_a_list_is_named(buyer, query, field):
    answer = buyer.get(f"/api/activations?{query}")

    assert (answer.status, answer.document["field"]) == (400, field)


def test_a_cursor_is_good_for_its_own_list_alone(buyer, other):
    for seat in "ab":
        buyer.activate(document=ORDER | {"destinations": [DESTINATION | {"account": seat}]})
    cursor = buyer.get("/api/activations?max_results=1").document["pagination"]["cursor"]

    assert buyer.get(f"/api/activations?max_results=1&cursor={cursor}").status == 200
    assert buyer.get(f"/api/activations?state=live&cursor={cursor}").status == 400
    assert other.get(f"/api/activations?cursor={cursor}").status == 400


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "body"),
        ({}, "destinations"),
        ({"destinations": []}, "destinations"),
        ({"destinations": [DESTINATION] * 21}, "destinations"),
        ({"destinations": ["dv360"]}, "destinations[0]"),
        ({"destinations": [{"type": "fax"}]}, "destinations[0]"),
        ({"destinations": [{"type": ["platform"], "platform": "dv360"}]}, "destinations[0]"),
        ({"destinations": [{"type": "platform"}]}, "destinations[0].platform"),
        ({"destinations": [DESTINATION, {"type": "platform", "platform": "a b"}]}, "destinations[1].platform"),
        ({"destinations": [{"type": "agent", "agent_url": "file:///etc/passwd"}]}, "destinations[0].agent_url"),
        ({"destinations": [{"type": "agent", "agent_url": "https://a" * 300}]}, "destinations[0].agent_url"),
        ({"destinations": [DESTINATION | {"account": "a\u0000b"}]}, "destinations[0].account"),
        ({"destinations": [DESTINATION | {"callback_url": "http://x"}]}, "destinations[0].callback_url"),
        (ORDER | {"push_notification_config": {"url": "http://127.0.0.1:9"}}, "push_notification_config"),
        (ORDER | {"action": "destroy"}, "action"),
        (ORDER | {"account": "acc"}, "account"),
        (ORDER | {"account": {"account_id": ""}}, "account.account_id"),
        (ORDER | {"account": {"account_id": "a", "more": 1}}, "account.more"),
        (ORDER | {"account": {"brand": {"domain": "a b"}, "operator": "o.example"}}, "account.brand.domain"),
        (ORDER | {"account": {"brand": {"domain": "a.example"}}}, "account.operator"),
        (
            ORDER | {"account": {"brand": {"domain": "a.example"}, "operator": "o.example", "sandbox": 1}},
            "account.sandbox",
        ),
        (ORDER | {"pricing_option_id": 7}, "pricing_option_id"),
        (ORDER | {"pricing_option_id": "not-its-own"}, "pricing_option_id"),
        ({"destinations": [DESTINATION]}, "pricing_option_id"),
        (ORDER | {"idempotency_key": "another-key-0123456"}, "idempotency_key"),
    ],
)
def test_what_is_wrong_in_an_order_is_named_and_nothing_is_done(buyer, document, field):
    answer = buyer.activate(document=document)

    assert (answer.status, answer.document["field"]) == (400, field)
    assert buyer.get("/api/activations").document["activations"] == []


@pytest.mark.parametrize("key", ["short", "x" * 256, "with blanks in it 123", "ünïcode-key-012345"])
def test_an_idempotency_key_must_be_one(buyer, key):
    answer = buyer.activate(document=ORDER | {"idempotency_key": key}, **{"Idempotency-Key": ""})

    assert (answer.status, answer.document["field"]) == (400, "idempotency_key")


def test_an_order_is_json_in_the_body(buyer):
    assert buyer.activate(**{"Content-Type": "text/plain"}).status == 415
    assert buyer.activate(document=b"{").document["field"] == "body"
    assert buyer.activate(document=b'{"destinations": [1e999]}').status == 400
    assert buyer.activate("suv/activate?x=1").document["field"] == "query string"
    assert buyer.service.ask("GET", "/api/signals/suv/activate").status == 405


def test_an_order_for_several_places_says_where_all_of_them_are(buyer):
    answer = buyer.activate("free", {"destinations": [DESTINATION, AGENT, DESTINATION]})

    assert [place["type"] for place in answer.document["deployments"]] == ["platform", "agent"]
    assert answer.header("Location") == "/api/activations?signal=free"
    assert len(buyer.get(answer.header("Location")).document["activations"]) == 2


def test_an_account_is_shown_as_it_was_named(buyer):
    account = {"brand": {"domain": "acme.example"}, "operator": "agency.example", "sandbox": True}
    answer = buyer.activate(document=ORDER | {"account": account})

    assert buyer.activation(answer)["account"] == account


# With a platform


@pytest.fixture
def platform():
    with PlatformServer() as one:
        yield one


@pytest.fixture
def real(tmp_path, platform):
    """A service with real data and one webhook."""
    fill(tmp_path, sample=False)
    settings = configured(tmp_path, platform.url)
    with Running(tmp_path, OPERATOR_TOKEN=TOKEN, BASE_URL="http://127.0.0.1:9", **settings) as one:
        yield one


def test_a_platform_is_told_and_its_callback_makes_it_live(real, platform):
    buyer = Buyer(real, a_key(real, "acme"))
    answer = buyer.activate()
    assert answer.status == 202
    assert answer.document["deployments"] == [
        DESTINATION | {"is_live": False, "estimated_activation_duration_minutes": 15}
    ]
    assert fits(answer.document, "ActivationAnswer")
    assert platform.arrived.acquire(timeout=20)
    order = platform.got[0].document
    assert order["callback"] == f"http://127.0.0.1:9/api/activations/{order['activation_id']}/callback"
    assert buyer.activation(answer)["state"] == "activating"

    key = {"type": "segment_id", "segment_id": "ttd-1"}
    told = call_back(real, order, time.time(), state="live", activation_key=key)
    assert (told.status, told.document) == (200, {"state": "live", "changed": True})
    again = call_back(real, order, time.time(), state="live", activation_key=key)
    assert again.document == {"state": "live", "changed": False}
    assert buyer.activation(answer)["deployment"]["activation_key"] == key
    assert [line["state"] for line in real.events("activation")] == ["requested", "activating", "live"]


def test_a_callback_without_the_right_signature_is_refused_and_charged(real, platform):
    buyer = Buyer(real, a_key(real, "acme"))
    buyer.activate()
    assert platform.arrived.acquire(timeout=20)
    order = platform.got[0].document
    refused = [
        call_back(real, order, time.time(), "another-secret-012345", state="live"),
        call_back(real, order, time.time() - 600, state="live"),
        call_back(real, order | {"activation_id": "act_unknown"}, time.time(), state="live"),
        real.ask("POST", f"/api/activations/{order['activation_id']}/callback", b"{}"),
    ]

    assert {(one.status, one.document["type"]) for one in refused} == {(401, "/problems/bad-signature")}
    assert len({json.dumps(without_id(one)) for one in refused}) == 1
    assert refused[0].header("WWW-Authenticate") == "HMAC-SHA256"
    wrong = call_back(real, order, time.time(), state="gone")
    assert (wrong.status, wrong.document["field"]) == (400, "state")


def test_a_platform_without_an_adapter_is_refused(real):
    buyer = Buyer(real, a_key(real, "acme"))
    elsewhere = {"destinations": [{"type": "platform", "platform": "dv360"}], "pricing_option_id": "suv-cpm"}
    answer = buyer.activate(document=elsewhere)

    assert (answer.status, answer.document["type"]) == (422, "/problems/unsupported-destination")
    assert answer.document["field"] == "destinations[0]"
    assert buyer.get("/api/activations").document["activations"] == []


def test_what_a_caller_names_is_never_fetched(real, platform):
    """Traps stand at every address that a caller can name; nobody ever comes to them."""
    buyer = Buyer(real, a_key(real, "acme"))
    with PlatformServer() as trap:
        agent = {"type": "agent", "agent_url": f"{trap.url}/mcp"}
        assert buyer.activate("free", {"destinations": [agent]}).status == 422
        named = ORDER | {"push_notification_config": {"url": trap.url}}
        assert buyer.activate(document=named).status == 400
        account = {"brand": {"domain": "127.0.0.1"}, "operator": f"localhost.{trap.port}"}
        assert buyer.activate(document=ORDER | {"account": account}).status == 202
        assert platform.arrived.acquire(timeout=20)
        wait_for(lambda: len(real.events("activation", state="activating")) == 1)
        assert trap.got == []


def test_monitoring_counts_activations_and_shows_the_last_failures(real, platform):
    platform.status = 403
    buyer = Buyer(real, a_key(real, "acme"))
    answer = buyer.activate()
    wait_for(lambda: buyer.activation(answer)["state"] == "failed")
    told = buyer.activation(answer)
    stats = real.ask("GET", "/api/monitoring/stats", headers=OPERATOR).document["activations"]
    metrics = real.ask("GET", "/api/monitoring/metrics", headers=OPERATOR).body.decode()

    assert stats["states"] == {"requested": 0, "activating": 0, "live": 0, "failed": 1, "deactivated": 0}
    assert stats["under_way"] == 0
    assert stats["failures"] == [
        {
            "activation_id": told["activation_id"],
            "signal": "suv",
            "destination": "the-trade-desk",
            "adapter": "webhook",
            "reason": "the platform's webhook refused it: status 403",
            "failed_at": told["changed_at"],
        }
    ]
    assert 'activations_total{platform_adapter="webhook",state="failed"} 1.0' in metrics
    (line,) = real.events("activation", state="failed")
    assert (line["level"], line["signal"], line["adapter"]) == ("warning", "suv", "webhook")


def test_secrets_of_platforms_are_told_nowhere(real, platform):
    buyer = Buyer(real, a_key(real, "acme"))
    answer = buyer.activate()
    assert platform.arrived.acquire(timeout=20)
    shown = b"".join(
        real.ask("GET", target, headers=OPERATOR).body
        for target in ("/api/debug", "/api/monitoring/stats", "/api/monitoring/metrics", "/openapi.json")
    )

    assert b'"ACTIVATION_SECRET":"***"' in shown
    for text in (SECRET, platform.url):
        assert text.encode() not in shown + answer.body
        assert text not in real.log.getvalue()


@contextlib.contextmanager
def held_by_another_process(path):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_service_whose_state_cannot_be_written_refuses_orders(real):
    buyer = Buyer(real, a_key(real, "acme"))
    assert buyer.get("/api/activations").status == 200
    with held_by_another_process(real.folder / "state.db"):
        answer = buyer.activate()
    assert (answer.status, answer.document["type"]) == (503, "/problems/unavailable")
    assert answer.header("Retry-After") == "5"
    wait_for(lambda: buyer.activate(key="the-order-after-it").status == 202)
