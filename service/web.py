"""The WSGI front and the Bottle app behind it: environ in, messages through the walk, bytes out.

The walk stands in front of Bottle, so that a cached answer never reaches Bottle's router; Bottle routes and answers
whatever is not a signal. The only module that imports bottle. Its last ``except`` is the plain 500 of a broken walk.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from http.client import responses
from typing import Any, BinaryIO, NamedTuple

import bottle

from service.asking import ASKED
from service.at_once import READY
from service.catalogue.parsing import Format
from service.cors import Cors
from service.errors import (
    InternalError,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    Unavailable,
    UnsupportedMediaType,
)
from service.messages import Request, Response
from service.routes import ROUTES, WHOLE, Match, Route, allowed
from service.stages.contain import answer

StartResponse = Callable[..., Any]
Environ = dict[str, Any]
Handler = Callable[[Request, str], Response]
Walk = Callable[[Request], Response]

_REQUEST = "signals.request"
_EVERY = [("X-Content-Type-Options", "nosniff")]
_STATUS = {code: f"{code} {phrase}" for code, phrase in {**responses, 499: "Client Closed Request"}.items()}


class Front:
    """The WSGI application. ``walks`` holds the composed walk of each class of route."""

    def __init__(
        self,
        match: Callable[[str, str], Match],
        walks: Mapping[str, Walk],
        cors: Cors,
        now: Callable[[], float],
        report_bug: Callable[[str, str, BaseException], None],
    ) -> None:
        self._match = match
        self._walks = walks
        self._cors = cors
        self._now = now
        self._report_bug = report_bug

    def __call__(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        method = environ["REQUEST_METHOD"]
        try:
            found = self._match(method, environ["PATH_INFO"])
            request = Request(
                method,
                environ["PATH_INFO"],
                environ["QUERY_STRING"],
                found.endpoint,
                environ.get("REMOTE_ADDR", ""),
                # Whoever waited for a word from elsewhere waited for an answer.
                environ.get(ASKED) or self._now(),
                environ,
                environ["wsgi.input"].read,
            )
            response = self._walks[found.walk](request)
            headers = response.headers + _EVERY
            if "HTTP_ORIGIN" in environ:
                headers += self._cors.headers(environ["HTTP_ORIGIN"])
        except Exception as bug:
            request_id = secrets.token_hex(10)
            self._report_bug(request_id, environ.get("PATH_INFO", ""), bug)
            response = answer(InternalError("The service failed to answer."), request_id)
            headers = [*response.headers, ("X-Request-ID", request_id), *_EVERY]
        # A 304 would carry the length of the answer that it spares.
        if response.status not in (204, 304):
            headers.append(("Content-Length", str(len(response.body))))
        start_response(_STATUS.get(response.status, str(response.status)), headers)
        return [] if method == "HEAD" else [response.body]


def endpoint(match: Callable[[str, str], Match], handlers: Mapping[str, Handler], cors: Cors, behind: Walk) -> Walk:
    """Return the end of the door walk: signals are answered here, everything else ``behind``, by Bottle."""

    def end(request: Request) -> Response:
        ready: Walk | None = request.environ.get(READY)
        if ready is not None:
            return ready(request)
        found = match(request.method, request.path)
        if found.route is None:
            return _unrouted(request, found, cors)
        handler = handlers.get(found.route.name)
        return handler(request, found.argument) if handler is not None else behind(request)

    return end


def _unrouted(request: Request, found: Match, cors: Cors) -> Response:
    if request.path == WHOLE:
        return Response(204, b"", [("Allow", allowed(route.method for route in ROUTES))])
    if not found.allow:
        raise NotFound("There is nothing at this address; / lists what there is.")
    if request.method != "OPTIONS":
        raise MethodNotAllowed(f"{request.method[:20]} is not possible here.", found.allow)
    return Response(204, b"", [("Allow", found.allow), *cors.preflight(request.header("Origin"), found.allow)])


def bottle_app(routes: Iterable[Route], handlers: Mapping[str, Handler]) -> Walk:
    """Return a walk that ends in a Bottle application with one route for each handler."""
    app = bottle.Bottle()
    app.catchall = False
    for route in routes:
        if route.name in handlers:
            rule = route.endpoint.replace("{", "<").replace("}", ">")
            app.route(rule, route.method, _callback(handlers[route.name]))

    def behind(request: Request) -> Response:
        environ = dict(request.environ)
        environ["PATH_INFO"] = "/" + "/".join(part for part in request.path.split("/") if part)
        environ[_REQUEST] = request
        answered: list[Response] = []
        environ["signals.answer"] = answered.append
        try:
            app(environ, lambda status, headers, exc_info=None: None)
        finally:
            # Bottle keeps the last environ of every thread, and with it the body and the connection.
            bottle.request.bind({})
        if not answered:
            # Bottle reads paths as UTF-8 and drops what is none: nothing may be left of a path's variable part.
            raise NotFound("There is nothing at this address; / lists what there is.")
        return answered[0]

    return behind


def _callback(handler: Handler) -> Callable[..., str]:
    def call(**arguments: str) -> str:
        environ = bottle.request.environ
        environ["signals.answer"](handler(environ[_REQUEST], next(iter(arguments.values()), "")))
        return ""

    return call


class Upload(NamedTuple):
    """An uploaded file: its bytes to read, and its format where its name or type tells."""

    stream: BinaryIO
    format: Format | None


_FORMATS: dict[str, Format | None] = {
    "text/csv": "csv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/octet-stream": None,
    "": None,
}
_SUFFIXES: dict[str, Format] = {"csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl"}


def uploaded(request: Request) -> Upload:
    """Return the file that a request brings: its body, a single row, or the one file of a form. Raises ``Refused``."""
    environ = dict(request.environ)
    media_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type in _FORMATS:
        return Upload(environ["wsgi.input"], _FORMATS[media_type])
    if media_type == "application/json":
        from service.json_row import json_row  # brings half of the OpenAPI document, and few send a single row

        return Upload(json_row(environ["wsgi.input"]), "jsonl")
    if media_type != "multipart/form-data":
        raise UnsupportedMediaType("Send text/csv, application/jsonl, one row as application/json, or a form.")
    try:
        files = [upload for _, upload in bottle.BaseRequest(environ).files.allitems()]
    except (bottle.HTTPError, ValueError):
        raise InvalidInput("The form cannot be read.", field="body") from None
    except OSError:
        # Bottle keeps what is large on disk, and that may be full.
        raise Unavailable("The form cannot be kept at the moment.", retry_after=30) from None
    finally:
        # Bottle's own copy of the body, on disk if it is large.
        environ["wsgi.input"].close()
    if len(files) != 1:
        for upload in files:
            upload.file.close()
        raise InvalidInput(f"The form must hold one file; it holds {len(files)}.", field="body")
    return Upload(files[0].file, _SUFFIXES.get(files[0].raw_filename.rpartition(".")[2].lower()))
