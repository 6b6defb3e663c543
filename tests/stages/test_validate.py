import json
import time
from dataclasses import replace
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import InvalidInput, Refused, SuspiciousInput, UnsupportedMediaType
from service.messages import Brief, Query, never_gone
from service.stages import suspicion
from service.stages.validate import parse, parse_at_once, read_json
from tests.doubles import a_request

MEMO_LENGTH = 600


def get(query_string, **overrides):
    return parse(a_request(query_string=query_string, **overrides))


def post(document, **environ):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    environ = {"CONTENT_TYPE": "application/json"} | environ
    return parse(a_request(method="POST", query_string="", environ=environ, read_body=lambda: body))


def test_explain_is_true_or_false_and_no_part_of_the_brief():
    assert get("spec=cars&explain=true") == replace(get("spec=cars"), explain=True)
    assert get("spec=cars&explain=false") == get("spec=cars")
    assert post({"signal_spec": "cars", "explain": True}).explain
    for wrong in (lambda: get("spec=cars&explain=1"), lambda: post({"signal_spec": "cars", "explain": "true"})):
        assert refusal_of(wrong).field == "explain"


def refusal_of(read, *arguments, **more):
    with pytest.raises(Refused) as refusal:
        read(*arguments, **more)
    return refusal.value


def test_a_get_request_becomes_a_query():
    query = get(
        "spec=new+parents%21&max_results=25&cursor=abc_-&context_id=ctx_1&platforms=DV360,the-trade-desk&countries=us,de"
        "&data_providers=Acme%20Data&kind=audience,temporal&max_cpm=3.5&min_coverage_percentage=2"
    )

    brief = Brief(
        spec="new parents!",
        platforms=("dv360", "the-trade-desk"),
        countries=("DE", "US"),
        data_providers=("Acme Data",),
        kinds=("audience", "temporal"),
        max_cpm=3.5,
        min_coverage_percentage=2.0,
    )
    assert query == Query(brief, 25, "abc_-", "ctx_1", "192.0.2.1", never_gone)


def test_the_same_question_as_json_is_the_same_query():
    asked = {
        "signal_spec": "  new  parents!",
        "max_results": 25,
        "cursor": "abc_-",
        "context_id": "ctx_1",
        "destinations": [{"type": "platform", "platform": "the-trade-desk"}, {"type": "platform", "platform": "dv360"}],
        "countries": ["US", "de"],
        "filters": {
            "kind": ["temporal", "audience"],
            "data_providers": ["Acme Data"],
            "max_cpm": 3.5,
            "min_coverage_percentage": 2,
        },
    }

    assert post(asked) == get(
        "spec=new+parents!&max_results=25&cursor=abc_-&context_id=ctx_1&platforms=dv360,the-trade-desk&countries=de,US"
        "&data_providers=Acme+Data&kind=audience,temporal&max_cpm=3.5&min_coverage_percentage=2.0"
    )


def test_ten_results_are_meant_when_no_number_is_given():
    assert get("spec=cars").max_results == post({"signal_spec": "cars", "filters": {}}).max_results == 10


def test_a_query_knows_who_waits_and_whether_it_has_gone():
    query = get("spec=cars", client="192.0.2.9", environ={"waitress.client_disconnected": lambda: True})

    assert query.client == "192.0.2.9"
    assert query.gone()


def test_the_memo_never_mixes_up_who_asks():
    first, second = get("spec=memo", client="192.0.2.1"), get("spec=memo", client="192.0.2.2")

    assert first.brief is second.brief
    assert (first.client, second.client) == ("192.0.2.1", "192.0.2.2")


def test_a_long_query_string_is_read_without_the_memo():
    long = "spec=" + "cars+" * MEMO_LENGTH
    assert len(refusal_of(get, long).detail) < 200

    assert get("spec=cars" + "&" * MEMO_LENGTH).brief == Brief("cars")


@pytest.mark.parametrize(
    ("query_string", "field"),
    [
        ("", "spec"),
        ("&&", "spec"),
        ("spec", "spec"),
        ("spec=", "spec"),
        ("spec=+%20+", "spec"),
        ("max_results=5", "spec"),
        ("spec=a&spec=b", "spec"),
        ("spec=a&spec=a", "spec"),
        ("spec=a&%73pec=b", "spec"),
        ("spec=a&max_results=1&max_results=1", "max_results"),
        ("spec=%00", "spec"),
        ("spec=a%00b", "spec"),
        ("spec=a%0d%0ab", "spec"),
        ("spec=%ff", "spec"),
        ("spec=\xff", "spec"),
        ("spec=\udcff", "spec"),
        ("spec=%c3", "spec"),
        ("spec=%c0%af", "spec"),
        ("spec=%ed%a0%80", "spec"),
        ("%ff=a&spec=a", "query string"),
        ("spec=a&colour=red", "colour"),
        ("spec=a&SPEC=b", "SPEC"),
        ("spec=a&signal_spec=b", "signal_spec"),
        ("=a&spec=a", ""),
        ("spec=a&" + "x" * 300 + "=1", "x" * 40),
        ("spec=a&%3Cscript%3E%0a=1", "<script>?"),
        ("spec=" + "a" * 1001, "spec"),
        ("spec=" + "%F0%9F%98%80" * 1001, "spec"),
        ("spec=a&platforms=" + ",".join(["a"] * 51), "platforms"),
        ("spec=a&platforms=" + "a" * 129, "platforms"),
        ("spec=a&countries=USA", "countries"),
        ("spec=a&kind=people", "kind"),
        ("spec=a&data_providers=a,,b", "data_providers"),
        ("spec=a&max_cpm=-1", "max_cpm"),
        ("spec=a&max_cpm=nan", "max_cpm"),
        ("spec=a&max_cpm=", "max_cpm"),
        ("spec=a&min_coverage_percentage=101", "min_coverage_percentage"),
        ("spec=a&min_coverage_percentage=1e999", "min_coverage_percentage"),
        ("spec=a&cursor=", "cursor"),
        ("spec=a&cursor=" + "a" * 201, "cursor"),
        ("spec=a&context_id=%3Cb%3E", "context_id"),
        *((f"spec=a&max_results={text}", "max_results") for text in ("0", "-1", "101", "1e9", "abc", "", "5.0")),
    ],
)
def test_a_bad_parameter_is_a_400_that_names_it(query_string, field):
    refusal = refusal_of(get, query_string)

    assert isinstance(refusal, InvalidInput)
    assert refusal.status == 400
    assert refusal.field == field
    assert refusal.detail.isprintable()


@pytest.mark.parametrize(
    ("value", "spec"),
    [
        ("cars/trucks", "cars/trucks"),
        ("women+30-39", "women 30-39"),
        ("R%26D%20managers", "R&D managers"),
        ("C%2B%2B", "C++"),
        ("50%+off", "50% off"),
        ("100%zz", "100%zz"),
        ("a=b", "a=b"),
        ("caf%C3%A9", "café"),
        ("cafe%CC%81", "café"),
        ("caf\xc3\xa9", "café"),
        ("%F0%9F%98%80" * 1000, "😀" * 1000),
    ],
)
def test_a_value_is_percent_decoded_once(value, spec):
    assert get("spec=" + value).brief.spec == spec


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "signal_spec"),
        ({"signal_spec": None}, "signal_spec"),
        ({"signal_spec": ""}, "signal_spec"),
        ({"signal_spec": 7}, "signal_spec"),
        ({"signal_spec": "\ud800"}, "signal_spec"),
        ({"signal_spec": "a\0b"}, "signal_spec"),
        ({"signal_spec": "é" * 1001}, "signal_spec"),
        ({"signal_spec": "a", "spec": "a"}, "spec"),
        ({"signal_spec": "a", "\ud800\n": 1}, "??"),
        ({"signal_spec": "a", "max_results": "5"}, "max_results"),
        ({"signal_spec": "a", "max_results": 5.5}, "max_results"),
        ({"signal_spec": "a", "max_results": True}, "max_results"),
        ({"signal_spec": "a", "cursor": None}, "cursor"),
        ({"signal_spec": "a", "countries": "US"}, "countries"),
        ({"signal_spec": "a", "countries": []}, "countries"),
        ({"signal_spec": "a", "countries": ["US"] * 51}, "countries"),
        ({"signal_spec": "a", "destinations": ["dv360"]}, "destinations"),
        ({"signal_spec": "a", "filters": []}, "filters"),
        ({"signal_spec": "a", "filters": None}, "filters"),
        ({"signal_spec": "a", "filters": {"spec": "b"}}, "filters.spec"),
        ({"signal_spec": "a", "filters": {"kind": ["people"]}}, "filters.kind"),
        ({"signal_spec": "a", "filters": {"kind": [[]]}}, "filters.kind"),
        ({"signal_spec": "a", "filters": {"max_cpm": 10**400}}, "filters.max_cpm"),
        ({"signal_spec": "a", "filters": {"data_providers": ["x" * 129]}}, "filters.data_providers"),
        ({"signal_spec": "a", "filters": {"min_coverage_percentage": "5"}}, "filters.min_coverage_percentage"),
        ([], "body"),
        ("cars", "body"),
        (None, "body"),
        (b"", "body"),
        (b"{", "body"),
        (b'{"signal_spec": "a"} x', "body"),
        (b'\xef\xbb\xbf{"signal_spec": "a"}', "body"),
        (b'{"signal_spec": "\xff"}', "body"),
        (b'{"signal_spec": "a\nb"}', "body"),
        ('{"signal_spec": "a"}'.encode("utf-16"), "body"),
        (b'{"signal_spec": "a", "signal_spec": "b"}', "body"),
        (b'{"signal_spec": "a", "signal\\u005fspec": "b"}', "body"),
        (b'{"signal_spec": "a", "filters": {"max_cpm": 1, "max_cpm": 1}}', "body"),
        (b'{"signal_spec": "a", "max_results": NaN}', "body"),
        (b'{"signal_spec": "a", "max_results": -Infinity}', "body"),
        (b'{"signal_spec": "a", "max_results": 1e999}', "max_results"),
        (b'{"signal_spec": "a", "max_results": ' + b"9" * 4000 + b"}", "max_results"),
        (b'{"signal_spec": "a", "max_results": ' + b"9" * 60_000 + b"}", "body"),
        (b"[" * 60_000, "body"),
        (b'{"a":' * 12_000, "body"),
        (b'{"signal_spec": ' + b"[" * 900 + b"]" * 900 + b"}", "signal_spec"),
    ],
)
def test_a_bad_body_is_a_400_that_names_the_field(document, field):
    refusal = refusal_of(post, document)

    assert isinstance(refusal, InvalidInput)
    assert refusal.field == field
    assert refusal.detail.isprintable()
    assert len(refusal.detail) < 200


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_a_body_of_another_media_type_is_415(media_type):
    assert isinstance(refusal_of(post, {"signal_spec": "a"}, CONTENT_TYPE=media_type), UnsupportedMediaType)


def test_the_media_type_may_have_parameters_and_any_case():
    assert post({"signal_spec": "a"}, CONTENT_TYPE="Application/JSON ; charset=utf-8").brief == Brief("a")


def test_a_post_takes_nothing_from_its_query_string():
    request = a_request(
        method="POST", query_string="spec=a", environ={"CONTENT_TYPE": "application/json"}, read_body=lambda: b"{}"
    )

    assert refusal_of(parse, request).field == "query string"


@pytest.mark.parametrize("ask", [lambda text: get("spec=" + quote(text)), lambda text: post({"signal_spec": text})])
def test_what_looks_like_an_attack_is_refused_and_never_kept(ask):
    for _ in range(2):
        refusal = refusal_of(ask, "<script>alert(1)</script>")
        assert isinstance(refusal, SuspiciousInput)
        assert refusal.field in ("spec", "signal_spec")


def test_thousands_of_names_with_the_last_repeated_are_read_in_linear_time():
    """Counting each name anew took half a second for 64 KiB."""
    names = [f"{number:x}" for number in range(8000)] + ["zz", "zz"]
    body = ("{" + ",".join(f'"{name}":0' for name in names) + "}").encode()
    began = time.process_time()

    assert "'zz'" in refusal_of(read_json, body).detail
    assert time.process_time() - began < 0.2


words = st.text(alphabet="abc é", min_size=1, max_size=12).filter(str.strip)
wishes = st.fixed_dictionaries(
    {"spec": words},
    optional={
        "countries": st.lists(st.sampled_from(["us", "de", "fr"]), min_size=1, max_size=5),
        "platforms": st.lists(st.sampled_from(["dv360", "x.y", "the-trade-desk"]), min_size=1, max_size=5),
        "kind": st.lists(st.sampled_from(["audience", "temporal"]), min_size=1, max_size=3),
        "max_cpm": st.integers(0, 50),
    },
)


@given(wish=wishes, random=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_equal_wishes_make_equal_briefs(wish, random):
    def twisted(name, value):
        if isinstance(value, str):
            return f"  {value.replace(' ', '   ')} "
        if isinstance(value, int):
            return f"{value}.0"
        items = [item if name == "kind" else random.choice((item.upper(), item)) for item in value * 2]
        random.shuffle(items)
        return " , ".join(items)

    plain = {name: ",".join(value) if isinstance(value, list) else value for name, value in wish.items()}
    odd = [(name, twisted(name, value)) for name, value in wish.items()]
    random.shuffle(odd)

    one, other = get(urlencode(plain)).brief, get(urlencode(odd)).brief
    assert one == other
    assert (hash(one), repr(one)) == (hash(other), repr(other))


shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "max_cpm", "type", "x"]), inner)
    ),
    max_leaves=6,
)
names = st.sampled_from(["signal_spec", "max_results", "cursor", "destinations", "countries", "filters", "context_id"])


@given(
    body=st.one_of(st.binary(max_size=60), st.dictionaries(names, shapes).map(lambda body: json.dumps(body).encode()))
)
@settings(max_examples=150, deadline=None)
def test_no_body_raises_anything_but_a_refusal(body):
    try:
        query = post(body)
    except Refused as refusal:
        assert refusal.status in (400, 415)
    else:
        assert 1 <= query.max_results <= 100


known = st.sampled_from([b"spec", b"max_results", b"kind", b"max_cpm", b"platforms"])


@given(
    parts=st.lists(st.tuples(known | st.binary(max_size=4), st.binary(max_size=12)), max_size=4),
    raw=st.binary(max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_no_query_string_raises_anything_but_a_refusal(parts, raw):
    encoded = "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in parts)
    for query_string in (encoded, raw.decode("latin-1"), f"spec=a&{raw.decode('latin-1')}"):
        try:
            query = get(query_string)
        except Refused as refusal:
            assert refusal.status == 400
        else:
            assert query.brief.spec


@pytest.mark.parametrize(
    "query_string",
    [
        "spec=new+parents",
        "spec=car%20rental&max_results=5",
        "spec=",
        "",
        "max_results=x",
        "spec=%ff",
        "a=b",
        "spec=a&spec=b",
    ],
)
def test_plain_words_are_read_at_once_as_they_are_read_otherwise(query_string):
    suspicion.classify("the words that plain ones are told by are loaded now")
    request = a_request(query_string=query_string)
    try:
        expected = parse(request)
    except Refused as refusal:
        with pytest.raises(type(refusal)) as same:
            parse_at_once(request)
        assert (same.value.detail, same.value.field) == (refusal.detail, refusal.field)
    else:
        assert parse_at_once(request) == expected


@pytest.mark.parametrize(
    "query_string",
    ["spec=%3Cscript%3Ealert(1)%3C/script%3E", "spec=3+1/2+inch+(brass)+at+once", "spec=" + "long+" * 200],
)
def test_what_must_be_looked_at_closely_is_not_read_at_once(query_string):
    suspicion.classify("the words that plain ones are told by are loaded now")

    assert parse_at_once(a_request(query_string=query_string)) is None


def test_what_was_read_before_is_read_at_once_whatever_it_is():
    odd = a_request(query_string="spec=ladies%27+3+1/2+inch+%28brass%29")
    assert parse_at_once(odd) is None
    expected = parse(odd)

    assert parse_at_once(odd) == expected


def test_a_body_is_not_read_at_once():
    assert parse_at_once(a_request(method="POST", query_string="")) is None
