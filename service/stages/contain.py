"""Third stage: nothing escapes. Refusals become their problem document (or, over MCP, an error of that protocol), a bug
becomes a plain 500.

The only place where ``Exception`` is caught in a request's walk. A bug is logged with its traceback under the request
id; the caller learns the id and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from service.errors import InternalError, Refused, problem
from service.messages import Request, Response
from service.pipeline import Stage

PROBLEM_JSON = ("Content-Type", "application/problem+json")


def contain(
    report_bug: Callable[[Request, Exception], None], refuse: Callable[[Refused, Request], Response] | None = None
) -> Stage[Request, Response]:
    """Return the stage; ``report_bug`` is told of every exception that is no refusal, ``refuse`` makes the answer."""
    refused = refuse or (lambda refusal, request: answer(refusal, request.id))

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        try:
            return proceed(request)
        except Refused as refusal:
            # Nobody reads where it was raised, and one that was found before the walk would hold its own frames.
            refusal.__traceback__ = None
            return refused(refusal, request)
        except Exception as bug:
            report_bug(request, bug)
            return refused(
                InternalError("The service failed to answer; quote the request id when you report it."), request
            )

    return stage


def answer(refusal: Refused, request_id: str) -> Response:
    """Return the answer to a refused request: problem+json with the refusal's own headers."""
    headers = [PROBLEM_JSON, ("Cache-Control", "no-store"), *refusal.headers]
    fields = {"error": f"{refusal.type}: {refusal.detail}", "rejection": refusal.rejection} | refusal.noted
    return Response(refusal.status, problem(refusal, request_id), headers, fields=fields)
