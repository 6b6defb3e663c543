"""What a caller of the whole service may rely on, through a real socket: answers, caching, pages and filters."""

import json
import re
from urllib.parse import quote

import pytest

from tests.running import Running, a_catalogue, csv_of, receive, request_bytes

ORDINARY = [
    "cars/trucks",
    "women 30-39",
    "3 1/2 inch drawer pulls",
    "select comfort mattress buyers",
    "R&D managers",
    "O'Reilly readers",
]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    origins = "https://buyer.example, http://localhost:3000"
    with Running(tmp_path_factory.mktemp("contract"), ALLOWED_ORIGINS=origins) as running:
        yield running


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("limited"), RATE_LIMIT="1000/3600", TRUSTED_PROXIES=1) as running:
        yield running


def every_page(service, query, size):
    """Return the answers to a query, page after page."""
    answers, cursor = [], ""
    while cursor is not None:
        answer = service.get(f"/api/signals?{query}&max_results={size}{cursor}")
        assert answer.status == 200
        answers.append(answer)
        following = answer.document["pagination"].get("cursor")
        assert (following is not None) == answer.document["pagination"]["has_more"]
        cursor = None if following is None else f"&cursor={following}"
    return answers


def everything(service, query):
    return [signal for page in every_page(service, query, 100) for signal in page.document["signals"]]


@pytest.mark.parametrize("spec", ORDINARY)
def test_ordinary_words_are_an_ordinary_query(service, spec):
    got = service.search(quote(spec))
    posted = service.post({"signal_spec": spec})

    assert (got.status, posted.status) == (200, 200)
    assert got.ids == posted.ids


def test_an_answer_has_the_shape_of_the_contract(service):
    answer = service.search("suv", X_Request_ID="my-own-id-1")
    document = answer.document

    assert {*document} == {
        *("signals", "ranking_method", "fallback_reason", "message", "cached", "request_id", "pagination")
    }
    assert document["request_id"] == answer.header("X-Request-ID") == "my-own-id-1"
    assert (document["ranking_method"], document["fallback_reason"]) == ("text", None)
    assert answer.header("Content-Type") == "application/json"
    assert answer.header("Cache-Control") == "private, no-cache"
    assert answer.header("Vary") == "Authorization, X-Adcp-Auth, Origin"
    assert answer.header("Server") is None


def test_a_signal_tells_what_is_known_and_leaves_out_what_is_not(service):
    signals = everything(service, "spec=cars")
    required = {
        *("signal_agent_segment_id", "signal_ref", "name", "description", "path", "kind", "signal_type"),
        *("data_provider", "countries", "deployments", "relevance", "match_reason"),
    }
    for signal in signals:
        assert required <= {*signal} <= required | {"coverage_percentage", "pricing_options"}
        # Nobody may claim a marketplace for invented data.
        assert (signal["signal_type"], signal["signal_ref"]["scope"]) == ("owned", "signal_source")
        assert signal["signal_ref"]["signal_id"] == signal["signal_agent_segment_id"]
        assert 0 < signal["relevance"] <= 1
        assert 0 < len(signal["match_reason"]) <= 200
        assert signal.get("coverage_percentage", 1) > 0
        assert all(price["cpm"] > 0 and price["model"] == "cpm" for price in signal.get("pricing_options", []))
    assert any("coverage_percentage" not in signal for signal in signals)
    assert any("pricing_options" not in signal for signal in signals)


def test_the_best_come_first(service):
    relevance = [signal["relevance"] for signal in everything(service, "spec=cars")]

    assert relevance == sorted(relevance, reverse=True)


def test_unknown_words_give_an_empty_list_and_say_what_to_try(service):
    document = service.search("xyzzyplugh").document

    assert document["signals"] == []
    assert document["pagination"] == {"has_more": False, "total_count": 0}
    assert "No signal matches 'xyzzyplugh'" in document["message"]
    assert "Try other words" in document["message"]


def test_the_second_asker_gets_a_cached_answer_that_is_otherwise_the_same(service):
    first, second = service.search("gardening%20tools"), service.search("gardening%20tools")

    assert (first.header("X-Cache"), first.document["cached"]) == ("miss", False)
    assert (second.header("X-Cache"), second.document["cached"]) == ("hit", True)
    assert first.header("ETag") == second.header("ETag")
    assert first.document["signals"] == second.document["signals"]
    assert first.document["request_id"] != second.document["request_id"]


@pytest.mark.parametrize(
    "tags", ["{0}", "{1}", "*", '"other", {0}', 'W/"a,b" ,{1}'], ids=["weak", "strong", "any", "list", "list-strong"]
)
def test_who_knows_the_answer_already_is_told_so(service, tags):
    known = service.search("pet%20owners")
    etag = known.header("ETag")
    answer = service.search("pet%20owners", If_None_Match=tags.format(etag, etag.removeprefix("W/")))

    assert (answer.status, answer.body) == (304, b"")
    assert answer.header("ETag") == etag
    assert answer.header("Vary") == known.header("Vary")
    assert answer.header("Content-Length") is None


def test_a_post_is_answered_whatever_is_known(service):
    assert service.post({"signal_spec": "cars"}, **{"If-None-Match": "*"}).status == 200


def test_another_page_or_question_has_another_tag(service):
    targets = ["?spec=cars", "?spec=trucks", "?spec=cars&max_results=11", "?spec=cars&kind=audience"]
    tags = {service.get(f"/api/signals{target}").header("ETag") for target in targets}

    assert len(tags) == len(targets)
    assert service.search("cars", If_None_Match='"other"').status == 200


@pytest.mark.parametrize(
    "target",
    ["/api/signals?spec=cars", "/health", "/api/monitoring/health", "/api/monitoring/stats", "/openapi.json", "/"],
)
def test_head_tells_what_get_does_and_has_no_body(service, target):
    got, head = service.get(target), service.ask("HEAD", target)

    assert (head.status, head.body) == (got.status, b"")
    assert {name for name, _ in head.headers} == {name for name, _ in got.headers}
    if "signals" in target:
        assert head.header("Content-Length") == str(len(service.get(target).body))


def test_post_and_get_mean_the_same(service):
    got = service.get(
        "/api/signals?spec=cars&max_results=3&platforms=dv360&countries=us,ca&kind=audience"
        "&data_providers=Fieldstone+Auto&max_cpm=9&min_coverage_percentage=0.5"
    )
    posted = service.post(
        {
            "signal_spec": " cars ",
            "max_results": 3,
            "destinations": [{"type": "platform", "platform": "DV360"}],
            "countries": ["CA", "US", "US"],
            "filters": {
                "kind": ["audience"],
                "data_providers": ["Fieldstone Auto"],
                "max_cpm": 9,
                "min_coverage_percentage": 0.5,
            },
        }
    )

    assert posted.header("X-Cache") == "hit"
    assert posted.header("ETag") == got.header("ETag")
    assert got.ids == posted.ids != []


def test_a_caller_of_post_pages_with_the_cursor_too(service):
    first = service.post({"signal_spec": "travel", "max_results": 5})
    cursor = first.document["pagination"]["cursor"]
    second = service.post({"signal_spec": "travel", "max_results": 5, "cursor": cursor})

    assert [*first.ids, *second.ids] == service.get("/api/signals?spec=travel&max_results=10").ids


def test_a_context_id_comes_back_only_to_who_sent_one(service):
    assert "context_id" not in service.search("cars").document
    assert service.search("cars&context_id=ctx_1:a").document["context_id"] == "ctx_1:a"
    assert service.post({"signal_spec": "cars", "context_id": "ctx-2"}).document["context_id"] == "ctx-2"


@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_bring_every_signal_once_and_in_order(service, size):
    whole = [signal["signal_agent_segment_id"] for signal in everything(service, "spec=truck%20drivers")]
    pages = every_page(service, "spec=truck%20drivers", size)

    assert [name for page in pages for name in page.ids] == whole
    assert len(whole) == len({*whole}) == pages[0].document["pagination"]["total_count"]
    assert {page.document["pagination"]["total_count"] for page in pages} == {len(whole)}


def test_a_thousand_signals_are_the_most_that_a_question_brings(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue(1100)) as service:
        pages = every_page(service, "spec=gadget", 100)

        assert len({name for page in pages for name in page.ids}) == 1000
        assert all("total_count" not in page.document["pagination"] for page in pages)
        assert "More than 1000 signals match" in pages[0].document["message"]


def test_a_cursor_goes_on_behind_the_last_signal_when_the_catalogue_changes(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue(20)) as service:
        first = service.get("/api/signals?spec=gadget&max_results=5")
        cursor = first.document["pagination"]["cursor"]
        assert service.upload(csv_of(3, "widget"), headers={}).status == 200

        second = service.get(f"/api/signals?spec=gadget&max_results=100&cursor={cursor}")

        assert second.status == 200
        assert sorted(first.ids + second.ids) == sorted(f"gadget-{number}" for number in range(20))


def test_a_cursor_whose_signal_is_gone_has_expired(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue(20)) as service:
        cursor = service.get("/api/signals?spec=gadget&max_results=5").document["pagination"]["cursor"]
        assert service.upload(csv_of(3, "widget"), "?replace=true", headers={}).status == 200

        answer = service.get(f"/api/signals?spec=gadget&cursor={cursor}")

        assert (answer.status, answer.document["type"]) == (400, "/problems/cursor-expired")
        assert answer.document["field"] == "cursor"


def test_one_signal_is_answered_by_its_id(service):
    found = service.search("cars&max_results=1").document["signals"][0]
    answer = service.get(f"/api/signals/{found['signal_agent_segment_id']}")

    assert answer.status == 200
    assert answer.document == {key: found[key] for key in found if key not in ("relevance", "match_reason")}
    assert service.get("/api/signals/no-such-id").status == 404


CARS = "spec=cars"
FILTERS = [
    (
        "platforms=dv360",
        lambda s: "dv360" in [place["platform"] for place in s["deployments"]],
        ("deployments", "without platforms"),
    ),
    ("countries=gb", lambda s: "GB" in s["countries"], ("countries", "without countries")),
    ("kind=contextual,temporal", lambda s: s["kind"] in ("contextual", "temporal"), None),
    ("data_providers=Fieldstone+Auto", lambda s: s["data_provider"] == "Fieldstone Auto", None),
    ("max_cpm=2", lambda s: s["pricing_options"][0]["cpm"] <= 2, ("pricing_options", "without a price in USD")),
    (
        "min_coverage_percentage=5",
        lambda s: s["coverage_percentage"] >= 5,
        ("coverage_percentage", "without a known coverage"),
    ),
]


@pytest.mark.parametrize(("parameter", "fits", "lack"), FILTERS, ids=[row[0] for row in FILTERS])
def test_a_filter_lets_through_what_fits_and_says_what_it_left_out_for_want_of_data(service, parameter, fits, lack):
    every = everything(service, CARS)
    passed = everything(service, f"{CARS}&{parameter}")
    message = service.get(f"/api/signals?{CARS}&{parameter}").document["message"]

    assert 0 < len(passed) < len(every)
    assert all(fits(signal) for signal in passed)
    if lack is None:
        assert "for want of data" not in message
    else:
        member, words = lack
        lacking = sum(not signal.get(member) for signal in every)
        assert f"Left out for want of data: {lacking} {words}." in message


@pytest.mark.parametrize(
    "target", ["/api/signals", "//api/signals", "/api/signals/", "/api//signals//", "/%61pi/signals"]
)
def test_no_spelling_of_the_path_opens_a_second_budget(limited, target):
    before = int(limited.search("cars").header("X-RateLimit-Remaining"))
    answer = limited.send(request_bytes("GET", target + "?spec=cars"))

    assert answer.status == 200
    assert answer.header("X-RateLimit-Remaining") == str(before - 1)


def test_each_client_has_a_budget_of_its_own(limited):
    mine = limited.search("cars", X_Forwarded_For="192.0.2.7")
    theirs = limited.search("cars", X_Forwarded_For="192.0.2.8")
    neighbour = limited.search("cars", X_Forwarded_For="2001:db8::1")
    same_house = limited.search("cars", X_Forwarded_For="2001:db8::ffff")

    assert mine.header("X-RateLimit-Remaining") == theirs.header("X-RateLimit-Remaining") == "999"
    assert neighbour.header("X-RateLimit-Remaining") == "999"
    assert same_house.header("X-RateLimit-Remaining") == "998"


def test_the_headers_say_what_is_left_of_the_limit(limited):
    answer = limited.search("cars", X_Forwarded_For="192.0.2.9")

    assert answer.header("RateLimit-Policy") == '"default";q=1000;w=3600'
    assert re.fullmatch(r'"default";r=999;t=3600', answer.header("RateLimit"))
    assert answer.header("X-RateLimit-Limit") == "1000"
    assert int(answer.header("X-RateLimit-Reset")) > 1_700_000_000


@pytest.mark.parametrize("target", ["/health", "/api/monitoring/health"])
def test_what_platforms_ask_for_is_never_limited(limited, target):
    assert limited.get(target, X_Forwarded_For="192.0.2.9").header("X-RateLimit-Limit") is None


@pytest.mark.parametrize("origin", ["https://buyer.example", "http://localhost:3000"])
def test_a_page_of_an_allowed_origin_may_read_answers_and_refusals(service, origin):
    answers = [service.search(spec, Origin=origin) for spec in ("cars", "")]

    assert [answer.status for answer in answers] == [200, 400]
    for answer in answers:
        assert answer.header("Access-Control-Allow-Origin") == origin
        assert "Origin" in answer.header("Vary")
        assert "Retry-After" in answer.header("Access-Control-Expose-Headers")
        assert answer.header("Access-Control-Allow-Credentials") is None


@pytest.mark.parametrize("origin", ["https://evil.example", "https://buyer.example.evil.example", "null", "*"])
def test_a_page_of_another_origin_is_told_nothing(service, origin):
    answers = [
        service.search("cars", Origin=origin),
        service.ask("OPTIONS", "/api/signals", headers={"Origin": origin, "Access-Control-Request-Method": "GET"}),
    ]

    assert [answer.status for answer in answers] == [200, 204]
    assert not [name for answer in answers for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_preflight_is_answered_with_what_is_allowed(service):
    answer = service.ask("OPTIONS", "/api/signals", headers={"Origin": "https://buyer.example"})

    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("Allow") == answer.header("Access-Control-Allow-Methods") == "GET, HEAD, OPTIONS, POST"
    assert "Content-Type" in answer.header("Access-Control-Allow-Headers")
    assert answer.header("Access-Control-Max-Age") == "600"
    assert answer.header("Content-Length") is None


def test_options_of_the_whole_service_tells_every_method(service):
    answer = service.ask("OPTIONS", "*")

    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("Allow") == "DELETE, GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    "raw",
    [
        request_bytes("GET", "/api/signals?spec=cars"),
        request_bytes("OPTIONS", "/health"),
        request_bytes("OPTIONS", "*"),
        request_bytes("GET", "/nowhere"),
        request_bytes("PATCH", "/api/signals"),
        request_bytes("GET", "/", [("X-Request-ID", "bad id!")]),
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        request_bytes("GET", "/", [("X-Long", "x" * 20_000)]),
        request_bytes("POST", "/api/signals", [("Content-Length", "99999999")]),
    ],
)
def test_every_answer_carries_a_request_id_also_those_of_the_server_itself(service, raw):
    answer = service.send(raw)

    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", answer.header("X-Request-ID"))
    assert answer.header("X-Content-Type-Options") == "nosniff"
    if answer.status >= 400:
        assert answer.document["request_id"] == answer.header("X-Request-ID")


def test_a_connection_serves_many_requests(service):
    with service.connect() as connection:
        for _ in range(3):
            connection.sendall(request_bytes("GET", "/api/signals?spec=cars&max_results=1"))
            assert receive(connection).status == 200


def test_the_index_lists_what_there_is(service):
    document = service.get("/").document
    paths = service.get("/openapi.json").document["paths"]

    assert {row["path"] for row in document["endpoints"]} == {*paths}
    assert service.get(document["try"]).status == 200


def test_words_of_every_script_come_back_as_they_were_asked(service):
    answer = service.search(quote("Élégance 日本 🚗 ‮x"))

    assert answer.status == 200
    assert "Élégance 日本 🚗" in json.loads(answer.body)["message"]
