"""Second stage: every answer is counted, timed and logged, whatever became of it.

One count, one duration and one log line a request. Server errors are kept for ``recent_errors``. Never raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from service.messages import CacheState, Request, Response
from service.monitoring.totals import RecentError
from service.pipeline import Stage

COUNTED = "counted as an answer"
"""A note on a bug that came through here: who answers it in the end need not count it again."""


class Counter(Protocol):
    """Where answers are counted: ``monitoring.tally.Tally``."""

    def begin(self) -> None: ...
    def finish(self, method: str, endpoint: str, status: int, cache: CacheState, seconds: float) -> None: ...
    def reject(self, reason: Any) -> None: ...
    def error(self, error: RecentError) -> None: ...


def observe(
    counter: Counter, log_request: Callable[..., None], now: Callable[[], float], wall_clock: Callable[[], float]
) -> Stage[Request, Response]:
    """Return the stage; ``log_request`` is ``Journal.request``, ``now`` monotonic seconds, ``wall_clock`` Unix ones."""

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        counter.begin()
        status, cache = 500, "none"
        fields: dict[str, Any] = {"error": "the walk was broken off"}
        try:
            response = proceed(request)
            status, cache, fields = response.counts_as or response.status, response.cache, response.fields
        except Exception as bug:
            bug.add_note(COUNTED)
            raise
        finally:
            seconds = now() - request.arrived
            counter.finish(request.method, request.endpoint, status, cache, seconds)  # type: ignore[arg-type]
            if status >= 400:
                _note_refusal(counter, request, status, fields, wall_clock)
            log_request(
                request_id=request.id,
                endpoint=request.endpoint,
                method=request.method,
                status=status,
                duration=seconds,
                client=request.client,
                cache=cache,
                **fields,
            )
        return response

    return stage


def _note_refusal(
    counter: Counter, request: Request, status: int, fields: dict[str, Any], wall_clock: Callable[[], float]
) -> None:
    rejection = fields.pop("rejection", None)
    if rejection is not None:
        counter.reject(rejection)
    if status >= 500:
        counter.error(RecentError(wall_clock(), request.id, request.endpoint, status, str(fields.get("error", ""))))
