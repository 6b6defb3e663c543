"""The schema check: each keyword means what JSON Schema 2020-12 says, and none is passed over in silence."""

import pytest

from service.openapi.schema_check import Fault, fault

NAME = {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-z]*$"}
PERSON = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": NAME, "tags": {"type": "array", "items": NAME, "minItems": 1, "maxItems": 2}},
    "additionalProperties": False,
}

GOOD = [
    (None, {"type": "null"}),
    (None, {"type": ["integer", "null"], "minimum": 0}),
    (5.0, {"type": "integer"}),
    (0, {"type": "number", "minimum": 0, "maximum": 0}),
    ("abc", NAME),
    ("anything", {}),
    (7, {"maxLength": 1, "pattern": "^a$", "minItems": 3, "required": ["a"]}),
    ("long enough", {"minimum": 3, "maximum": 2}),
    (1, {"enum": [1, 2]}),
    (1.0, {"const": 1}),
    (True, {"enum": [True]}),
    ({"name": "a", "tags": ["b"]}, PERSON),
    ({"any": 1}, {"type": "object", "properties": {"name": NAME}}),
    ({"any": "abc"}, {"type": "object", "additionalProperties": NAME}),
    ({"a": 1}, {"not": {"required": ["a", "b"]}}),
    (1, {"oneOf": [{"type": "integer"}, {"type": "string"}]}),
    ({"ab": 1}, {"propertyNames": NAME, "maxProperties": 1}),
    (["A"], {"propertyNames": NAME, "maxProperties": 0}),
    ("x", {"description": "said", "default": 1, "examples": [2], "format": "date-time"}),
]
BAD = [
    (True, {"type": "integer"}, Fault("", "must be of type integer")),
    (5.5, {"type": ["integer", "null"]}, Fault("", "must be of type integer or null")),
    ("5", {"type": "number"}, Fault("", "must be of type number")),
    (None, {"type": "object"}, Fault("", "must be of type object")),
    (True, {"const": 1}, Fault("", "must be 1")),
    ("c", {"enum": ["a", "b"]}, Fault("", "must be a or b")),
    (-1, {"minimum": 0}, Fault("", "must be at least 0")),
    (101, {"maximum": 100}, Fault("", "must be at most 100")),
    ("", NAME, Fault("", "must have a length of at least 1")),
    ("abcd", NAME, Fault("", "must have a length of at most 3")),
    ("A", NAME, Fault("", "must match ^[a-z]*$")),
    ("a\n", NAME, Fault("", "must match ^[a-z]*$")),
    ({}, PERSON, Fault("", "lacks name")),
    ({"name": ""}, PERSON, Fault("name", "must have a length of at least 1")),
    ({"name": "a", "age": 3}, PERSON, Fault("age", "is unknown")),
    ({"name": "a", "tags": []}, PERSON, Fault("tags", "must have a number of items of at least 1")),
    ({"name": "a", "tags": ["b"] * 3}, PERSON, Fault("tags", "must have a number of items of at most 2")),
    ({"name": "a", "tags": ["b", 1]}, PERSON, Fault("tags.1", "must be of type string")),
    ({"any": 1}, {"additionalProperties": NAME}, Fault("any", "must be of type string")),
    ({"a": 1, "B": 2}, {"propertyNames": NAME}, Fault("", "must match ^[a-z]*$")),
    ({"a": 1, "b": 2}, {"maxProperties": 1}, Fault("", "must have at most as many members as 1")),
    ({"a": 1, "b": 2}, {"not": {"required": ["a", "b"]}}, Fault("", "joins what goes alone")),
    ([], {"oneOf": [{"type": "integer"}, {"type": "string"}]}, Fault("", "must fit one of the documented forms")),
    (1, {"oneOf": [{"type": "integer"}, {"type": "number"}]}, Fault("", "joins what goes alone")),
]


@pytest.mark.parametrize(("value", "schema"), GOOD, ids=repr)
def test_what_fits_has_no_fault(value, schema):
    assert fault(value, schema, {}) is None


@pytest.mark.parametrize(("value", "schema", "expected"), BAD, ids=repr)
def test_the_first_fault_is_told_with_its_place(value, schema, expected):
    assert fault(value, schema, {}) == expected


def test_a_reference_is_followed():
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Name"}}

    assert fault(["a"], schema, {"Name": NAME}) is None
    assert fault(["a", "B"], schema, {"Name": NAME}) == Fault("1", "must match ^[a-z]*$")


def test_a_keyword_that_is_not_known_is_no_silent_yes():
    with pytest.raises(KeyError):
        fault("a", {"uniqueItems": True}, {})
