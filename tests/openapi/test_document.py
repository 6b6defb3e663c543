"""The OpenAPI document says what is so: it is sound in itself, it fits what is accepted, and real answers fit it."""

import json
import re
from urllib.parse import quote, urlencode

import pytest

from service import VERSION
from service.errors import InvalidInput, Refused, SuspiciousInput
from service.openapi.document import openapi_document
from service.openapi.schema_check import fault
from service.routes import ROUTES, matcher
from service.stages import fields, validate
from tests.doubles import a_request
from tests.running import OPERATOR, Running, TrickyRanker

DOCUMENT = json.loads(json.dumps(openapi_document(ROUTES, VERSION)))
COMPONENTS = DOCUMENT["components"]
SCHEMAS = COMPONENTS["schemas"]
OPERATIONS = {
    (method.upper(), path): operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
EVERY = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=[" ".join(key) for key in OPERATIONS])
MATCH = matcher()


def nodes(value):
    """Yield every object of a JSON value."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from nodes(member)
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)


def resolved(value):
    """Return what a reference of the document leads to, or the value itself."""
    if "$ref" not in value:
        return value
    found = DOCUMENT
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def parameters(method, path, place="query"):
    return {p["name"]: p for p in OPERATIONS[method, path].get("parameters", ()) if p["in"] == place}


def schemas_in(node):
    """Yield every schema of the document."""
    yield from SCHEMAS.values()
    for found in nodes(node):
        if isinstance(found.get("schema"), dict):
            yield found["schema"]


def test_the_document_is_openapi_3_1_with_its_title_version_and_tags():
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert (DOCUMENT["info"]["title"], DOCUMENT["info"]["version"]) == ("Signals agent", VERSION)
    assert DOCUMENT["servers"] == [{"url": "/"}]
    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == {
        tag["name"] for tag in DOCUMENT["tags"]
    }


def test_every_reference_leads_somewhere_and_every_component_is_used():
    named = {node["$ref"] for node in nodes(DOCUMENT) if "$ref" in node}

    assert all(isinstance(resolved({"$ref": name}), dict) for name in named)
    assert named == {
        f"#/components/{kind}/{name}" for kind in ("schemas", "headers", "responses") for name in COMPONENTS[kind]
    }


def test_every_route_of_the_table_and_nothing_else_is_documented():
    assert [*OPERATIONS] == [(route.method, route.endpoint) for route in ROUTES]
    for route in ROUTES:
        operation = OPERATIONS[route.method, route.endpoint]
        assert (operation["operationId"], operation["summary"]) == (route.name, route.summary)
        assert operation["description"].endswith((".", "`", "```\n"))


def test_operators_routes_want_the_token_and_no_others_do():
    assert COMPONENTS["securitySchemes"]["operator"]["scheme"] == "bearer"
    for route in ROUTES:
        operation = OPERATIONS[route.method, route.endpoint]
        assert ({"operator": []} in operation["security"]) == route.operator
        keyed = route.walk in ("signals", "mcp") or route.name == "callback"
        assert ("401" in operation["responses"]) == (route.operator or keyed)


def test_routes_of_signals_take_a_key_and_only_some_need_one():
    schemes = COMPONENTS["securitySchemes"]
    assert (schemes["key"]["scheme"], schemes["adcp"]["name"]) == ("bearer", "X-Adcp-Auth")
    for route in ROUTES:
        if route.walk in ("signals", "mcp"):
            freely = [] if route.key else [{}]
            assert OPERATIONS[route.method, route.endpoint]["security"] == [*freely, {"key": []}, {"adcp": []}]


@EVERY
def test_every_refusal_is_a_problem_document_with_a_request_id(operation):
    for status, named in operation["responses"].items():
        response = resolved(named)
        assert response["description"]
        assert resolved(response["headers"]["X-Request-ID"])["required"]
        if int(status) >= 400 and operation["operationId"] != "health":
            kinds = dict(response["content"])
            assert kinds.pop("application/problem+json") == {"schema": {"$ref": "#/components/schemas/Problem"}}
            assert not kinds or operation["operationId"] == "mcp"


@EVERY
def test_what_any_request_may_meet_is_told_of_every_operation(operation):
    assert {"400", "408", "413", "431", "500"} <= operation["responses"].keys()


def test_the_parameters_of_a_path_are_the_ones_in_its_pattern():
    for (method, path), operation in OPERATIONS.items():
        assert parameters(method, path, "path").keys() == set(re.findall(r"\{([a-z]+)\}", path))
        names = [(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", ())]
        assert len(names) == len(set(names))


def test_every_parameter_and_field_that_is_read_is_documented_and_no_other():
    request = SCHEMAS["SignalsRequest"]

    assert parameters("GET", "/api/signals").keys() == validate.GET_NAMES.keys()
    assert request["properties"].keys() == validate.POST_NAMES.keys() | {"filters"}
    assert request["properties"]["filters"]["properties"].keys() == validate.FILTER_NAMES.keys()


def test_lists_in_the_query_string_are_documented_as_comma_separated():
    listed = {name for name, p in parameters("GET", "/api/signals").items() if p["schema"]["type"] == "array"}

    assert listed == {"platforms", "countries", "data_providers", "kind"}
    for name in listed:
        parameter = parameters("GET", "/api/signals")[name]
        assert (parameter["style"], parameter["explode"]) == ("form", False)


def test_every_problem_type_there_is_can_be_told():
    kinds = {f"/problems/{kind.type}" for kind in Refused.__subclasses__()}

    assert set(SCHEMAS["Problem"]["properties"]["type"]["enum"]) == kinds


def test_every_pattern_compiles_and_is_anchored():
    for node in nodes(DOCUMENT):
        if isinstance(node.get("pattern"), str):
            assert re.compile(node["pattern"])
            assert node["pattern"].startswith("^")
            assert node["pattern"].endswith("$")


def test_every_example_fits_its_own_schema():
    for schema in schemas_in(DOCUMENT):
        for example in schema.get("examples", ()):
            assert fault(example, schema, SCHEMAS) is None
    for parameter in nodes(DOCUMENT["paths"]):
        if "example" in parameter:
            assert fault(parameter["example"], parameter["schema"], SCHEMAS) is None


BODIES = [
    {"signal_spec": "cars"},
    {"signal_spec": "x" * 1000},
    {"signal_spec": "x" * 1001},
    {"signal_spec": ""},
    {"signal_spec": "   "},
    {"signal_spec": "a\tb"},
    {"signal_spec": "Größe 漢字 🚗"},
    {"signal_spec": None},
    {"signal_spec": 5},
    {},
    {"spec": "cars"},
    [],
    "cars",
    *({"signal_spec": "cars", "max_results": n} for n in (0, 1, 100, 101, 5.0, 5.5, "5", True, None)),
    *({"signal_spec": "cars", "context_id": c} for c in ("a", "a" * 128, "a" * 129, "", "a b", "a\n", 1)),
    *({"signal_spec": "cars", "cursor": c} for c in ("a" * 200, "a" * 201, "", "a+b", "a\n", 1)),
    *({"signal_spec": "cars", "countries": c} for c in (["US"], ["us"] * 50, ["us"] * 51, [], ["USA"], "US", [1])),
    *({"signal_spec": "cars", "destinations": d} for d in ([], [{}], ["dv360"], {}, None)),
    {"signal_spec": "cars", "destinations": [{"type": "platform", "platform": "dv360"}]},
    {"signal_spec": "cars", "destinations": [{"type": "agent", "platform": "dv360"}]},
    {"signal_spec": "cars", "destinations": [{"type": "platform", "platform": "dv 360"}]},
    {"signal_spec": "cars", "destinations": [{"type": "platform", "platform": "dv360", "more": 1}]},
    *({"signal_spec": "cars", "filters": f} for f in ({}, [], None, {"unknown": 1}, {"spec": "cars"})),
    *({"signal_spec": "cars", "filters": {"kind": k}} for k in (["audience"], ["Audience"], [], "audience", [None])),
    *({"signal_spec": "cars", "filters": {"data_providers": [p]}} for p in ("a", "a" * 128, "a" * 129, " ", 7)),
    *({"signal_spec": "cars", "filters": {"max_cpm": n}} for n in (0, 1_000_000, 1_000_001, -1, "1", True, 0.1)),
    *({"signal_spec": "cars", "filters": {"min_coverage_percentage": n}} for n in (0, 100, 100.5, -0.5, None)),
]


@pytest.mark.parametrize("body", BODIES)
def test_what_fits_the_schema_of_a_question_is_read_and_what_does_not_is_refused(body):
    fits = fault(body, SCHEMAS["SignalsRequest"], SCHEMAS) is None

    raw = json.dumps(body).encode()
    request = a_request(
        method="POST", query_string="", environ={"CONTENT_TYPE": "application/json"}, read_body=lambda: raw
    )
    try:
        validate.parse(request)
    except (InvalidInput, SuspiciousInput):
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize(
    "number", [1e-300, 0.1 + 0.2, 5e-324, 1 / 3, 1e-7, 123456.78900000001, 0.00012345678901234567, 999999.9999999999]
)
def test_every_way_in_which_a_program_writes_a_number_is_read(number):
    assert fields.number_text("max_cpm", fields.MAX_CPM)(repr(number)) == number


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("openapi"), OPERATOR_TOKEN=OPERATOR["Authorization"].split()[1]) as running:
        yield running


def check(answer, method, target):
    """Hold an answer to the document: status, media type, body and headers."""
    found = MATCH(method, target.partition("?")[0])
    responses = OPERATIONS[method, found.endpoint]["responses"]
    assert str(answer.status) in responses
    response = resolved(responses[str(answer.status)])
    for name, named in response["headers"].items():
        header, value = resolved(named), answer.header(name)
        assert value is not None or not header.get("required")
        if value is not None:
            typed = int(value) if header["schema"]["type"] == "integer" else value
            assert fault(typed, header["schema"], SCHEMAS, name) is None
    content = response.get("content", {})
    assert bool(content) == bool(answer.body)
    if content:
        media = content[answer.header("Content-Type").partition(";")[0]]
        body = answer.body.decode() if media["schema"].get("type") == "string" else answer.document
        assert fault(body, media["schema"], SCHEMAS) is None
    return answer


ASKED = [
    ("GET", "/api/signals?spec=cars", 200),
    ("GET", "/api/signals?spec=cars&max_results=1&context_id=mine&kind=audience&max_cpm=5", 200),
    ("GET", "/api/signals?spec=qqqqqq", 200),
    ("GET", "/api/signals", 400),
    ("GET", "/api/signals?spec=%3Cscript%3Ealert(1)%3C/script%3E", 400),
    ("GET", "/api/signals?spec=cars&cursor=forged", 400),
    ("GET", "/api/signals/auto-enthusiasts", 200),
    ("GET", "/api/signals/none-such", 404),
    ("GET", "/health", 200),
    ("GET", "/api/monitoring/health", 200),
    ("GET", "/api/monitoring/metrics", 200),
    ("GET", "/api/monitoring/stats", 200),
    ("GET", "/api/monitoring/stats?scope=instance", 200),
    ("GET", "/api/monitoring/stats?scope=fleet", 200),
    ("GET", "/api/monitoring/stats?scope=world", 400),
    ("GET", "/api/monitoring/stats?other=1", 400),
    ("GET", "/api/monitoring/warmup", 202),
    ("GET", "/api/monitoring/warmup?wait=true", 200),
    ("GET", "/api/monitoring/warmup?wait=maybe", 400),
    ("POST", "/api/monitoring/warmup?wait=true", 200),
    ("DELETE", "/api/monitoring/blocks/192.0.2.77", 404),
    ("GET", "/api/debug", 200),
    ("GET", "/openapi.json", 200),
    ("GET", "/", 200),
    ("POST", "/api/catalogue", 400),
]


@pytest.mark.parametrize(("method", "target", "status"), ASKED, ids=[f"{m} {t}" for m, t, _ in ASKED])
def test_real_answers_are_as_documented(service, method, target, status):
    assert check(service.ask(method, target, headers=OPERATOR), method, target).status == status


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b'{"signal_spec":"cars","max_results":2}', "application/json", 200),
        (b'{"signal_spec":"cars","max_results":200}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"signal_spec=cars", "application/x-www-form-urlencoded", 415),
        (b" " * 70_000, "application/json", 413),
    ],
    ids=["good", "bad", "deep", "form", "large"],
)
def test_real_answers_to_posted_questions_are_as_documented(service, body, media_type, status):
    answer = service.ask("POST", "/api/signals", body, {"Content-Type": media_type})

    assert check(answer, "POST", "/api/signals").status == status


def test_an_answer_that_is_still_right_is_documented(service):
    etag = service.search("cars").header("ETag")

    assert check(service.search("cars", If_None_Match=etag), "GET", "/api/signals").status == 304


def test_openmetrics_is_documented(service):
    answer = service.ask(
        "GET", "/api/monitoring/metrics", headers=OPERATOR | {"Accept": "application/openmetrics-text"}
    )

    assert check(answer, "GET", "/api/monitoring/metrics").header("Content-Type").startswith("application/openmetrics")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.operator], ids=lambda route: route.name)
def test_the_refusal_of_a_caller_without_a_token_is_documented(service, route):
    target = route.endpoint.replace("{client}", "192.0.2.77")

    assert check(service.ask(route.method, target), route.method, target).status == 401


def test_stats_after_traffic_are_as_documented(service):
    service.search("cars")
    service.search("%3Cscript%3Ealert(1)%3C/script%3E")
    answer = check(service.get("/api/monitoring/stats", **OPERATOR), "GET", "/api/monitoring/stats")

    assert answer.document["requests"]["by_endpoint"]
    assert answer.document["alerts"]


def test_refusals_for_haste_faults_and_blocks_are_documented(tmp_path):
    settings = {"RATE_LIMIT": "2/60", "TRUSTED_PROXIES": 1, "BLOCK_SCORE": 10}
    with Running(tmp_path, TrickyRanker(), **settings) as service:
        target = "/api/signals?spec=bug"
        assert check(service.get(target), "GET", target).status == 500
        service.get("/")
        assert check(service.get(target), "GET", target).status == 429
        attack = f"/api/signals?spec={quote('<script>alert(1)</script>')}"
        attacker = {"X_Forwarded_For": "203.0.113.9"}
        assert check(service.get(attack, **attacker), "GET", attack).status == 400
        assert check(service.get("/", **attacker), "GET", "/").status == 403


def test_the_examples_of_the_query_parameters_work_together(service):
    examples = {
        name: ",".join(p["example"]) if isinstance(p["example"], list) else p["example"]
        for name, p in parameters("GET", "/api/signals").items()
        if "example" in p
    }

    assert service.get(f"/api/signals?{urlencode(examples)}").status == 200


def test_the_examples_of_bodies_work(service):
    for example in SCHEMAS["SignalsRequest"]["examples"]:
        assert service.post(example).status == 200
    for row in SCHEMAS["CatalogueRow"]["examples"]:
        answer = service.upload(json.dumps(row), content_type="application/json")
        assert check(answer, "POST", "/api/catalogue").document["bad_rows"] == 0
        signal = check(service.get(f"/api/signals/{row['id']}"), "GET", f"/api/signals/{row['id']}").document
        assert (signal["name"], signal["coverage_percentage"]) == (row["name"], row["coverage_percentage"])


def test_the_files_in_the_description_of_the_import_work(service):
    files = re.findall(r"```\n(.*?)```", OPERATIONS["POST", "/api/catalogue"]["description"], re.DOTALL)

    assert len(files) == 2
    for file, media_type in zip(files, ("text/csv", "application/jsonl"), strict=True):
        answer = service.upload(file.encode(), content_type=media_type)
        assert check(answer, "POST", "/api/catalogue").status == 200


def test_the_refusal_of_a_bad_file_lists_its_rows_as_documented(service):
    answer = check(service.upload(b"id,name\n,nameless\n"), "POST", "/api/catalogue")

    assert (answer.status, answer.document["bad_rows"]) == (400, 1)
    assert answer.document["errors"][0]["line"] == 2
