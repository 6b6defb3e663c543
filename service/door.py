"""The door: the walks of every class of route, the front that starts them, and the doorman of the HTTP server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from service import endpoints, web
from service.asking import WORD, Asked, Asking, Word
from service.at_once import AtOnce, Prepare
from service.blocks import Blocks
from service.cors import Cors
from service.doorman import NO_ENDPOINT, Doorman
from service.errors import Refused
from service.forwarders import Forwarders
from service.mcp.message import attach
from service.mcp.sites import own_sites, refusal_of
from service.messages import Request, Response
from service.monitoring.logs import shorten
from service.observation import Observation
from service.pipeline import Stage, compose
from service.routes import ALIVE, ROUTES, UPLOAD, Walk, matcher
from service.settings import Settings
from service.sliding_window import SlidingWindow
from service.stages.block import Book, block
from service.stages.contain import contain
from service.stages.identify import identify
from service.stages.observe import COUNTED, observe
from service.stages.rate_limit import Limiter, rate_limit

DoorStage = Stage[Request, Response]


class Agents(NamedTuple):
    """How agents are let in: what answers those that are refused, and the stage that looks at their keys."""

    refuse: Callable[[Refused, Request], Response]
    guard: DoorStage


def front(
    settings: Settings,
    watching: Observation,
    blocks: Book,
    limiter: Limiter,
    operator_stage: DoorStage,
    drain_stage: DoorStage,
    authenticate_stage: DoorStage,
    agents: Agents,
    forwarders: Forwarders,
    client_of: Callable[[str, str], str],
    at_hand: Mapping[str, web.Handler],
    behind: Mapping[str, web.Handler],
    before_limits: Sequence[DoorStage] = (),
) -> web.Front:
    """Return the WSGI application. Handlers ``at_hand`` are called by the walk itself, those ``behind`` by Bottle;
    ``before_limits`` stand right before blocks and limits."""
    match = matcher()
    cors = Cors(settings.allowed_origins)
    end = web.endpoint(match, at_hand, cors, web.bottle_app(ROUTES, behind))
    instance = ("X-Instance-ID", settings.instance_id)

    def sign(request: Request, proceed: Callable[[Request], Response]) -> Response:
        response = proceed(request)
        response.headers.append(instance)
        return response

    seen: list[DoorStage] = [
        identify(settings.trusted_proxies, forwarders.note, client_of),
        observe(watching.tally, watching.journal.request, watching.now, watching.wall),
    ]
    every: list[DoorStage] = [*seen, contain(_bug_reporter(watching))]
    spoken: list[DoorStage] = [*seen, attach, contain(_bug_reporter(watching), agents.refuse)]
    limited: list[DoorStage] = [*before_limits, block(blocks), rate_limit(limiter, *settings.rate_limit, watching.wall)]
    walks = {
        "express": compose([sign, *every], end),
        "operator": compose([sign, *every, operator_stage], end),
        "bulk": compose([*every, operator_stage], end),
        "plain": compose([*every, *limited], end),
        "signals": compose([*every, drain_stage, *limited, authenticate_stage], end),
        "mcp": compose([*spoken, own_sites(refusal_of(settings)), drain_stage, *limited, agents.guard], end),
    }

    def broken(request_id: str, path: str, bug: BaseException) -> None:
        # What breaks outside of ``observe`` is counted by nobody else.
        if COUNTED not in getattr(bug, "__notes__", ()):
            watching.tally.answered("none", NO_ENDPOINT, 500, 0.0)
        watching.journal.event("error", "walk_broken", request_id=request_id, path=path, error=shorten(bug, 6))

    return web.Front(match, walks, cors, watching.now, broken)


def at_once(
    blocks: Blocks,
    window: SlidingWindow,
    client_of: Callable[[str, str], str],
    search: Prepare,
    call: Prepare,
    *,
    alone: bool,
) -> AtOnce:
    """Return who tells what is answered in the server's own thread. Where instances share their limits, these are only
    requests about which was asked before (``service.asking``)."""

    def judge_alone(client: str, environ: Mapping[str, Any]) -> bool:
        return blocks.blocked_for(client) > 0 or window.used(client) >= window.limit

    def judge(client: str, environ: Mapping[str, Any]) -> bool | None:
        if WORD not in environ:
            return None
        word: Word | None = environ[WORD]
        return judge_alone(client, environ) if word is None else word.refuses

    prepare: dict[str, Prepare] = {
        "alive": lambda request: lambda asked: endpoints.alive(asked, ""),
        "search": search,
        "mcp": call,
    }
    return AtOnce(matcher(), client_of, judge_alone if alone else judge, prepare)


def asking(
    settings: Settings, asked: Asked, client_of: Callable[[str, str], str], late: Callable[[Mapping[str, Any]], bool]
) -> Asking:
    """Return who asks elsewhere before a request is answered, about those that the walk does not refuse before."""
    wrong_site = refusal_of(settings)

    def refused_before(walk: Walk, environ: Mapping[str, Any]) -> bool:
        return walk != "plain" and (late(environ) or (walk == "mcp" and wrong_site(environ) is not None))

    return Asking(asked, matcher(), client_of, refused_before)


def doorman(
    settings: Settings,
    watching: Observation,
    check_operator: Callable[[Request], None],
    client_of: Callable[[str, str], str],
    at_once: Callable[[dict[str, Any]], bool],
) -> Doorman:
    """Return what the HTTP server asks about bodies and refusals."""

    return Doorman(
        settings.catalogue_upload_bytes,
        UPLOAD,
        ALIVE,
        at_once,
        check_operator,
        client_of,
        settings.trusted_proxies,
        watching.tally.answered,
        watching.tally.reject,
        watching.journal.request,
    )


def _bug_reporter(watching: Observation) -> Callable[[Request, Exception], None]:
    def report(request: Request, bug: Exception) -> None:
        watching.journal.event("error", "bug", request_id=request.id, endpoint=request.endpoint, error=shorten(bug, 6))

    return report
