"""The WSGI front and the Bottle app behind it: environ in, bytes out, and a last plain 500."""

import gc
import io
import json
import weakref

import pytest

from service.cors import Cors
from service.errors import InvalidInput, MethodNotAllowed, NotFound, UnsupportedMediaType
from service.messages import Response
from service.routes import ROUTES, matcher
from service.web import Front, bottle_app, endpoint, uploaded
from tests.doubles import a_request

MATCH = matcher()
ORIGIN = "https://buyer.example"


def environ_of(method="GET", path="/", query="", body=b"", **headers):
    names = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.input": io.BytesIO(body),
    } | names


class Desk:
    """A front over one walk; remembers what it sent and which bugs it was told of."""

    def __init__(self, walk, origins=()):
        self.bugs, self.requests = [], []
        self.walk = walk
        walks = dict.fromkeys(("express", "operator", "bulk", "plain", "signals"), self.note)
        self.front = Front(MATCH, walks, Cors(origins), lambda: 7.0, lambda *bug: self.bugs.append(bug))

    def note(self, request):
        self.requests.append(request)
        return self.walk(request)

    def send(self, *arguments, **headers):
        sent = []
        body = self.front(environ_of(*arguments, **headers), lambda status, headers: sent.append((status, headers)))
        [(status, headers)] = sent
        return status, dict(headers), b"".join(body)


def saying(*arguments):
    return lambda request: Response(*arguments)


def test_an_environ_becomes_a_request():
    desk = Desk(saying(200))
    desk.send("POST", "/api/signals", "a=b", b"body")

    [request] = desk.requests
    assert (request.method, request.path, request.query_string) == ("POST", "/api/signals", "a=b")
    assert (request.endpoint, request.peer, request.arrived) == ("/api/signals", "192.0.2.1", 7.0)
    assert request.read_body() == b"body"


def test_a_response_becomes_status_headers_and_body():
    status, headers, body = Desk(saying(200, b"hello", [("X-Own", "1")])).send()

    assert (status, body) == ("200 OK", b"hello")
    assert headers == {"X-Own": "1", "X-Content-Type-Options": "nosniff", "Content-Length": "5"}


@pytest.mark.parametrize("code", [204, 304])
def test_an_answer_that_never_has_a_body_has_no_length(code):
    assert "Content-Length" not in Desk(saying(code)).send()[1]


def test_head_gets_the_length_and_no_body():
    _, headers, body = Desk(saying(200, b"hello")).send("HEAD")

    assert (headers["Content-Length"], body) == ("5", b"")


@pytest.mark.parametrize(("code", "line"), [(499, "499 Client Closed Request"), (431, None), (599, "599")])
def test_every_status_has_a_line(code, line):
    status = Desk(saying(code)).send()[0]

    assert status == line or (line is None and status.startswith("431 "))


def broken(request):
    raise RecursionError("a secret inside")


def test_a_broken_walk_is_answered_plainly_and_told_under_the_same_id():
    desk = Desk(broken)
    status, headers, body = desk.send("GET", "/health")
    problem = json.loads(body)

    assert status == "500 Internal Server Error"
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Request-ID"] == problem["request_id"]
    assert headers["Content-Length"] == str(len(body))
    assert "secret" not in body.decode()
    [(request_id, path, bug)] = desk.bugs
    assert (request_id, path, type(bug)) == (problem["request_id"], "/health", RecursionError)


def test_an_environ_without_its_keys_is_a_broken_walk_too():
    desk = Desk(saying(200))
    sent = []
    desk.front({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda status, headers: sent.append(status))

    assert sent == ["500 Internal Server Error"]


def test_an_origin_is_looked_at_only_where_it_is_sent():
    desk = Desk(saying(200), [ORIGIN])

    assert "Access-Control-Allow-Origin" not in desk.send()[1]
    assert desk.send(origin=ORIGIN)[1]["Access-Control-Allow-Origin"] == ORIGIN
    assert desk.send(origin=ORIGIN)[1]["Vary"] == "Origin"
    assert "Vary" not in desk.send(origin="https://evil.example")[1]


def test_a_star_allows_every_origin_by_its_name():
    cors = Cors(["*"])

    assert dict(cors.headers("https://anybody.example"))["Access-Control-Allow-Origin"] == "https://anybody.example"
    assert cors.headers("") == []
    assert cors.preflight("", "GET") == []


def walk_to(handlers, behind):
    walk = endpoint(MATCH, handlers, Cors([ORIGIN]), behind)
    return lambda method, path, **environ: walk(a_request(method=method, path=path, environ=environ))


def test_signals_are_answered_at_hand_and_all_else_behind():
    walk = walk_to(
        {"signal": lambda request, argument: Response(200, argument.encode())},
        lambda request: Response(200, b"behind"),
    )

    assert walk("GET", "/api/signals/suv").body == b"suv"
    assert walk("GET", "/api/debug").body == b"behind"


def test_what_has_no_route_is_refused_or_told_its_methods():
    walk = walk_to({}, lambda request: Response(200))

    with pytest.raises(NotFound):
        walk("OPTIONS", "/nothing")
    with pytest.raises(MethodNotAllowed) as refusal:
        walk("X" * 30, "/health")
    assert "X" * 20 in refusal.value.detail and "X" * 21 not in refusal.value.detail
    told = walk("OPTIONS", "/health", HTTP_ORIGIN=ORIGIN)
    assert dict(told.headers)["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_bottle_finds_the_handler_of_every_route_however_the_path_is_spelt():
    handlers = {route.name: lambda request, argument, name=route.name: Response(200, name.encode()) for route in ROUTES}
    behind = bottle_app(ROUTES, handlers)

    for route in ROUTES:
        path = "/" + route.endpoint.replace("{id}", "x").replace("{client}", "x") + "/"
        environ = environ_of(route.method, path)
        answer = behind(a_request(method=route.method, path=path, environ=environ))
        assert answer.body == route.name.encode()
        assert environ["PATH_INFO"] == path


def test_bottle_hands_the_variable_part_over_and_lets_errors_through():
    def lift(request, argument):
        if argument == "bug":
            raise ZeroDivisionError
        raise InvalidInput(argument)

    behind = bottle_app(ROUTES, {"lift_block": lift})

    for argument, error in (("2001:db8::", InvalidInput), ("bug", ZeroDivisionError), ("\xff", NotFound)):
        path = f"/api/monitoring/blocks/{argument}"
        with pytest.raises(error):
            behind(a_request(method="DELETE", path=path, environ=environ_of("DELETE", path)))


def an_upload(body, content_type):
    return a_request(
        environ=environ_of("POST", body=body) | {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
    )


def form(*files):
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\n\r\n%b\r\n' % (name, content)
        for name, content in files
    ]
    return b"".join(parts) + b"--b--\r\n"


@pytest.mark.parametrize(
    ("media", "wanted"),
    [
        ("text/csv", "csv"),
        ("TEXT/CSV; header=present", "csv"),
        ("application/jsonl", "jsonl"),
        ("application/x-ndjson", "jsonl"),
        ("application/octet-stream", None),
        ("", None),
    ],
)
def test_a_body_is_the_file_and_its_type_tells_the_format(media, wanted):
    upload = uploaded(an_upload(b"content", media))

    assert (upload.stream.read(), upload.format) == (b"content", wanted)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [(b"a.csv", "csv"), (b"A.JSONL", "jsonl"), (b"a.ndjson", "jsonl"), (b"a.txt", None), (b"a", None)],
)
@pytest.mark.parametrize("size", [7, 300_000])
def test_a_form_holds_one_file_whose_name_tells_the_format(name, wanted, size):
    upload = uploaded(an_upload(form((name, b"x" * size)), "multipart/form-data; boundary=b"))

    with upload.stream as stream:
        assert (len(stream.read()), upload.format) == (size, wanted)


@pytest.mark.parametrize(
    ("body", "media", "error"),
    [
        (form(), "multipart/form-data; boundary=b", InvalidInput),
        (form((b"a", b"1"), (b"b", b"2" * 300_000)), "multipart/form-data; boundary=b", InvalidInput),
        (
            b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            InvalidInput,
        ),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b", InvalidInput),
        (b"x" * 300_000, "multipart/form-data; boundary=b", InvalidInput),
        (b"x", "multipart/form-data", InvalidInput),
        (b"x", "multipart/form-data; boundary=", InvalidInput),
        (b"x", "application/zip", UnsupportedMediaType),
        (b"x", "text/html", UnsupportedMediaType),
    ],
)
def test_what_is_no_file_is_refused_and_left_closed(body, media, error):
    with pytest.raises(error):
        uploaded(an_upload(body, media))


def test_nothing_of_a_request_that_bottle_answered_is_kept():
    body = io.BytesIO(b"a large upload")
    kept = weakref.ref(body)
    walk = bottle_app(ROUTES, {"stats": lambda request, argument: Response(200)})
    environ = environ_of(path="/api/monitoring/stats") | {"wsgi.input": body}
    assert walk(a_request(path="/api/monitoring/stats", environ=environ)).status == 200
    del body, environ
    gc.collect()

    assert kept() is None
