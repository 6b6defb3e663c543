"""The context of a caller goes back as the bytes that came."""

import json

from hypothesis import given
from hypothesis import strategies as st

from service.adcp.echo import raw_context, raw_member

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.dictionaries(st.text(max_size=8), JSON, max_size=3), st.booleans(), st.sampled_from([None, 1]))
def test_whatever_stands_around_it_the_context_is_found_as_it_was_written(context, others, ascii_only, indent):
    arguments = others | {"context": context} | {"ext": {"context": "another"}}
    document = {"context": 1, "params": {"name": "context", "arguments": arguments, "context": 2}}
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)

    found = raw_member(text, ("params", "arguments", "context"))

    assert json.loads(found) == context
    assert found in text
    body = text.encode("utf-8", "surrogatepass")
    try:
        body.decode()
    except UnicodeDecodeError:
        return  # half a character: no message of ours
    assert raw_context(body).decode() == found


def test_a_member_that_is_not_there_is_not_found():
    for text in ("{}", '{"params": 1}', '{"params": {"arguments": []}}', '{"params": {"arguments": {"a": {}}}}'):
        assert raw_member(text, ("params", "arguments", "context")) is None


def test_a_name_may_be_spelled_with_escapes():
    body = b'{"params":{"arguments":{"x":"context","c\\u006fntext": {"a" : 1.0}}}}'

    assert raw_context(body) == b'{"a" : 1.0}'
