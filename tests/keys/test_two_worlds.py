"""Nobody can tell a private signal from a missing one: the same questions to a world with it and to one without."""

import json
from urllib.parse import quote

import pytest

from tests.running import OPERATOR
from tests.two_worlds import FILTERS, QUESTIONS, WHOLESALE, get, order, tool, two_worlds

OUTSIDERS = ("", "operator", "globex", "initech")


@pytest.fixture(scope="module", params=["text", "meaning"])
def worlds(request, tmp_path_factory):
    with two_worlds(tmp_path_factory.mktemp("worlds"), LOCAL_RANKING=request.param) as both:
        yield both


@pytest.mark.parametrize("caller", OUTSIDERS)
def test_outsiders_get_the_same_answers_byte_for_byte_whatever_they_ask(worlds, caller):
    for question in QUESTIONS:
        plain, private = worlds.both(question, caller)
        assert plain == private, question


@pytest.mark.parametrize("caller", OUTSIDERS)
def test_outsiders_page_to_the_same_end(worlds, caller):
    cursor, pages = "", 0
    while cursor is not None:
        plain, private = worlds.both(get(f"/api/signals?spec=people&max_results=7{cursor}"), caller)
        assert plain == private
        pages += 1
        following = json.loads(plain.body)["pagination"].get("cursor")
        cursor = None if following is None else f"&cursor={following}"
    assert pages > 3


@pytest.mark.parametrize("caller", OUTSIDERS)
def test_outsiders_walk_through_the_same_feed(worlds, caller):
    pagination, pages = {"max_results": 9}, 0
    while pagination is not None:
        plain, private = worlds.both(tool("get_signals", **WHOLESALE, pagination=pagination), caller)
        assert plain == private
        pages += 1
        cursor = json.loads(plain.body)["result"]["structuredContent"]["pagination"].get("cursor")
        pagination = None if cursor is None else {"max_results": 9, "cursor": cursor}
    assert pages > 3


def test_its_principal_finds_private_signals_and_prices_over_mcp(worlds):
    def found(**arguments):
        told = json.loads(worlds.told(worlds.private, tool("get_signals", **arguments), "acme").body)
        return {one["signal_agent_segment_id"]: one for one in told["result"]["structuredContent"]["signals"]}

    listed = found(**WHOLESALE, pagination={"max_results": 100})
    ref = {"scope": "signal_source", "signal_source_url": "http://127.0.0.1:80", "signal_id": "acme-golf"}
    assert {"acme-golf", "acme-zephyrium"} <= listed.keys()
    assert listed["golf-0"]["pricing_options"][0]["cpm"] == 0.25
    assert "acme-golf" in found(signal_spec="golf")
    assert [*found(signal_refs=[ref])] == ["acme-golf"]
    assert next(iter(found(signal_spec="cars", signal_refs=[ref]))) == "acme-golf"


def test_a_cursor_of_whoever_sees_more_is_no_use_to_others(worlds):
    question = get("/api/signals?spec=people&max_results=5")
    cursor = json.loads(worlds.told(worlds.private, question, "acme").body)["pagination"]["cursor"]

    for caller in OUTSIDERS:
        plain, private = worlds.both(get(f"/api/signals?spec=people&max_results=5&cursor={cursor}"), caller)
        assert plain == private
        assert private.status == 400


def test_what_acme_asks_warms_nothing_for_others(worlds):
    question = get("/api/signals?spec=zephyrium%20yachts")
    assert b"acme-zephyrium" in worlds.told(worlds.private, question, "acme").body

    for caller in OUTSIDERS[:3]:
        plain, private = worlds.both(question, caller)
        assert plain == private
    popular = [service.service.engine.warming.popular.most(100) for service in (worlds.plain, worlds.private)]
    assert popular[0] == popular[1]


def test_its_principal_finds_a_private_signal_by_every_way_in(worlds):
    def ids(target):
        answer = worlds.private.ask("GET", target, headers=worlds.headers_of("acme"))
        assert answer.status == 200
        return answer.ids

    assert ids("/api/signals?spec=zephyrium")[0] == "acme-zephyrium"
    assert ids("/api/signals?spec=acme-golf")[0] == "acme-golf"
    assert "acme-golf" in ids("/api/signals?spec=golf%20fans")[:2]
    assert ids("/api/signals?spec=golf&data_providers=Fabrikam") == ["acme-golf"]
    one = worlds.private.ask("GET", "/api/signals/acme-golf", headers=worlds.headers_of("acme"))
    assert one.document["signal_agent_segment_id"] == "acme-golf"


def test_its_principal_pays_its_own_price_and_filters_by_it(worlds):
    def priced(target, caller="acme"):
        answer = worlds.private.ask("GET", target, headers=worlds.headers_of(caller))
        return {one["signal_agent_segment_id"]: one.get("pricing_options") for one in answer.document["signals"]}

    # golf-0 costs everybody 4.0, golf-2 has no public price, golf-1 has no price of acme's own.
    mine = priced("/api/signals?spec=golf&max_results=100&max_cpm=0.3")
    assert {"golf-0", "golf-2"} <= mine.keys()
    assert "golf-1" not in mine
    assert [option["cpm"] for name in ("golf-0", "golf-2") for option in mine[name]] == [0.25, 0.25]
    assert priced("/api/signals?spec=golf&max_cpm=0.3", "") == {}
    assert priced("/api/signals?spec=travel&max_cpm=0.3")["acme-travel"][0]["cpm"] == 0.25
    alone = worlds.private.ask("GET", "/api/signals/golf-2", headers=worlds.headers_of("acme")).document
    assert alone["pricing_options"] == [
        {"pricing_option_id": "golf-2-cpm", "model": "cpm", "cpm": 0.25, "currency": "USD"}
    ]


@pytest.mark.parametrize("chosen", FILTERS)
def test_totals_and_what_was_left_out_count_what_the_principal_sees(worlds, chosen):
    target = f"/api/signals?spec=golf&max_results=100&{chosen}"
    answer = worlds.private.ask("GET", target, headers=worlds.headers_of("acme")).document

    assert answer["pagination"]["total_count"] == len(answer["signals"])
    assert len({one["signal_agent_segment_id"] for one in answer["signals"]}) == len(answer["signals"])


def test_its_principal_pages_through_all_of_it_once(worlds):
    seen, cursor = [], ""
    while cursor is not None:
        target = f"/api/signals?spec=people&max_results=7{cursor}"
        answer = worlds.private.ask("GET", target, headers=worlds.headers_of("acme")).document
        seen += [one["signal_agent_segment_id"] for one in answer["signals"]]
        following = answer["pagination"].get("cursor")
        cursor = None if following is None else f"&cursor={following}"

    whole = worlds.private.ask("GET", "/api/signals?spec=people&max_results=100", headers=worlds.headers_of("acme"))
    assert seen == whole.ids
    assert len(set(seen)) == len(seen) == answer["pagination"]["total_count"]


def test_two_principals_see_each_their_own(worlds):
    for caller, mine, others in (("acme", "acme-", "initech-"), ("initech", "initech-", "acme-")):
        answer = worlds.private.ask("GET", "/api/signals?spec=golf", headers=worlds.headers_of(caller))
        assert any(name.startswith(mine) for name in answer.ids)
        assert not any(name.startswith(others) for name in answer.ids)


def test_a_private_import_moves_nothing_that_outsiders_can_see(worlds):
    question, service = get("/api/signals?spec=gardening"), worlds.private
    for caller in OUTSIDERS:
        worlds.told(service, question, caller)
    before = {caller: worlds.told(service, question, caller) for caller in OUTSIDERS}
    own = worlds.told(service, question, "acme")

    body = b"id,name,visible_to\nacme-late,Gardening fans,acme\n"
    assert service.upload(body, headers=OPERATOR).document["inserted"] == 1

    assert {caller: worlds.told(service, question, caller) for caller in OUTSIDERS} == before
    assert b'"cached":true' in before[""].body
    assert b"acme-late" in worlds.told(service, question, "acme").body
    assert b"acme-late" not in own.body


def test_health_says_nothing_of_what_is_private_and_operators_are_told(worlds):
    health = worlds.private.get("/api/monitoring/health")
    stats = [
        service.ask("GET", "/api/monitoring/stats", headers=OPERATOR).document["catalogue"]
        for service in (worlds.plain, worlds.private)
    ]

    assert b"private" not in health.body
    assert stats[0]["signals"] == stats[1]["signals"] == 40
    assert stats[0]["version"] == stats[1]["version"]
    assert (stats[0]["private"], stats[1]["private"] >= 8) == (4, True)


def test_a_word_that_only_private_signals_have_is_never_suggested(worlds):
    for slip in ("zephyrum", "zephyriumm", "sephyrium"):
        answer = worlds.private.search(quote(slip)).document
        assert "zephyrium" not in json.dumps(answer).replace(slip, "")


def test_a_private_signal_that_goes_between_two_pages_is_gone_and_nothing_breaks(worlds):
    service, headers = worlds.private, worlds.headers_of("acme")
    body = b"id,name,visible_to\n" + b"".join(b"acme-club-%d,Sailing club %d,acme\n" % (n, n) for n in range(6))
    service.upload(body, headers=OPERATOR)
    first = service.ask("GET", "/api/signals?spec=sailing%20club&max_results=3", headers=headers).document
    cursor = first["pagination"]["cursor"]
    shown = [one["signal_agent_segment_id"] for one in first["signals"]]

    gone = next(f"acme-club-{n}" for n in range(6) if f"acme-club-{n}" not in shown)
    service.upload(f"id,name,visible_to\n{gone},Sailing club,initech\n".encode(), headers=OPERATOR)

    target = f"/api/signals?spec=sailing%20club&max_results=100&cursor={cursor}"
    rest = service.ask("GET", target, headers=headers)
    assert rest.status == 200
    assert gone not in rest.ids
    assert not set(shown) & set(rest.ids)
    assert service.ask("GET", f"/api/signals/{gone}", headers=headers).status == 404
    assert service.ask("GET", f"/api/signals/{gone}", headers=worlds.headers_of("initech")).status == 200


def test_a_private_signal_can_be_ordered_by_its_principal_alone(worlds):
    question = order("acme-travel", pricing_option_id="acme-travel-cpm")

    def status(caller):
        return worlds.told(worlds.private, question, caller).status

    # It is found; nothing here leads to the platform.
    assert status("acme") == 422
    assert [status(caller) for caller in ("", "globex", "initech")] == [401, 404, 404]
