#!/usr/bin/env python3
"""Keeps a free instance of the service awake: asks it how it is, again and again, and says in one line what came.

One file for a laptop, a VPS, cron or GitHub Actions: Python 3.11 and httpx, nothing else of this project. It promises
that a ping ends within ``PING_SECONDS`` whatever the server does, that memory stays the same over weeks, that a late
ping never shifts or bunches the next ones, and that no text of a server and no password of the URL reaches a screen.
``python keep_alive.py --help`` says the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import math
import os
import random
import re
import signal
import socket
import ssl
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal, NoReturn
from urllib.parse import unquote, urlsplit

try:
    import httpx
except ModuleNotFoundError:
    print("keep_alive.py needs httpx: python3 -m pip install httpx", file=sys.stderr)
    raise SystemExit(2) from None

HEALTH, ALIVE = "/api/monitoring/health", "/health"
TRY_SECONDS, SHORTEST_TRY, BODY_SECONDS, PING_SECONDS = 90.0, 30.0, 10.0, 240.0
BODY_BYTES, REDIRECTS = 65_536, 5
BACK_OFF_SECONDS, LONGEST_WAIT = 8.0, 60.0
COLD_SECONDS, ASLEEP_SECONDS = 5.0, 900.0
RECENT, NAMES_SHOWN = 1000, 5
INTERVALS, RETRIES = (1, 86_400), (0, 10)
EXAMPLE = "https://your-app.onrender.com"

GUIDE = f"""\
environment (arguments win):
  RENDER_URL              the URL
  KEEP_ALIVE_INTERVAL     seconds from ping to ping, {INTERVALS[0]} to {INTERVALS[1]} (300)
  KEEP_ALIVE_MAX_RETRIES  tries after the first one that failed, {RETRIES[0]} to {RETRIES[1]} (3)

a ping asks URL{HEALTH}, and URL{ALIVE} if that gives no health document:
  ● awake    any answer under 500, also 401, 403, 404 and 429
  ◐ awake    but after a cold start (over {COLD_SECONDS:g} s, or after failed tries), or degraded
  ▲ ill      the service runs and says itself what is wrong (503 with its health document)
  ✗ FAILED   no connection, another 5xx, a redirect to another host, the platform's word that nothing runs there, or
             a web page where the service would answer JSON (a loading page, or not this service)

exit codes:
  0    awake, or ill without --strict; or ended by ctrl+c or SIGTERM, the way to end a run without --once
  1    --once: FAILED, or ill with --strict
  2    the command line or the environment cannot be meant
  130, 143  --once was ended by ctrl+c, SIGTERM before it knew
  141  whoever read the output has gone

examples:
  python keep_alive.py https://your-app.onrender.com          a ping every 300 s, until ctrl+c
  python keep_alive.py your-app.onrender.com 600              every 600 s; https is assumed
  python keep_alive.py localhost:8000 10 --json | jq .what   JSON lines, from this machine
  RENDER_URL=https://your-app.onrender.com python keep_alive.py --once --strict; echo $?

crontab (mails only trouble):
  */10 * * * *  python3 /path/to/keep_alive.py --once --quiet https://your-app.onrender.com

GitHub Actions: .github/workflows/keep-alive.yml does it, with the repository variable RENDER_URL.

What failed is tried again after 8, 16, 32 ... s (up to half as much more by chance, {LONGEST_WAIT:g} s at most), later
if Retry-After says so; a redirect is not. A ping ends within {PING_SECONDS:g} s. ctrl+c prints a summary: its p50 is
that of the last {RECENT:,} answers, and failed pings in a row are one outage.
"""

# --- What an answer means: pure -------------------------------------------------------------------------------------

State = Literal["awake", "ill", "failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address gave; ``status`` is None without an answer. ``at``: first byte, or failure, on the clock.

    ``problem`` says why it counts as none at all; with a status it is a redirect, and asking again cannot help.
    """

    at: float
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer, or a whole try, says of the instance; ``settled`` means that ``ALIVE`` need not be asked."""

    state: State
    detail: str
    answer: Answer
    health: str | None = None
    failing: tuple[str, ...] = ()
    settled: bool = False


def judge(answer: Answer) -> Verdict:
    """Return what an answer means."""
    status, routing = answer.status, answer.headers.get("x-render-routing", "")
    if answer.problem or status is None:
        return Verdict("failed", answer.problem, answer, settled=status is None)
    report = health_of(answer.body) if status < 300 or status == 503 else None
    if report is not None:
        return _from_report(answer, *report)
    if status >= 500 or routing == "no-server":
        return Verdict("failed", f"HTTP {status}" + (f", {clean(routing, 40)}" if routing else ""), answer)
    if status < 300 and is_page(answer):
        # The loading page of a platform goes away while it is asked again; a page that stays is not the service.
        return Verdict("failed", f"HTTP {status} with a web page, not the service", answer)
    detail = "no health document" if status < 300 else f"HTTP {status}"
    return Verdict("awake", detail, answer, settled=status in (401, 403, 429))


def _from_report(answer: Answer, health: str, failing: tuple[str, ...]) -> Verdict:
    names = ", ".join(failing[:NAMES_SHOWN])
    names += f" and {len(failing) - NAMES_SHOWN} more" if len(failing) > NAMES_SHOWN else ""
    if answer.status == 503 or health == "unhealthy":
        return Verdict("ill", names or f"it says {health}", answer, health, failing, settled=True)
    detail = "" if health == "healthy" else f"{health}: {names}" if names else health
    return Verdict("awake", detail, answer, health, failing, settled=True)


def health_of(body: bytes) -> tuple[str, tuple[str, ...]] | None:
    """Return the status in a health document and the names of what fails, the worst first; None if it is none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = document if isinstance(document, dict) else {}
    status, checks = found.get("status"), found.get("checks")
    if status not in ("healthy", "degraded", "unhealthy") or not isinstance(checks, dict):
        return None
    states = {name: check.get("status") if isinstance(check, dict) else None for name, check in checks.items()}
    wrong = sorted((name for name in states if states[name] != "healthy"), key=lambda n: states[n] == "degraded")
    return status, tuple(clean(name, 40) for name in wrong[:100])


def is_page(answer: Answer) -> bool:
    """Return whether an answer is HTML, which the service never sends."""
    start = answer.body[:200].lstrip().lower()
    return "html" in answer.headers.get("content-type", "").lower() or start.startswith((b"<!doctype html", b"<html"))


def better(first: Verdict, second: Verdict) -> Verdict:
    """Return the better of what ``HEALTH`` and ``ALIVE`` gave, and say so if it is the second."""
    chosen = min((first, second), key=lambda verdict: (verdict.state == "failed", verdict.answer.status or 999))
    if chosen is second and second.state == "awake":
        return replace(second, detail=f"by {ALIVE}; {HEALTH} gave {first.detail}")
    return chosen


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait, as a number or as a date after its own; None if it does not."""
    told = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", told):
        return float(told)
    try:
        return (parsedate_to_datetime(told) - parsedate_to_datetime(headers["date"])).total_seconds()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def pause_seconds(tries: int, chance: float, asked: float | None) -> float:
    """Return how long to wait after so many failed tries: doubling, with up to half as much again by ``chance`` (0-1).

    What the server asked for is honoured; never longer than ``LONGEST_WAIT``.
    """
    own = BACK_OFF_SECONDS * 2.0 ** (tries - 1) * (1 + chance / 2)
    return min(max(own, asked or 0.0), LONGEST_WAIT)


def next_due(due: float, now: float, interval: float) -> float:
    """Return the next moment after ``now`` on the grid of ``due``: what was missed is left out, never made up for."""
    return due + interval * max(1.0, math.floor((now - due) / interval) + 1.0)


def clean(text: str, longest: int = 100) -> str:
    """Return a foreign text fit for one line: nothing that moves a cursor, turns writing around or breaks the line."""
    return "".join(c if c.isprintable() else "·" for c in text[:longest])


# --- A ping, and many of them: pure ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ping:
    """A finished ping; ``seconds`` run from its begin to the first byte of the answer that counts, or to giving up."""

    verdict: Verdict
    tries: int
    seconds: float

    @property
    def cold(self) -> bool:
        """Whether the instance had to be woken up."""
        return self.verdict.state != "failed" and (self.tries > 1 or self.seconds > COLD_SECONDS)

    @property
    def sign(self) -> str:
        signs = {"awake": "●", "ill": "▲", "failed": "✗"}
        hazy = self.cold or self.verdict.health == "degraded"
        return "◐" if hazy and self.verdict.state == "awake" else signs[self.verdict.state]

    @property
    def what(self) -> str:
        """What happened, in words."""
        state, detail = self.verdict.state, self.verdict.detail
        if state == "failed":
            return f"FAILED after {count(self.tries, 'try', 'tries')}: {detail}"
        cold = f" after cold start {self.seconds:.1f} s" if self.cold else ""
        return f"{state}{cold}" + (f": {detail}" if state == "ill" else f" ({detail})" if detail else "")


@dataclass(frozen=True, slots=True)
class Tally:
    """What all pings of a run come to, in bounded memory: ``recent`` holds the last ``RECENT`` times in seconds."""

    pings: int = 0
    ill: int = 0
    failed: int = 0
    cold: int = 0
    outages: int = 0
    slowest: float | None = None
    recent: tuple[float, ...] = ()
    down: bool = False

    def after(self, ping: Ping) -> Tally:
        """Return the tally with one more ping; failed ones in a row are one outage."""
        if ping.verdict.state == "failed":
            outages = self.outages + (not self.down)
            return replace(self, pings=self.pings + 1, failed=self.failed + 1, outages=outages, down=True)
        ill, cold = self.ill + (ping.verdict.state == "ill"), self.cold + ping.cold
        slowest, recent = max(self.slowest or 0.0, ping.seconds), (*self.recent, ping.seconds)[-RECENT:]
        return replace(self, pings=self.pings + 1, ill=ill, cold=cold, slowest=slowest, recent=recent, down=False)

    def figures(self) -> dict[str, Any]:
        """Return the summary for machines; what is not known is None. Uptime is rounded down: 100 means all of them."""
        up = math.floor(1000 * (self.pings - self.failed) / self.pings) / 10 if self.pings else None
        p50 = round(statistics.median(self.recent) * 1000) if self.recent else None
        slowest = None if self.slowest is None else round(self.slowest * 1000)
        counted = {"pings": self.pings, "uptime_percent": up, "p50_ms": p50, "slowest_ms": slowest}
        return counted | {name: getattr(self, name) for name in ("cold", "ill", "failed", "outages")}


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def line_of(ping: Ping, now: datetime) -> str:
    """Return the one line for a person."""
    status = ping.verdict.answer.status or "–"
    return f"{now:%Y-%m-%d %H:%M:%S}  {ping.sign} {status:>3} {ping.seconds * 1000:>7.0f} ms  {ping.what}"


def json_of(ping: Ping, now: datetime, url: str) -> str:
    """Return the one line for a machine."""
    verdict, at = ping.verdict, f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    document: dict[str, Any] = {"event": "ping", "time": at, "url": url, "state": verdict.state}
    document |= {"status": verdict.answer.status, "ms": round(ping.seconds * 1000, 1), "tries": ping.tries}
    document |= {"cold_start": ping.cold, "health": verdict.health, "failing": verdict.failing, "what": ping.what}
    return json.dumps(document)


def summary_of(tally: Tally) -> str:
    """Return the last line of a run for a person."""
    found = tally.figures()
    if not tally.pings:
        return "no ping was finished"
    times = f", p50 {found['p50_ms']} ms, slowest {found['slowest_ms']} ms" if tally.recent else ""
    counted = [count(tally.cold, "cold start", "cold starts"), count(tally.outages, "outage", "outages")]
    counted += [f"{tally.failed} failed", f"{tally.ill} ill"]
    return f"{count(tally.pings, 'ping', 'pings')}: up {found['uptime_percent']:g} %{times}, " + ", ".join(counted)


# --- What is wanted -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line and the environment ask for; ``url`` holds no user and no password, ``auth`` does."""

    url: str
    auth: tuple[str, str] | None
    interval: float
    retries: int
    once: bool
    strict: bool
    json: bool
    quiet: bool


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # An argument in the wrong place may be an address with a password.
        told = re.sub(r"[^\s'*]+@", "***@", clean(message, 400))
        self.exit(2, f"{self.prog}: {told}; try --help\n")


def parse_options(arguments: Sequence[str] | None, environ: Mapping[str, str]) -> Options:
    """Return the options; SystemExit with 2 and one line that says what is wrong, or 0 after ``--help``."""
    parser = _Parser(
        prog="keep_alive.py",
        description="Keep a free instance of the signals agent awake.",
        epilog=GUIDE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("url", metavar="URL", nargs="?", help="where it answers, such as https://your-app.onrender.com")
    parser.add_argument("seconds", metavar="SECONDS", nargs="?", help="from ping to ping (300)")
    parser.add_argument("--once", action="store_true", help="ping once and say by the exit code how it was")
    parser.add_argument("--strict", action="store_true", help="with --once: exit with 1 if it is ill, too")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    parser.add_argument("--quiet", action="store_true", help="print only trouble: ill and FAILED")
    given = parser.parse_args(arguments)
    try:
        if given.strict and not given.once:
            raise ValueError("--strict goes with --once")
        if given.seconds is None and re.fullmatch(r"[0-9]+(\.[0-9]+)?", given.url or ""):
            given.url, given.seconds = None, given.url  # a number alone is no address
        url, auth = address_of(given.url or environ.get("RENDER_URL") or "")
        variable, told = "KEEP_ALIVE_INTERVAL", environ.get("KEEP_ALIVE_INTERVAL") or "300"
        name, text = ("SECONDS", given.seconds) if given.seconds is not None else (variable, told)
        interval = number_of(name, text, INTERVALS, r"[0-9]{1,9}(\.[0-9]{1,9})?", "a number")
        told = environ.get("KEEP_ALIVE_MAX_RETRIES") or "3"
        retries = number_of("KEEP_ALIVE_MAX_RETRIES", told, RETRIES, r"[0-9]{1,9}", "a whole number")
    except ValueError as error:
        parser.error(str(error))
    return Options(url, auth, interval, int(retries), given.once, given.strict, given.json, given.quiet)


def number_of(name: str, text: str, allowed: tuple[int, int], form: str, kind: str) -> float:
    """Return the number in a text; ValueError that names it, what it was and what is allowed."""
    if not re.fullmatch(form, text, re.ASCII) or not allowed[0] <= float(text) <= allowed[1]:
        raise ValueError(f"{name} is {text[:40]!r}: must be {kind} from {allowed[0]} to {allowed[1]}")
    return float(text)


def address_of(text: str) -> tuple[str, tuple[str, str] | None]:
    """Return the address without a slash at its end, and user and password; ValueError that never shows the latter."""
    told = text.strip()
    if not told:
        raise ValueError("no URL: give it as the first argument or in RENDER_URL")
    try:
        if "://" not in told:
            told = f"{'http' if is_local(urlsplit(f'//{told}').hostname) else 'https'}://{told}"
        parts = urlsplit(told)
        # https:/host with one slash would be read as a host of that name.
        good = parts.scheme in ("http", "https") and parts.hostname not in (None, "http", "https") and parts.port != 0
        if not good or not told.isprintable() or re.search(r"[?#\\ ]", told) or "@" in parts.path:
            raise ValueError
        path = parts.path.rstrip("/").removesuffix(HEALTH).removesuffix(ALIVE).rstrip("/")
        url = httpx.URL(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}")
    except (ValueError, httpx.InvalidURL):
        shown = re.sub(r"^([a-zA-Z]*://)?.*@", r"\1***@", text.strip(), flags=re.DOTALL)
        shown = re.sub(r"([?#]).+", r"\1…", shown, flags=re.DOTALL)[:100]
        rule = f"must be an http or https address without ? and #, such as {EXAMPLE}"
        raise ValueError(f"URL is {shown!r}: {rule}") from None
    auth = (unquote(parts.username or ""), unquote(parts.password or "")) if "@" in parts.netloc else None
    return str(url).rstrip("/"), auth


def is_local(host: str | None) -> bool:
    """Return whether a host name means this machine."""
    return host in ("localhost", "::1", "0.0.0.0") or (host or "").startswith("127.")


# --- The shell: sockets, clock, signals, output ---------------------------------------------------------------------

Ask = Callable[[str, float], Awaitable[Answer]]
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]
Say = Callable[[str], None]


def client_for(options: Options) -> httpx.AsyncClient:
    """Return a client that follows nothing by itself, keeps no cookie and asks for what a browser does not."""
    return httpx.AsyncClient(
        auth=options.auth,
        follow_redirects=False,
        # A proxy of the environment is for the way out, never for this machine.
        trust_env=not is_local(urlsplit(options.url).hostname),
        timeout=None,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": "signals-keep-alive", "Accept": "application/json", "Accept-Encoding": "identity"},
    )


async def ask(
    client: httpx.AsyncClient, clock: Clock, base: str, path: str, seconds: float, body_seconds: float = BODY_SECONDS
) -> Answer:
    """Return what an address gives, its first byte within some seconds and its body soon after; never raise."""
    began, place = clock(), httpx.URL(base + path)
    try:
        async with asyncio.timeout(seconds) as limit:
            for _ in range(REDIRECTS + 1):
                async with client.stream("GET", place) as response:
                    at, status, onward = clock(), response.status_code, response.next_request
                    if onward is None:
                        limit.reschedule(None)
                        headers = {name.lower(): value for name, value in response.headers.items()}
                        return Answer(at, status, headers, await _start_of(response, body_seconds))
                if not may_follow(place, onward.url):
                    there = clean(f"{onward.url.scheme}://{onward.url.netloc.decode('latin-1')}")
                    return Answer(at, status, problem=f"redirects to {there}")
                place = onward.url
            return Answer(at, status, problem="redirects in a circle")
    except TimeoutError:
        return Answer(clock(), problem=f"no answer in {clock() - began:.0f} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:  # ValueError: a bad name in a redirect
        return Answer(clock(), problem=reason_of(error))


async def _start_of(response: httpx.Response, seconds: float) -> bytes:
    """Return the first bytes of a body as they came, or as many as came in time: a status counts without it."""
    body = bytearray()
    with contextlib.suppress(TimeoutError, httpx.HTTPError, OSError):
        async with asyncio.timeout(seconds):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) >= BODY_BYTES:
                    break
    return bytes(body[:BODY_BYTES])


def may_follow(here: httpx.URL, there: httpx.URL) -> bool:
    """Return whether a redirect stays with the same server: the same host and port, or from http up to https."""
    same_port = (here.scheme, here.port) == (there.scheme, there.port)
    return here.raw_host == there.raw_host and (same_port or (here.scheme, there.scheme) == ("http", "https"))


def reason_of(error: BaseException) -> str:
    """Return in a few words why there was no answer: the innermost cause that has a name, or what the library says."""
    names: tuple[tuple[type[OSError], str], ...] = (
        (socket.gaierror, "unknown host"),
        (ssl.SSLCertVerificationError, "certificate not trusted"),
        (ConnectionRefusedError, "connection refused"),
        (ConnectionResetError, "connection reset"),
    )
    cause: BaseException | None = error
    for _ in range(8):
        for kind, words in names:
            if isinstance(cause, kind):
                return words
        cause = cause and (cause.__cause__ or cause.__context__)
    return clean(str(error) or type(error).__name__)


async def ping(asking: Ask, chance: Callable[[], float], retries: int, note: Say, clock: Clock, sleep: Sleep) -> Ping:
    """Ask until the instance is awake, all tries are spent, or ``PING_SECONDS`` would be over."""
    ends, began, tries = clock() + PING_SECONDS - BODY_SECONDS, clock(), 0
    while True:
        tries += 1
        verdict = judge(await asking(HEALTH, min(TRY_SECONDS, ends - clock())))
        if not verdict.settled:
            verdict = better(verdict, judge(await asking(ALIVE, min(TRY_SECONDS, ends - clock()))))
        answer = verdict.answer
        pause = pause_seconds(tries, chance(), retry_after(answer.headers))
        spent = tries > retries or clock() + pause + SHORTEST_TRY > ends
        if verdict.state != "failed" or spent or (answer.problem and answer.status):
            return Ping(verdict, tries, answer.at - began)
        note(f"try {tries} of {retries + 1}: {verdict.detail}; again in {pause:.0f} s")
        await sleep(pause)


async def watch(
    pinging: Callable[[], Awaitable[Ping]], show: Callable[[Ping], None], interval: float, clock: Clock, sleep: Sleep
) -> Tally:
    """Ping on the grid of the interval until cancelled; return what it came to."""
    tally, due = Tally(), clock()
    try:
        while True:
            done = await pinging()
            tally = tally.after(done)
            show(done)
            due = next_due(due, clock(), interval)
            await sleep(due - clock())
    except asyncio.CancelledError:
        return tally


async def run(options: Options, say: Say, note: Say) -> int:
    """Ping once or until a signal comes; return the exit code."""
    clock, sleep = time.monotonic, asyncio.sleep

    def show(done: Ping) -> None:
        if not options.quiet or done.verdict.state != "awake":
            now = datetime.now().astimezone()
            say(json_of(done, now, options.url) if options.json else line_of(done, now))

    async with client_for(options) as client:
        asking = partial(ask, client, clock, options.url)
        pinging = partial(ping, asking, random.random, options.retries, note, clock, sleep)
        with stopped_by(signal.SIGINT, signal.SIGTERM) as stopped:
            if options.once:
                try:
                    done = await pinging()
                except asyncio.CancelledError:
                    return 128 + stopped[0]
                show(done)
                return exit_code(done, options.strict)
            note(f"a ping of {options.url} every {options.interval:g} s, until ctrl+c")
            if options.interval >= ASLEEP_SECONDS:
                note(f"a free instance falls asleep after {ASLEEP_SECONDS:g} s without a request")
            tally = await watch(pinging, show, options.interval, clock, sleep)
    say(json.dumps({"event": "summary", "url": options.url} | tally.figures()) if options.json else summary_of(tally))
    return 0


def exit_code(done: Ping, strict: bool) -> int:
    """Return how ``--once`` ends."""
    return int(done.verdict.state == "failed" or (strict and done.verdict.state == "ill"))


@contextlib.contextmanager
def stopped_by(*signals: signal.Signals) -> Iterator[list[int]]:
    """Let signals cancel this task, and list those that came. One that was ignored from the start (nohup) stays so."""
    task, loop, came = asyncio.current_task(), asyncio.get_running_loop(), list[int]()

    def stop(number: int, frame: object) -> None:
        came.append(number)
        if len(came) > 1 or task is None:  # nobody reads the output, perhaps: do not wait for that
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(task.cancel)

    before = {number: signal.getsignal(number) for number in signals}
    wanted = [number for number in signals if before[number] is not signal.SIG_IGN]
    for number in wanted:
        signal.signal(number, stop)
    try:
        yield came
    finally:
        for number in wanted:
            signal.signal(number, before[number])


def say(text: str) -> None:
    """Print a line at once; a full disk under the output must not let the instance fall asleep."""
    try:
        print(text, flush=True)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise


def note(text: str) -> None:
    """Tell a person at a terminal what goes on between two lines."""
    if sys.stderr.isatty():
        print(f"  {text}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Return the exit code."""
    options = parse_options(arguments, environ)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        return asyncio.run(run(options, say, note))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # Whoever read the output has gone: end as quietly as SIGPIPE would, also when Python flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13


if __name__ == "__main__":
    sys.exit(main())
