"""``get_signals`` and ``get_adcp_capabilities`` over a real socket and a catalogue in which some things are unknown."""

import pytest

from service.messages import Deployment, Signal
from tests.mcp.calling import refused, told, tool
from tests.running import Running

AGENT = "https://sales.example/agent"
CATALOGUE = [
    Signal("own-cars", "Car buyers", signal_type="owned", provider_domain="own.example", coverage_percentage=5.0,
           cpm=2.0, countries=("US",), deployments=(Deployment("dv360"),)),
    Signal("own-vans", "Van buyers who like cars", signal_type="custom", coverage_percentage=7.0, cpm=1.0,
           deployments=(Deployment("", True, "agent", "HTTPS://Sales.example:443/agent/"),)),
    Signal("data-cars", "Electric car buyers", signal_type="marketplace", provider_domain="data.example",
           data_provider="Data", coverage_percentage=9.0, cpm=4.0,
           deployments=(Deployment("dv360"), Deployment("ttd"))),
    Signal("no-price", "Classic car buyers", signal_type="marketplace", provider_domain="data.example",
           coverage_percentage=9.0),
    Signal("no-coverage", "Racing car fans", signal_type="marketplace", provider_domain="data.example", cpm=1.0),
]  # fmt: skip
KNOWN = {"own-cars", "own-vans", "data-cars"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    service = Running(tmp_path_factory.mktemp("adcp"), catalogue=CATALOGUE)
    yield service
    service.stop()


def find(running, **arguments):
    return told(tool(running, "get_signals", {"adcp_version": "3.1"} | arguments))


def ids(said):
    return [signal["signal_agent_segment_id"] for signal in said["signals"]]


def refusal(running, **arguments):
    return refused(tool(running, "get_signals", arguments))


def test_a_brief_is_answered_with_signals_in_the_release_that_was_asked_for(running):
    said = find(running, signal_spec="car buyers", context={"trace": 1})

    assert said["status"] == "completed"
    assert said["adcp_version"] == "3.1"
    assert said["cache_scope"] == "public"
    assert said["context"] == {"trace": 1}
    assert "own-cars" in ids(said)


def test_a_native_signal_goes_by_its_source_and_one_of_a_provider_by_its_domain_in_both_spellings(running):
    said = {signal["signal_agent_segment_id"]: signal for signal in find(running, signal_spec="cars")["signals"]}

    own, data = said["own-cars"], said["data-cars"]
    assert own["signal_ref"] == {"scope": "signal_source", "signal_source_url": "https://own.example", "signal_id": "own-cars"}  # fmt: skip  # noqa: E501
    assert own["signal_id"] == {"source": "agent", "agent_url": "https://own.example", "id": "own-cars"}
    assert data["signal_ref"] == {"scope": "data_provider", "data_provider_domain": "data.example", "signal_id": "data-cars"}  # fmt: skip  # noqa: E501
    assert data["signal_id"] == {"source": "catalog", "data_provider_domain": "data.example", "id": "data-cars"}


def test_what_is_not_known_is_absent(running):
    said = {signal["signal_agent_segment_id"]: signal for signal in find(running, signal_spec="cars")["signals"]}

    assert "pricing_options" not in said["no-price"]
    assert "coverage_percentage" not in said["no-coverage"]


@pytest.mark.parametrize("version", [{"adcp_version": "3.0"}, {"adcp_version": None, "adcp_major_version": 3}])
def test_a_client_of_3_0_gets_no_signal_that_it_cannot_read_and_is_told_of_them(running, version):
    said = find(running, signal_spec="cars", **version)

    assert said["adcp_version"] == "3.0"
    assert set(ids(said)) <= KNOWN
    assert all("coverage_percentage" in one and "pricing_options" in one for one in said["signals"])
    [left_out] = said["incomplete"]
    assert left_out["scope"] == "signals"
    assert "2 signals" in left_out["description"]


@pytest.mark.parametrize(
    ("asked", "served"),
    [("3.0", "3.0"), ("3.1", "3.1"), ("3.2", "3.2"), ("3.9", "3.2"), ("3.1-beta", "3.1"), (None, "3.2")],
)
def test_a_release_is_served_as_asked_or_the_newest_of_the_same_major(running, asked, served):
    arguments = {} if asked is None else {"adcp_version": asked}

    assert told(tool(running, "get_adcp_capabilities", arguments))["adcp_version"] == served


@pytest.mark.parametrize("arguments", [{"adcp_version": "4.0"}, {"adcp_version": "2.6"}, {"adcp_major_version": 2}])
def test_another_major_is_refused_with_the_releases_there_are(running, arguments):
    for name in ("get_adcp_capabilities", "get_signals"):
        error = refused(tool(running, name, arguments))

        assert error["code"] == "VERSION_UNSUPPORTED"
        assert error["field"] == next(iter(arguments))
        assert error["details"] == {"supported_versions": ["3.0", "3.1", "3.2"], "supported_majors": [3]}


@pytest.mark.parametrize("version", ["3.1.2", "3", "v3.1", 3, "", "03.1"])
def test_a_version_that_is_no_release_is_refused(running, version):
    error = refusal(running, signal_spec="cars", adcp_version=version)

    assert (error["code"], error["field"]) == ("INVALID_REQUEST", "adcp_version")


def test_wholesale_lists_everything_page_by_page(running):
    seen, cursor, version = [], None, None
    for _ in range(5):
        pagination = {"max_results": 2} | ({"cursor": cursor} if cursor else {})
        said = find(running, discovery_mode="wholesale", pagination=pagination)
        seen += ids(said)
        assert said["pagination"]["total_count"] == 5
        assert version in (None, said["wholesale_feed_version"])
        version, cursor = said["wholesale_feed_version"], said["pagination"].get("cursor")
        if not said["pagination"]["has_more"]:
            break

    assert cursor is None
    assert seen == sorted(signal.id for signal in CATALOGUE)


def test_a_brief_is_paged_to_its_end_without_repeats(running):
    seen, pagination = [], {"max_results": 2}
    while pagination:
        said = find(running, signal_spec="cars", pagination=pagination)
        seen += ids(said)
        more = said["pagination"]["has_more"]
        pagination = {"max_results": 2, "cursor": said["pagination"]["cursor"]} if more else None

    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == said["pagination"]["total_count"] == 5


def test_who_has_the_feed_already_is_told_so_in_a_word(running):
    version = find(running, discovery_mode="wholesale")["wholesale_feed_version"]

    said = find(running, discovery_mode="wholesale", if_wholesale_feed_version=version, if_pricing_version=version)

    assert said == {
        "status": "completed",
        "adcp_version": "3.1",
        "unchanged": True,
        "wholesale_feed_version": version,
        "cache_scope": "public",
    }
    assert "signals" in find(running, discovery_mode="wholesale", if_wholesale_feed_version="another")


def test_the_feed_of_3_0_clients_has_only_what_they_can_read(running):
    said = find(running, discovery_mode="wholesale", adcp_version="3.0")

    assert set(ids(said)) == KNOWN
    assert said["pagination"]["total_count"] == 3
    assert "2 signals" in said["incomplete"][0]["description"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"destinations": [{"type": "platform", "platform": "TTD"}]}, {"data-cars"}),
        ({"destinations": [{"type": "agent", "agent_url": AGENT}]}, {"own-vans"}),
        (
            {"destinations": [{"type": "agent", "agent_url": AGENT}, {"type": "platform", "platform": "dv360"}]},
            {"own-vans", "own-cars", "data-cars"},
        ),
        ({"countries": ["US"]}, {"own-cars"}),
        ({"filters": {"catalog_types": ["custom", "owned"]}}, {"own-cars", "own-vans"}),
        ({"filters": {"data_providers": ["DATA"]}}, {"data-cars"}),
        ({"filters": {"max_cpm": 1.5}}, {"own-vans", "no-coverage"}),
        ({"filters": {"max_percent": 10}}, {signal.id for signal in CATALOGUE}),
        ({"filters": {"min_coverage_percentage": 7}}, {"own-vans", "data-cars", "no-price"}),
    ],
)
@pytest.mark.parametrize("way", [{"signal_spec": "cars"}, {"discovery_mode": "wholesale"}])
def test_filters_narrow_what_is_found_and_what_is_listed_alike(running, arguments, expected, way):
    assert set(ids(find(running, **way, **arguments))) == expected


REFS = [
    {"scope": "signal_source", "signal_source_url": "https://own.example/", "signal_id": "own-cars"},
    {"scope": "data_provider", "data_provider_domain": "data.example", "signal_id": "no-price"},
]


def test_signals_are_looked_up_by_reference_in_either_spelling(running):
    legacy = [
        {"source": "agent", "agent_url": "https://own.example", "id": "own-cars"},
        {"source": "catalog", "data_provider_domain": "data.example", "id": "no-price"},
    ]

    assert ids(find(running, signal_refs=REFS)) == ["no-price", "own-cars"]
    assert ids(find(running, signal_ids=legacy)) == ["no-price", "own-cars"]
    assert "wholesale_feed_version" not in find(running, signal_refs=REFS)


@pytest.mark.parametrize(
    "ref",
    [
        {"scope": "data_provider", "data_provider_domain": "data.example", "signal_id": "nobody"},
        {"scope": "data_provider", "data_provider_domain": "own.example", "signal_id": "own-cars"},
        {"scope": "data_provider", "data_provider_domain": "other.example", "signal_id": "data-cars"},
        {"scope": "signal_source", "signal_source_url": "https://data.example", "signal_id": "data-cars"},
    ],
)
def test_a_reference_that_names_nothing_here_is_left_out_without_an_error(running, ref):
    said = find(running, signal_refs=[ref])

    assert (said["status"], said["signals"]) == ("completed", [])
    assert "errors" not in said


def test_what_is_referred_to_comes_before_what_answers_the_words(running):
    said = find(running, signal_spec="cars", signal_refs=[REFS[1]], pagination={"max_results": 2})

    assert ids(said)[0] == "no-price"
    assert said["signals"][0]["match_reason"] == "Asked for by reference."
    rest = find(
        running,
        signal_spec="cars",
        signal_refs=[REFS[1]],
        pagination={"max_results": 50, "cursor": said["pagination"]["cursor"]},
    )
    assert "no-price" not in ids(rest)
    assert len(ids(said) + ids(rest)) == said["pagination"]["total_count"]


def test_fields_are_projected_and_what_identifies_a_signal_always_stays(running):
    signal = find(running, signal_refs=[REFS[0]], fields=["name", "countries"])["signals"][0]

    assert signal.keys() == {
        *("signal_ref", "signal_id", "signal_agent_segment_id", "name", "description", "signal_type"),
        *("coverage_percentage", "deployments", "countries"),
    }


def test_the_old_number_of_results_is_honoured_and_gives_way_to_the_new_one(running):
    assert len(find(running, signal_spec="cars", max_results=1)["signals"]) == 1
    assert len(find(running, signal_spec="cars", max_results=5000)["signals"]) == 5
    assert len(find(running, signal_spec="cars", max_results=1, pagination={"max_results": 2})["signals"]) == 2


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "signal_spec"),
        ({"signal_spec": "x" * 1001}, "signal_spec"),
        ({"signal_spec": 5}, "signal_spec"),
        ({"signal_spec": "cars", "discovery_mode": "retail"}, "discovery_mode"),
        ({"signal_spec": "cars", "discovery_mode": "wholesale"}, "signal_spec"),
        ({"signal_refs": REFS, "discovery_mode": "wholesale"}, "signal_refs"),
        ({"signal_refs": []}, "signal_refs"),
        ({"signal_refs": [{"scope": "galaxy"}]}, "signal_refs[0].scope"),
        (
            {"signal_refs": [REFS[0], {"scope": "data_provider", "signal_id": "a"}]},
            "signal_refs[1].data_provider_domain",
        ),
        ({"signal_ids": [{"source": "catalog", "data_provider_domain": "a.example"}]}, "signal_ids[0].id"),
        ({"signal_spec": "cars", "if_wholesale_feed_version": "v"}, "if_wholesale_feed_version"),
        ({"discovery_mode": "wholesale", "if_pricing_version": "v"}, "if_pricing_version"),
        ({"signal_spec": "cars", "pagination": {"max_results": 0}}, "pagination.max_results"),
        ({"signal_spec": "cars", "pagination": {"max_results": 101}}, "pagination.max_results"),
        ({"signal_spec": "cars", "pagination": {"cursor": "AAAA"}}, "pagination.cursor"),
        ({"discovery_mode": "wholesale", "pagination": {"cursor": "AAAA"}}, "pagination.cursor"),
        ({"signal_spec": "cars", "pagination": []}, "pagination"),
        ({"signal_spec": "cars", "max_results": 0}, "max_results"),
        ({"signal_spec": "cars", "countries": ["USA"]}, "countries"),
        ({"signal_spec": "cars", "destinations": [{"type": "platform"}]}, "destinations[0].platform"),
        ({"signal_spec": "cars", "destinations": [{"type": "moon"}]}, "destinations[0]"),
        (
            {"signal_spec": "cars", "destinations": [{"type": "agent", "agent_url": "ftp://x"}]},
            "destinations[0].agent_url",
        ),
        ({"signal_spec": "cars", "filters": {"max_cpm": -1}}, "filters.max_cpm"),
        ({"signal_spec": "cars", "filters": {"max_percent": 101}}, "filters.max_percent"),
        ({"signal_spec": "cars", "filters": {"catalog_types": ["rented"]}}, "filters.catalog_types"),
        ({"signal_spec": "cars", "filters": "all"}, "filters"),
        ({"signal_spec": "cars", "fields": ["price"]}, "fields"),
        ({"signal_spec": "cars", "context": "trace"}, "context"),
        ({"signal_spec": "cars", "account": "mine"}, "account"),
    ],
)
def test_what_is_wrong_is_refused_by_its_place(running, arguments, field):
    error = refusal(running, **arguments)

    assert (error["code"], error["recovery"], error["field"]) == ("INVALID_REQUEST", "correctable", field)


def test_what_looks_like_an_attack_is_refused_as_over_rest(running):
    error = refusal(running, signal_spec="1' OR 1=1 --")

    assert (error["code"], error["field"]) == ("INVALID_REQUEST", "signal_spec")
    assert "sqli" in error["message"]


def test_arguments_that_nobody_declared_are_passed_over(running):
    extra = {
        "idempotency_key": "0123456789abcdef",
        "context_id": "c",
        "governance_context": "g",
        "push_notification_config": {"url": "http://127.0.0.1:1/"},
        "brand_new": [1],
    }

    assert find(running, signal_spec="cars", **extra)["signals"]


def test_a_cursor_of_one_question_does_not_fit_another(running):
    cursor = find(running, signal_spec="cars", pagination={"max_results": 1})["pagination"]["cursor"]
    listed = find(running, discovery_mode="wholesale", pagination={"max_results": 1})["pagination"]["cursor"]

    for arguments in (
        {"signal_spec": "racing cars", "pagination": {"cursor": cursor}},
        {"discovery_mode": "wholesale", "pagination": {"cursor": cursor}},
        {"signal_spec": "cars", "pagination": {"cursor": listed}},
        {"discovery_mode": "wholesale", "countries": ["US"], "pagination": {"cursor": listed}},
    ):
        assert refusal(running, **arguments)["field"] == "pagination.cursor"


def test_capabilities_tell_what_is_true_of_the_catalogue(running):
    said = told(tool(running, "get_adcp_capabilities", {"protocols": ["signals"]}))

    assert said["adcp"]["supported_versions"] == ["3.0", "3.1", "3.2"]
    assert said["adcp"]["major_versions"] == [3]
    assert said["supported_protocols"] == ["signals"]
    assert said["signals"] == {"discovery_modes": ["brief", "wholesale"], "data_provider_domains": ["data.example"]}
    assert said["wholesale_feed_versioning"]["supported"] is True


def test_unknown_protocols_are_refused(running):
    assert refused(tool(running, "get_adcp_capabilities", {"protocols": ["jazz"]}))["field"] == "protocols"
