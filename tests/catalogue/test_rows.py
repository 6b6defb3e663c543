from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings

from service.catalogue import rows
from service.catalogue.rows import guess_format, read_rows, write_csv, write_jsonl
from service.messages import Deployment, Signal
from tests.catalogue.signals import GOLF, RAIN, SUV, catalogues


@pytest.mark.parametrize("write", [write_csv, write_jsonl])
@settings(max_examples=60, deadline=None)
@given(catalogue=catalogues)
def test_what_is_written_is_read_back_unchanged(write, catalogue):
    stream = io.StringIO(newline="")

    assert write(catalogue, stream) == len(catalogue)

    stream.seek(0)
    assert not catalogue or list(read_rows(stream)) == catalogue


def test_csv_is_written_for_spreadsheets():
    stream = io.StringIO()
    write_csv([SUV], stream)

    assert stream.getvalue().splitlines()[1] == (
        "suv,SUV intenders,People comparing sport utility vehicles,Automotive > In market > SUV,audience,owned,"
        "Sample Data,sample.example,6.4,3.2,USD,US;CA,dv360;the-trade-desk,,,"
    )


def test_json_lines_leave_out_what_is_unknown_but_not_a_zero():
    stream = io.StringIO()
    write_jsonl([RAIN, GOLF], stream)
    rain, golf = map(json.loads, stream.getvalue().splitlines())

    assert rain["coverage_percentage"] == 0.0
    assert golf == {
        "id": "golf",
        "name": "Golf players",
        "kind": "contextual",
        "signal_type": "owned",
        "currency": "USD",
    }


def test_a_deployment_that_is_not_live_is_written_in_full():
    stream = io.StringIO()
    write_jsonl([Signal("a", "A", deployments=(Deployment("dv360", is_live=False),))], stream)

    assert json.loads(stream.getvalue())["deployments"] == [{"type": "platform", "is_live": False, "platform": "dv360"}]


@pytest.mark.parametrize(
    ("name", "known"), [("a.csv", "csv"), ("A.JSONL", "jsonl"), ("a.ndjson", "jsonl"), ("a.txt", None)]
)
def test_a_file_name_tells_the_format_if_it_can(name, known):
    assert guess_format(name) == known


def test_a_file_has_a_bounded_number_of_rows(monkeypatch):
    monkeypatch.setattr(rows, "ROWS_LIMIT", 2)

    *good, bad = read_rows(io.StringIO("id,name\na,A\nb,B\nc,C\nd,D\n"))

    assert [signal.id for signal in good] == ["a", "b"]
    assert bad.fatal
    assert bad.line == 4
