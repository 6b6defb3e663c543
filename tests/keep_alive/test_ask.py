"""One question to real servers on loopback sockets, friendly and hostile."""

import asyncio
import gzip
import socket
import time
from functools import partial

import pytest

from keep_alive import BODY_BYTES, HEALTH, ask, client_for, judge, parse_options, ping
from tests.doubles import FakeClock
from tests.keep_alive.samples import HEALTHY, PAGE, document
from tests.keep_alive.servers import dribbling, reply, standing
from tests.running import free_port


async def asked(url, seconds=5.0, body_seconds=5.0, clock=time.monotonic):
    """Return what ``ask`` makes of an address."""
    options = parse_options([url], {})
    async with client_for(options) as client:
        return await ask(client, clock, options.url, HEALTH, seconds, body_seconds)


def answer_of(serve, **limits):
    """Return the answer and the requests of one question to a server."""

    async def scene():
        async with standing(serve) as server:
            return await asked(server.url, **limits), server.asked

    return asyncio.run(scene())


def serves(status, body=b"", **headers):
    return lambda request: reply(status, body, **headers)


@pytest.mark.parametrize(
    ("status", "body", "headers", "state"),
    [
        (200, HEALTHY, {"Content_Type": "application/json"}, "awake"),
        (200, document("degraded", alerts="degraded"), {}, "awake"),
        (503, document("unhealthy", queue="unhealthy"), {}, "ill"),
        (200, PAGE, {"Content_Type": "text/html"}, "failed"),
        (502, PAGE, {}, "failed"),
        (503, PAGE, {}, "failed"),
        (403, b"", {}, "awake"),
        (429, b"", {"Retry_After": "60"}, "awake"),
        (404, b"Not Found", {"X_Render_Routing": "no-server"}, "failed"),
    ],
)
def test_what_a_server_says_is_read_as_it_stands(status, body, headers, state):
    answer, requests = answer_of(serves(status, body, **headers))

    assert (answer.status, answer.body, judge(answer).state) == (status, body, state)
    assert [request.path for request in requests] == [HEALTH]


def test_a_browser_is_not_imitated_and_nothing_compressed_is_asked_for():
    _, [request] = answer_of(serves(200, HEALTHY))

    assert request.headers["accept"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(bytes(50_000_000))
    answer, _ = answer_of(serves(200, bomb, Content_Encoding="gzip"))

    assert answer.body == bomb[:BODY_BYTES]


def test_a_body_without_end_is_read_to_its_bound():
    async def endless(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    answer, _ = answer_of(endless)

    assert (answer.status, answer.body) == (200, b"x" * BODY_BYTES)


def test_a_head_without_end_is_no_answer():
    async def endless(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X: y\r\n" * 1000)
            await writer.drain()

    answer, _ = answer_of(endless)

    assert answer.status is None
    assert answer.problem


def test_a_dribbled_head_is_given_up_in_time():
    answer, _ = answer_of(dribbling(b"HTTP/1.1 200 OK\r\nX: "), seconds=0.2)

    assert (answer.status, answer.problem) == (None, "no answer in 0 s")


def test_a_dribbled_body_costs_a_bounded_time_and_leaves_the_status():
    answer, _ = answer_of(dribbling(b"HTTP/1.1 200 OK\r\n\r\n"), body_seconds=0.2)

    assert answer.status == 200
    assert set(answer.body) == {ord("x")}


def test_a_body_that_breaks_off_leaves_the_status():
    async def cut(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()

    answer, _ = answer_of(cut)

    assert (answer.status, answer.body, answer.problem) == (200, b"half", "")


def test_a_slow_first_byte_is_measured_without_the_body():
    clock = FakeClock(0.0)

    async def slow(request, writer):
        clock.advance(52.0)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        await writer.drain()
        writer.write(b"body")
        await writer.drain()

    answer, _ = answer_of(slow, clock=clock)

    assert (answer.at, answer.body) == (52.0, b"body")


def test_a_cold_start_over_a_socket():
    clock, waking = FakeClock(0.0), [reply(502, PAGE), reply(502, PAGE), reply(200, HEALTHY)]

    async def sleep(seconds):
        clock.advance(seconds)

    async def scene():
        async with (
            standing(lambda request: waking.pop(0)) as server,
            client_for(parse_options([server.url], {})) as client,
        ):
            asking = partial(ask, client, clock, server.url)
            return await ping(asking, lambda: 0.0, 3, lambda text: None, clock, sleep)

    assert asyncio.run(scene()).what == "awake after cold start 8.0 s"


def test_nobody_there_is_refused():
    answer = asyncio.run(asked(f"http://127.0.0.1:{free_port()}"))

    assert (answer.status, answer.problem) == (None, "connection refused")


def test_a_reset_is_said():
    async def reset(request, writer):
        # No lingering: closing sends a reset.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    answer, _ = answer_of(reset)

    assert (answer.status, answer.problem) == (None, "connection reset")


def test_a_closing_without_a_word_is_said():
    async def silent(request, writer):
        pass

    answer, _ = answer_of(silent)

    assert answer.problem == "Server disconnected without sending a response."


def test_an_unknown_host_is_said():
    answer = asyncio.run(asked("http://nowhere.invalid"))

    assert answer.problem == "unknown host"


def test_a_server_without_tls_is_no_answer_over_https():
    async def scene():
        ended = asyncio.Event()

        async def greet(reader, writer):
            writer.write(b"220 this speaks something else\r\n")
            writer.close()
            await writer.wait_closed()
            ended.set()

        async with await asyncio.start_server(greet, "127.0.0.1", 0) as listener:
            answer = await asked(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
            await ended.wait()
            return answer

    answer = asyncio.run(scene())
    assert answer.status is None
    assert "SSL" in answer.problem
    assert answer.problem.isprintable()


# --- Redirects -----------------------------------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_is_followed_with_the_password():
    def moved(request):
        return reply(200, HEALTHY) if request.path == "/there" else reply(302, b"", Location="/there")

    async def scene():
        async with standing(moved) as server:
            answer = await asked(server.url.replace("//", "//me:secret@"))
            return answer, [request.headers["authorization"] for request in server.asked]

    answer, passwords = asyncio.run(scene())
    assert (answer.status, answer.body) == (200, HEALTHY)
    assert passwords == ["basic bwu6c2vjcmv0"] * 2  # the server of the tests lowers its headers


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://other.example/login?token=s3cret", "https://other.example"),
        ("//other.example/", "http://other.example"),
        ("http://localhost:1/", "http://localhost:1"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1"),
        ("ftp://127.0.0.1/", "ftp://127.0.0.1"),
        ("http://me:s3cret@other.example/", "http://other.example"),
        ("http://b\u00fccher.example/", "http://"),
    ],
)
def test_a_redirect_elsewhere_is_reported_and_not_followed(location, shown):
    answer, requests = answer_of(lambda request: reply(301, b"", Location=location))

    assert judge(answer).state == "failed"
    assert answer.problem.startswith(f"redirects to {shown}")
    assert "s3cret" not in answer.problem
    assert len(requests) == 1


def test_a_circle_ends():
    answer, requests = answer_of(serves(302, b"", Location=HEALTH))

    assert (answer.status, answer.problem, len(requests)) == (302, "redirects in a circle", 6)


@pytest.mark.parametrize("location", ["http://[", "http://xn--\u00e4", "http://a:99999999/", "http://xn--zzzzzzzz\x01"])
def test_a_redirect_to_nonsense_is_no_answer_and_no_crash(location):
    answer, _ = answer_of(lambda request: reply(302, b"", Location=location))

    assert judge(answer).state == "failed"
    assert judge(answer).detail.isprintable()
