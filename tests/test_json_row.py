"""One row sent as JSON: what fits the documented schema is imported as it is, and nothing else is."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.catalogue import columns
from service.catalogue.rows import open_text, read_rows
from service.errors import ContentTooLarge, InvalidInput
from service.json_row import ROW_BYTES, json_row
from service.messages import Signal
from service.openapi.requests import SIGNAL_ID
from service.openapi.row import CATALOGUE_ROW, CELL, DOMAIN, LEVEL, PROSE, URL
from service.openapi.schema_check import fault

PLATFORM = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,9}\Z")
COUNTRY = st.from_regex(r"\A[A-Za-z]{2}\Z")
ADDRESS = st.sampled_from(["https://agent.example", "http://a:8080/x?[y]#z", "https://agent.example/" + "p" * 2000])
DEPLOYMENT = st.one_of(
    st.fixed_dictionaries({"platform": PLATFORM}, optional={"type": st.just("platform"), "is_live": st.booleans()}),
    st.fixed_dictionaries({"type": st.just("agent"), "agent_url": ADDRESS}, optional={"platform": PLATFORM}),
)
ROW = st.fixed_dictionaries(
    {"id": st.from_regex(SIGNAL_ID, fullmatch=True), "name": st.from_regex(CELL, fullmatch=True)},
    optional={
        "description": st.from_regex(PROSE, fullmatch=True),
        "path": st.lists(st.from_regex(LEVEL, fullmatch=True), max_size=3),
        "kind": st.sampled_from(["audience", "bidding"]),
        "signal_type": st.sampled_from(["marketplace", "custom", "owned"]),
        "data_provider": st.from_regex(CELL, fullmatch=True),
        "provider_domain": st.from_regex(DOMAIN, fullmatch=True),
        "coverage_percentage": st.floats(0, 100) | st.integers(0, 100),
        "cpm": st.floats(0, 1_000_000) | st.integers(0, 1_000_000),
        "currency": st.from_regex(r"\A[A-Za-z]{3}\Z"),
        "countries": st.lists(COUNTRY, max_size=3),
        "deployments": st.lists(DEPLOYMENT, max_size=3),
    },
)


def imported(document):
    """Return what the import reads out of a row sent as JSON."""
    with open_text(json_row(io.BytesIO(json.dumps(document).encode()))) as text:
        (signal,) = read_rows(text, "jsonl")
    return signal


def refusal(body):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(InvalidInput) as refused:
        json_row(io.BytesIO(raw))
    return refused.value


@given(ROW)
@settings(max_examples=60, deadline=None)
def test_a_row_that_fits_the_schema_is_a_good_row(row):
    if fault(row, CATALOGUE_ROW, {}) is None:
        signal = imported(row)

        assert isinstance(signal, Signal)
        assert signal.id == row["id"]
        assert signal.coverage_percentage == row.get("coverage_percentage")


def test_a_row_at_every_limit_of_the_schema_is_a_good_row():
    row = {
        "id": "i" * 128,
        "name": "n" * 256,
        "description": "d" * 2000,
        "path": ["p" * 128] * 16,
        "provider_domain": "a" * 253,
        "coverage_percentage": 100,
        "cpm": 1_000_000,
        "countries": ["US"] * 250,
        "deployments": [{"type": "agent", "agent_url": "https://" + "a" * 200 + "/" + "b" * 1839}] * 200,
    }

    assert fault(row, CATALOGUE_ROW, {}) is None
    assert isinstance(imported(row), Signal)


def test_a_row_may_be_spread_over_lines_and_hold_line_breaks_in_no_text():
    assert imported({"id": "a", "name": "A"}) == imported(json.loads('{\n "id": "a",\n "name": "A"\n}'))
    assert refusal({"id": "a", "name": "A\nB"}).field == "name"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ([], "body"),
        ({"id": "a"}, "body"),
        ({"id": "a b", "name": "A"}, "id"),
        ({"id": "a\n", "name": "A"}, "id"),
        ({"id": "a", "name": " "}, "name"),
        ({"id": "a", "name": "A", "cpm": "3"}, "cpm"),
        ({"id": "a", "name": "A", "cpm": None}, "cpm"),
        ({"id": "a", "name": "A", "kind": "Audience"}, "kind"),
        ({"id": "a", "name": "A", "countries": "US;CA"}, "countries"),
        ({"id": "a", "name": "A", "price": 3}, "price"),
        ({"id": "a", "name": "A", "platforms": ["x"], "deployments": []}, "body"),
        ({"id": "a", "name": "A", "deployments": [{"type": "agent"}]}, "deployments.0"),
        ({"id": "a", "name": "A", "deployments": [{"type": "agent", "agent_url": "http://["}]}, "deployments.0"),
        ({"id": "a", "name": "A", "x\u2028" + "y" * 99: 1}, "x?" + "y" * 38),
    ],
    ids=repr,
)
def test_a_row_that_does_not_fit_is_refused_by_its_field(row, field):
    assert refusal(row).field == field


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"id":"a","id":"b","name":"A"}', b'{"id":"a","name":"\xff"}', b"NaN"]
)
def test_a_body_that_is_no_json_is_refused(body):
    assert refusal(body).field == "body"


def test_a_row_of_endless_length_is_refused_before_it_is_read():
    with pytest.raises(ContentTooLarge):
        json_row(io.BytesIO(b" " * (ROW_BYTES + 1)))


def test_the_schema_has_a_member_for_every_column():
    assert CATALOGUE_ROW["properties"].keys() == columns.COLUMNS.keys()


def test_an_address_in_the_schema_is_one_that_the_import_reads():
    schema = {"type": "string", "pattern": URL}

    for address in ("https://a.example", "http://a:1/b", "https://a?b=[c]"):
        assert fault(address, schema, {}) is None
        assert columns.deployments([{"type": "agent", "agent_url": address}])
    for address in ("ftp://a", "https://", "https://[", "https://a b", "https://a\n"):
        assert fault(address, schema, {}) is not None
