from __future__ import annotations

import io

import pytest

from service.catalogue import parsing
from service.catalogue.rows import BadRow, open_text, read_rows
from service.messages import Signal


def read(content: str | bytes, wanted: parsing.Format | None = None) -> list[Signal | BadRow]:
    with open_text(io.BytesIO(content.encode() if isinstance(content, str) else content)) as stream:
        return list(read_rows(stream, wanted))


A, B = Signal("a", "Ann"), Signal("b", "Bob")


@pytest.mark.parametrize(
    "content",
    [
        "id,name\na,Ann\nb,Bob\n",
        "id,name\r\na,Ann\r\nb,Bob",
        "\ufeffid,name\na,Ann\nb,Bob\n",
        '\n \n NAME , ID\n"Ann",a\n\n,\nBob,b\n',
        '{"id":"a","name":"Ann"}\n\n {"id":"b","name":"Bob","cpm":null,"kind":""}',
        '\ufeff\n{"id":"a","name":"Ann"}\r\n{"id":"b","name":"Bob"}\r\n',
    ],
)
def test_boms_line_ends_blank_lines_and_formats_make_no_difference(content):
    assert read(content) == [A, B]


def test_a_bom_that_the_stream_left_is_dropped_too():
    assert list(read_rows(io.StringIO("\ufeffid,name\na,Ann"))) == [A]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the file is empty"),
        (" \n\n", "the file is empty"),
        ("id,name,colour,\n", "unknown column 'colour', ''; known are id, name"),
        ("id,name,ID\n", "column given twice: id"),
        ("id,description\n", "column missing: name"),
        ('"id,name\n', "the header is not CSV"),
        ("id;name\na;b\n", "unknown column 'id;name'"),
        (b"\xff\xfei\x00d\x00\n", "unknown column"),
        ("id,name\n" + "x" * parsing.LINE_LIMIT, "the line has more than 1,048,576 characters"),
    ],
)
def test_what_spoils_the_whole_file_is_one_fatal_row(content, reason):
    bad = read(content)[-1]

    assert bad.fatal
    assert bad.reason.startswith(reason)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("c,Carl,1,2", "has 4 cells, the header has 3"),
        ("c,Carl", "has 2 cells, the header has 3"),
        (",Carl,1", "id is missing"),
        ("c, ,1", "name is missing"),
        ("c,Carl,nan", "cpm 'nan' is not a finite number from 0 up"),
        ("c," + "x" * 300 + ",1", "name '" + "x" * 56 + "… has 300 characters, at most 256 are allowed"),
        ('c,"Carl"x,1', "is not CSV: ',' expected after '\"'"),
        ("a,Again,1", "id 'a' is already the id of an earlier row"),
    ],
)
def test_a_bad_csv_row_is_told_with_its_line_and_spoils_no_other(row, reason):
    rows = read(f'id,name,cpm\na,Ann,\nm,"two\nlines",\n{row}\nb,Bob,\n')

    assert rows == [A, Signal("m", "two lines"), BadRow(5, reason), B]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"id":', "is not JSON: Expecting value"),
        ("[" * 100_000, "is not JSON: nested too deeply"),
        ('{"id":"c","name":"C","cpm":NaN}', "is not JSON: NaN is not a JSON number"),
        ('["c","Carl"]', "is not a JSON object"),
        ('{"id":"c","name":"C","colour":1}', "unknown field 'colour'"),
        ('{"id":"c","name":"C","cpm":1e999}', "cpm inf is not a finite number"),
        ('{"id":"c","name":"C","cpm":' + "9" * 5000 + "}", "is not JSON: Exceeds the limit"),
        ('{"id":"c","name":"C","platforms":["x"],"deployments":[]}', "has platforms and deployments"),
    ],
)
def test_a_bad_json_line_is_told_with_its_line_and_spoils_no_other(row, reason):
    first, bad, last = read(f'{{"id":"a","name":"Ann"}}\n\n{row}\n{{"id":"b","name":"Bob"}}', "jsonl")

    assert (first, last) == (A, B)
    assert bad.line == 3
    assert bad.reason.startswith(reason)


def test_a_byte_that_is_not_utf_8_is_told_by_row():
    assert read(b"id,name\na,Ann\nc,Caf\xe9\nb,Bob\n") == [
        A,
        BadRow(3, "name 'Caf\\udce9' is not valid UTF-8 (byte 0xe9)"),
        B,
    ]


def test_a_stream_that_decodes_strictly_ends_at_the_bad_byte():
    with io.TextIOWrapper(io.BytesIO(b"id,name\na,Caf\xe9\n"), encoding="utf-8") as stream:
        (bad,) = read_rows(stream)

    assert bad.fatal
    assert bad.reason.startswith("the file is not valid UTF-8")
