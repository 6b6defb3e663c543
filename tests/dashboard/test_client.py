"""The client against servers on real sockets: what it learns from good ones, and that no bad one can hurt it."""

import asyncio
import contextlib
import time

import pytest

from dashboard.client import Client, Explored
from dashboard.config import Target
from dashboard.model.exposition import SAMPLES_AT_MOST
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.model.target import TargetModel
from dashboard.reading import JSON_MARKS_AT_MOST
from tests.dashboard.servers import SCRAPE, STATS, healthy, reply, serving


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 20))


def polled(answer, token=None, times=1, poll_seconds=5.0):
    """Poll a server ``times`` times; return the last answer and what the server was asked."""

    async def scene():
        async with serving(answer) as server, client_of(server, token, poll_seconds) as client:
            for _ in range(times):
                found = await client.poll()
            return found, server.asked

    return run(scene())


@contextlib.asynccontextmanager
async def client_of(server, token=None, poll_seconds=5.0, interval=1.0):
    client = Client(Target("t", server.url, token, interval), poll_seconds=poll_seconds)
    try:
        yield client
    finally:
        await client.close()


def told(answer, do, token=None):
    async def scene():
        async with serving(answer) as server, client_of(server, token) as client:
            return await do(client), server.asked

    return run(scene())


def test_a_poll_brings_the_figures_of_stats_and_the_samples_of_metrics():
    found, asked = polled(healthy)
    assert isinstance(found, Snapshot)
    assert (found.service.name, found.service.instance) == ("signals-agent", "web-1")
    assert found.figures["queue.capacity"] == 100.0
    assert found.metrics.samples["signals_queue_depth"] == {(): 3.0}
    assert 0 < found.seconds < 5
    assert [request.path for request in asked] == ["/api/monitoring/stats", "/api/monitoring/metrics"]
    assert "authorization" not in asked[0].headers


def test_the_token_goes_with_each_poll_and_shows_in_no_repr():
    _, asked = polled(healthy, token="s3cret")
    assert {request.headers["authorization"] for request in asked} == {"bearer s3cret"}
    assert "s3cret" not in repr(Target("t", "http://x", "s3cret"))


def test_nothing_is_asked_for_compressed():
    _, asked = polled(healthy)
    assert asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (lambda asked: reply(401), "unauthorized", "set OPERATOR_TOKEN"),
        (
            lambda asked: reply(302, Location="http://evil.example/\x1b[31m"[:-5]),
            "redirect",
            "redirects to http://evil",
        ),
        (lambda asked: reply(404), "not_the_service", "has no monitoring"),
        (lambda asked: reply(500, "boom"), "status", "answers 500"),
        (lambda asked: reply(503), "status", "answers 503"),
        (lambda asked: reply(200, "<html>"), "garbage", "not the JSON"),
        (lambda asked: reply(200, "[" * 50_000), "garbage", "not the JSON"),
        (lambda asked: reply(200, b"\xff\xfe"), "garbage", "not the JSON"),
        (lambda asked: reply(200, "9" * 9999), "not_the_service", "not the stats"),
        (lambda asked: reply(200, "[]"), "not_the_service", "not the stats"),
        (lambda asked: reply(200, {"status": "ok"}), "not_the_service", "not the stats"),
        (lambda asked: reply(200, "[" + "1," * JSON_MARKS_AT_MOST + "1]"), "too_large", "more than"),
        (lambda asked: reply(200, "x" * 4_100_000), "too_large", "larger than 4 MB"),
        (lambda asked: reply(200, "{}", Content_Encoding="gzip"), "garbage", "compressed"),
        (lambda asked: b"SSH-2.0-OpenSSH\r\n\r\n", "garbage", "not HTTP"),
        (lambda asked: b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", "garbage", ""),
        (lambda asked: healthy(asked, scrape="a 1\na 2\n"), "garbage", "metrics line 2"),
        (lambda asked: healthy(asked, scrape="half a li"), "garbage", "end in the middle"),
        (lambda asked: healthy(asked, scrape=b"\xff\n"), "garbage", "not UTF-8"),
        (lambda asked: healthy(asked, scrape="a 1\n" * 100_000), "garbage", "repeats"),
        (lambda asked: healthy(asked, scrape="".join(f"a{i} 1\n" for i in range(30_000))), "garbage", "10000 samples"),
        (lambda asked: healthy(asked, scrape="#\n" * 8_100_000), "too_large", "larger than 16 MB"),
        (lambda asked: healthy(asked, scrape='a{b="' + "x" * 10_000_000 + '"} 1\n'), "garbage", "longer than"),
    ],
)
def test_whatever_a_server_answers_it_is_a_failure_in_words(answer, kind, says):
    found, _ = polled(answer)
    assert isinstance(found, Failure)
    assert found.kind == kind
    assert says in found.reason
    assert found.reason.isprintable()
    assert len(found.reason) <= 200


def test_a_token_that_is_refused_is_said_to_be():
    found, _ = polled(lambda asked: reply(401), token="wrong")
    assert found.reason == "the token is refused (401)"


def test_a_redirect_is_never_followed_so_the_token_stays():
    async def scene():
        async with serving(healthy) as elsewhere:

            def astray(asked):
                return reply(307, Location=elsewhere.url + asked.path)

            async with serving(astray) as server, client_of(server, "s3cret") as client:
                return await client.poll(), len(server.asked), elsewhere.asked

    found, times, elsewhere = run(scene())
    assert (found.kind, times, elsewhere) == ("redirect", 1, [])


def test_fields_of_the_wrong_type_are_unknown_and_the_poll_is_good():
    stats = STATS | {"queue": [1], "alerts": "none", "service": {"name": 7, "uptime_seconds": "long"}}
    found, _ = polled(lambda asked: healthy(asked, stats))
    assert (found.service.name, found.alerts) == ("", ())


@pytest.mark.parametrize(
    "location", ["http://[", "//", "http://x:99999999/", "http://\xff/", "", "gopher://x", "http://a" * 5000]
)
def test_no_location_of_a_redirect_does_any_harm(location):
    found, _ = polled(lambda asked: reply(302, Location=location))
    assert found.kind in ("redirect", "garbage")


def test_no_cookie_is_kept():
    _, asked = polled(lambda asked: reply(503, Set_Cookie="a=b; Path=/"), times=2)
    assert len(asked) == 2
    assert "cookie" not in asked[1].headers


def test_where_nobody_listens_the_service_is_unreachable():
    async def scene():
        async with serving(healthy) as server:
            url = server.url
        client = Client(Target("t", url))
        try:
            return await client.poll()
        finally:
            await client.close()

    found = run(scene())
    assert (found.kind, found.reason) == ("unreachable", "connection refused")


def test_a_dribbling_server_cannot_hold_a_poll_beyond_its_deadline():
    async def dribble(asked, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    started = time.monotonic()
    found, _ = polled(dribble, poll_seconds=0.3)
    assert found.kind == "timeout"
    assert time.monotonic() - started < 3


def test_an_endless_answer_ends_at_its_bound():
    async def endless(asked, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
            await writer.drain()

    found, _ = polled(endless)
    assert found.kind == "too_large"


def test_an_answer_that_breaks_off_is_a_failure():
    async def half(asked, writer):
        writer.write(reply(200, STATS)[:-20])
        await writer.drain()

    found, _ = polled(half)
    assert (found.kind, found.reason) == ("garbage", "the answer broke off in the middle")


def test_figures_of_two_instances_are_never_mixed():
    def two(asked):
        name = "web-1" if asked.path.endswith("stats") else "web-2"
        return reply(200, STATS if name == "web-1" else SCRAPE, X_Instance_ID=name)

    found, _ = polled(two)
    assert found.service.instance == "web-1"
    assert found.metrics.samples == {}


def test_a_large_answer_never_holds_the_screen_for_long():
    """While the largest answer allowed is parsed and taken the loop goes on; the margin is for a busy machine."""
    big = STATS | {"jobs": [{"id": "x" * 40}] * (JSON_MARKS_AT_MOST // 2 - 50)}
    series = (f'http_requests_total{{endpoint="/{number}",status="200"}} 1\n' for number in range(SAMPLES_AT_MOST))
    scrape, held = "".join(series), []

    async def longest_hold(client, model):
        poll, longest = asyncio.create_task(client.poll()), 0.0
        while not poll.done():
            before = time.monotonic()
            await asyncio.sleep(0)
            longest = max(longest, time.monotonic() - before)
        before = time.monotonic()
        model.take(await poll)
        return max(longest, time.monotonic() - before)

    async def scene():
        async with (
            serving(lambda asked: healthy(asked, big, scrape)) as server,
            client_of(server, None, 15.0) as client,
        ):
            model = TargetModel(client.target)
            for _ in range(4):
                held.append(await longest_hold(client, model))
            return model

    assert isinstance(run(scene()).latest, Snapshot)
    assert min(held) < 0.25


def test_a_model_survives_a_restart_with_another_instance():
    state = {"instance": "web-1", "uptime": 60.0, "count": 50}

    def answer(asked):
        state["count"] += 5
        stats = STATS | {
            "service": STATS["service"] | {"instance": state["instance"], "uptime_seconds": state["uptime"]}
        }
        scrape = f'http_requests_total{{endpoint="/a",method="GET",status="200"}} {state["count"]}\n'
        return healthy(asked, stats, scrape)

    async def scene():
        async with serving(answer) as server, client_of(server) as client:
            model = TargetModel(client.target)
            for instance in ("web-1", "web-2"):
                state.update(instance=instance, uptime=0.0 if instance == "web-2" else 60.0, count=0)
                for _ in range(3):
                    model.take(await client.poll())
            return model

    model = run(scene())
    known = [point.value for point in model.vital("requests", time.monotonic(), 60).trend if point.value is not None]
    assert model.latest.service.instance == "web-2"
    assert len(known) == 4
    assert min(known) >= 0


def test_the_loop_polls_on_backs_off_after_failures_and_recovers():
    answers, taken = [reply(500), None, None], []

    def answer(asked):
        first = answers.pop(0) if answers and asked.path.endswith("stats") else None
        return first or healthy(asked)

    async def scene():
        async with serving(answer) as server, client_of(server, interval=0.05) as client:
            done = asyncio.Event()
            tries = []

            def take(found):
                taken.append(found)
                tries.append(client.next_try)
                if len(taken) == 4:
                    done.set()

            loop = asyncio.create_task(client.run(take, lambda: False))
            await done.wait()
            loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await loop
            return tries

    tries = run(scene())
    assert isinstance(taken[0], Failure)
    assert all(isinstance(found, Snapshot) for found in taken[1:])
    assert tries[0] is not None
    assert tries[1:] == [None] * 3
    assert taken[1].at - taken[0].at >= 0.7


def test_while_paused_nothing_is_asked():
    async def scene():
        paused = True
        async with serving(healthy) as server, client_of(server, interval=0.02) as client:
            done = asyncio.Event()
            loop = asyncio.create_task(client.run(lambda found: done.set(), lambda: paused))
            await asyncio.sleep(0.1)
            asked_while_paused = len(server.asked)
            paused = False
            await done.wait()
            loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await loop
            return asked_while_paused

    assert run(scene()) == 0


def test_exploring_asks_as_a_consumer_would():
    found, asked = told(
        lambda asked: reply(200, {"signals": []}, X_Cache="hit"),
        lambda client: client.explore("kids & cars", 5),
        "s3cret",
    )
    assert (found.status, found.document, found.problem) == (200, {"signals": []}, None)
    assert ("x-cache", "hit") in found.headers
    assert asked[0].path == "/api/signals?spec=kids+%26+cars&max_results=5"
    assert "authorization" not in asked[0].headers


@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        (reply(429, {"detail": "Wait 7 seconds."}), 429, "Wait 7 seconds (429)"),
        (reply(400, {"title": "Invalid input"}), 400, "Invalid input (400)"),
        (reply(500, {"detail": 7}), 500, "answered 500"),
        (reply(200, "[1]"), 200, "answered 200 without a JSON object"),
        (reply(200, "hello"), None, "the answer is not the JSON that it should be"),
    ],
)
def test_exploring_says_why_there_is_no_answer(answer, status, problem):
    found, _ = told(lambda asked: answer, lambda client: client.explore("cars"))
    assert isinstance(found, Explored)
    assert (found.status, found.problem) == (status, problem)


def test_a_warm_up_is_started_with_the_token_and_told_in_a_sentence():
    begun = reply(202, {"status": "warming", "joined": False, "specs": ["cars", "food"]})
    said, asked = told(lambda asked: begun, lambda client: client.warm_up(), "s3cret")
    assert said == "Warm-up of 2 queries started."
    assert (asked[0].method, asked[0].path) == ("POST", "/api/monitoring/warmup")
    assert asked[0].headers["authorization"] == "bearer s3cret"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (reply(202, {"joined": True}), "A warm-up was running already."),
        (reply(200, "[]"), "Warm-up started."),
        (reply(401, {"detail": "A token is required."}), "The warm-up did not start: A token is required (401)"),
        (reply(502, "<html>"), "The warm-up did not start: the answer is not the JSON that it should be"),
    ],
)
def test_a_warm_up_says_what_happened(answer, sentence):
    assert told(lambda asked: answer, lambda client: client.warm_up())[0] == sentence


def test_a_block_is_lifted_by_the_name_of_the_client():
    said, asked = told(lambda asked: reply(200, {}), lambda client: client.lift_block("2001:db8::/../x"))
    assert said == "The block of 2001:db8::/../x is lifted."
    assert (asked[0].method, asked[0].path) == ("DELETE", "/api/monitoring/blocks/2001%3Adb8%3A%3A%2F..%2Fx")


def test_a_block_that_stays_says_why():
    none = reply(404, {"detail": "No block runs for this client."})
    said, _ = told(lambda asked: none, lambda client: client.lift_block("1.2.3.4"))
    assert said == "The block of 1.2.3.4 stays: No block runs for this client (404)"
    assert told(lambda asked: reply(204), lambda client: client.lift_block("1.2.3.4"))[0].endswith("is lifted.")


def test_whoever_is_in_a_hurry_waits_for_no_interval():
    taken = []

    async def scene():
        async with serving(healthy) as server, client_of(server, interval=3600.0) as client:
            three = asyncio.Event()

            def take(found):
                taken.append(found)
                if len(taken) == 3:
                    three.set()
                else:
                    assert client.hurry()

            loop = asyncio.create_task(client.run(take, lambda: False))
            await asyncio.wait_for(three.wait(), 20)
            loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await loop

    run(scene())
    assert all(isinstance(found, Snapshot) for found in taken)


SHARED = STATS | {"clients": {"store": "redis", "store_ok": True}}
OTHER = SHARED | {"service": STATS["service"] | {"instance": "web-2"}}
FLEET = {"instances": [SHARED, OTHER], "totals": {"requests": {"rate": 7.5}}}


def behind_redis(asked, fleet=FLEET, status=200):
    if asked.path == "/api/monitoring/stats?scope=fleet":
        return reply(status, fleet, X_Instance_ID="web-1")
    return healthy(asked, SHARED)


def test_an_instance_behind_redis_is_asked_about_all_of_them_in_the_place_of_its_own_stats():
    found, asked = polled(behind_redis, times=2)

    assert [one.service.instance for one in found.fleet] == ["web-1", "web-2"]
    assert found.totals == {"requests.rate": 7.5}
    assert found.service.instance == "web-1"
    paths = [request.path for request in asked if "stats" in request.path]
    assert paths == ["/api/monitoring/stats", "/api/monitoring/stats?scope=fleet"]


def test_what_was_told_of_all_is_not_asked_for_at_every_poll():
    found, asked = polled(behind_redis, times=4)

    assert sum("scope" in request.path for request in asked) == 1
    assert len(found.fleet) == 2


def test_an_older_version_that_does_not_know_the_question_is_asked_the_old_one():
    found, asked = polled(lambda asked: behind_redis(asked, status=400), times=2)

    assert isinstance(found, Snapshot)
    assert (found.fleet, found.service.instance) == ((), "web-1")
    assert [request.path for request in asked if "stats" in request.path][1:] == [
        "/api/monitoring/stats?scope=fleet",
        "/api/monitoring/stats",
    ]


@pytest.mark.parametrize(
    "fleet", [{}, {"instances": []}, {"instances": "all"}, {"instances": [{}]}, {"instances": [SHARED, 5]}, {"a": []}]
)
def test_an_answer_about_all_that_makes_no_sense_is_a_failure(fleet):
    found, _ = polled(lambda asked: behind_redis(asked, fleet), times=2)

    assert isinstance(found, Failure)
    assert found.kind == "not_the_service"
