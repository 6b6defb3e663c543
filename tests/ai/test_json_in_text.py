"""JSON objects in a model's words, found within bounds."""

from __future__ import annotations

import time

import pytest

from service.ai.json_in_text import objects_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ('Sure! Here it is:\n```json\n{\n  "a": 1\n}\n```\nAnything else?', [{"a": 1}]),
        ('I think {so} of {"b": and then {"a": 1}', [{"a": 1}]),
        ('{"a": 1} or {"a": 2}', [{"a": 1}, {"a": 2}]),
        ('{"answer": {"a": 1}}', [{"answer": {"a": 1}}, {"a": 1}]),
        ('[{"a": 1}]', [{"a": 1}]),
        ('{"a": NaN} {"a": Infinity}', []),
        ('{"a": ' + "9" * 5000 + "}", []),
        ('{"a": 1', []),
        ("", []),
        ("no JSON {at all}", []),
    ],
)
def test_objects_are_found_in_their_order(text, found):
    assert list(objects_in(text)) == found


def test_only_so_many_beginnings_are_tried():
    assert len(list(objects_in('{"a":1}' * 1000))) == 32


@pytest.mark.parametrize("bit", ["{", '{"a":', '{"a":[', "[", '{"', '{"a":"', "{ ", '{"a":[0,', "\\", '{"\\"'])
def test_neither_depth_nor_length_hurts(bit):
    began = time.perf_counter()

    assert list(objects_in(bit * 50_000)) == []
    assert time.perf_counter() - began < 2.0
