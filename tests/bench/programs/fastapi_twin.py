"""The same promises in the usual way: FastAPI with slowapi, structlog and prometheus-client, on uvicorn.

A rate limit by address, validation, a request id, a cached body, one JSON log line and one counter and histogram a
request. Usage: fastapi_twin.py PORT BODY_FILE.
"""

import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import structlog
import uvicorn
from fastapi import FastAPI, Query, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram
from slowapi import Limiter
from slowapi.util import get_remote_address
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars


def build(body: bytes) -> FastAPI:
    """Return the application, which answers every question with ``body`` out of a cache."""
    structlog.configure(
        processors=[
            merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    log = structlog.get_logger()
    registry = CollectorRegistry()
    requests = Counter("http_requests_total", "Requests.", ["method", "endpoint", "status"], registry=registry)
    durations = Histogram("http_request_duration_seconds", "Duration.", ["method", "endpoint"], registry=registry)
    limiter = Limiter(key_func=get_remote_address, headers_enabled=True)
    cache: dict[tuple[str, int], bytes] = {}
    app = FastAPI()
    app.state.limiter = limiter

    @app.middleware("http")
    async def observe(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        began = time.perf_counter()
        clear_contextvars()
        request_id = uuid.uuid4().hex
        bind_contextvars(request_id=request_id)
        response = await call_next(request)
        seconds = time.perf_counter() - began
        requests.labels(request.method, request.url.path, response.status_code).inc()
        durations.labels(request.method, request.url.path).observe(seconds)
        response.headers["X-Request-ID"] = request_id
        log.info("request", method=request.method, path=request.url.path, status=response.status_code, duration=seconds)
        return response

    @app.get("/api/signals")
    @limiter.limit("100000000/minute")
    async def signals(
        request: Request,
        spec: Annotated[str, Query(min_length=1, max_length=1000)],
        max_results: Annotated[int, Query(ge=1, le=100)] = 10,
    ) -> Response:
        found = cache.setdefault((spec, max_results), body)
        return Response(found, media_type="application/json", headers={"X-Cache": "hit"})

    return app


if __name__ == "__main__":
    uvicorn.run(build(Path(sys.argv[2]).read_bytes()), port=int(sys.argv[1]), access_log=False, log_level="warning")
