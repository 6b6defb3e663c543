"""``python keep_alive.py`` as its users run it: a process with an output, signals and an exit code."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keep_alive import main
from tests.keep_alive.samples import HEALTHY, PAGE, document
from tests.keep_alive.servers import reply, standing
from tests.running import PATIENCE, Running, free_port

PROGRAM = Path(__file__).parent.parent.parent / "keep_alive.py"
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("RENDER", "KEEP_ALIVE"))}
ILL = document("unhealthy", queue="unhealthy", alerts="degraded")


@contextlib.asynccontextmanager
async def running(*arguments, before=(), **environ):
    process = await asyncio.create_subprocess_exec(
        *before, sys.executable, str(PROGRAM), *arguments, env=CLEAN | environ, cwd="/", stdout=-1, stderr=-1
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def once(*arguments, **environ):
    """Return the exit code, the output and what came on the other channel."""
    async with asyncio.timeout(PATIENCE), running("--once", *arguments, **environ) as process:
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


def once_at(serve, *arguments, url=lambda url: url):
    async def scene():
        async with standing(serve) as server:
            return await once(url(server.url), *arguments, KEEP_ALIVE_MAX_RETRIES="0"), server.asked

    return asyncio.run(scene())


@pytest.mark.parametrize(
    ("status", "body", "arguments", "code", "told"),
    [
        (200, HEALTHY, (), 0, r"● 200 +\d+ ms  awake"),
        (200, document("degraded", alerts="degraded"), ("--strict",), 0, r"◐ 200 +\d+ ms  awake \(degraded: alerts\)"),
        (503, ILL, (), 0, r"▲ 503 +\d+ ms  ill: queue, alerts"),
        (503, ILL, ("--strict",), 1, r"▲ 503 +\d+ ms  ill: queue, alerts"),
        (502, PAGE, (), 1, r"✗ 502 +\d+ ms  FAILED after 1 try: HTTP 502"),
        (200, PAGE, (), 1, r"✗ 200 +\d+ ms  FAILED after 1 try: HTTP 200 with a web page, not the service"),
        (401, b"", (), 0, r"● 401 +\d+ ms  awake \(HTTP 401\)"),
    ],
)
def test_once_prints_one_line_and_ends_with_its_code(status, body, arguments, code, told):
    (found, out, err), _ = once_at(lambda request: reply(status, body), *arguments)

    assert (found, err) == (code, "")
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d  {told}\n", out)


def test_the_plain_address_is_the_second_resort():
    (code, out, _), asked = once_at(lambda request: reply(*((200, b"{}") if request.path == "/health" else (404, b""))))

    assert code == 0
    assert out.endswith("awake (by /health; /api/monitoring/health gave HTTP 404)\n")
    assert [request.path for request in asked] == ["/api/monitoring/health", "/health"]


def test_nobody_there_ends_with_1():
    code, out, _ = asyncio.run(once(f"localhost:{free_port()}", KEEP_ALIVE_MAX_RETRIES="0"))

    assert code == 1
    assert out.endswith("FAILED after 1 try: connection refused\n")


def test_what_cannot_be_meant_ends_with_2():
    code, out, err = asyncio.run(once(RENDER_URL=""))

    assert (code, out) == (2, "")
    assert err == "keep_alive.py: no URL: give it as the first argument or in RENDER_URL; try --help\n"


def test_json_for_machines_and_quiet_for_cron():
    (_, out, _), _ = once_at(lambda request: reply(503, ILL), "--json")
    assert json.loads(out)["failing"] == ["queue", "alerts"]

    assert once_at(lambda request: reply(200, HEALTHY), "--quiet")[0][:2] == (0, "")
    assert "ill: queue" in once_at(lambda request: reply(503, ILL), "--quiet")[0][1]


def test_a_password_is_sent_and_never_shown():
    (code, out, err), [request] = once_at(
        lambda request: reply(200, HEALTHY), "--json", url=lambda url: url.replace("//", "//me:s3cret@")
    )

    assert code == 0
    assert request.headers["authorization"].startswith("basic ")
    assert "s3cret" not in out + err


def test_an_output_that_knows_no_signs_gets_question_marks():
    async def scene():
        async with standing(lambda request: reply(200, HEALTHY)) as server:
            return await once(server.url, PYTHONIOENCODING="ascii")

    code, out, err = asyncio.run(scene())
    assert (code, err) == (0, "")
    assert "? 200" in out


def once_at_the_real(service, capsys, *arguments):
    environ = {"RENDER_URL": "{}:{}".format(*service.address), "KEEP_ALIVE_MAX_RETRIES": "0"}
    code = main(["--once", "--json", *arguments], environ)
    return code, json.loads(capsys.readouterr().out)


def test_the_real_service_is_awake(tmp_path, capsys):
    with Running(tmp_path) as service:
        code, told = once_at_the_real(service, capsys, "--strict")

    assert code == 0
    assert (told["state"], told["status"], told["tries"]) == ("awake", 200, 1)
    assert told["health"] in ("healthy", "degraded")


def test_the_real_service_without_a_catalogue_is_ill(tmp_path, capsys):
    (tmp_path / "signals.db").write_bytes(b"this is no database, whatever else it may be. " * 200)
    with Running(tmp_path) as service:
        lax, strict = once_at_the_real(service, capsys), once_at_the_real(service, capsys, "--strict")

    assert (lax[0], strict[0]) == (0, 1)
    assert (lax[1]["state"], lax[1]["status"]) == ("ill", 503)
    assert lax[1]["what"].startswith("ill: catalogue")


def test_a_run_leaves_the_handlers_of_signals_as_they_were(tmp_path, capsys):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Running(tmp_path) as service:
        once_at_the_real(service, capsys)

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


# --- Until a signal ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_with_a_summary_and_0(number):
    async def scene():
        async with (
            asyncio.timeout(PATIENCE),
            standing(lambda request: reply(200, HEALTHY)) as server,
            running(server.url) as process,
        ):
            line = await process.stdout.readline()
            process.send_signal(number)
            out, err = await process.communicate()
            return process.returncode, line.decode(), out.decode(), err.decode()

    code, line, out, err = asyncio.run(scene())
    assert (code, err) == (0, "")
    assert line.endswith("awake\n")
    assert re.fullmatch(
        r"1 ping: up 100 %, p50 \d+ ms, slowest \d+ ms, 0 cold starts, 0 outages, 0 failed, 0 ill\n", out
    )


def test_the_summary_for_machines_is_one_more_line():
    async def scene():
        async with (
            asyncio.timeout(PATIENCE),
            standing(lambda request: reply(503, ILL)) as server,
            running(server.url, "--json") as process,
        ):
            await process.stdout.readline()
            process.send_signal(signal.SIGINT)
            return (await process.communicate())[0], server.url

    out, url = asyncio.run(scene())
    summary = json.loads(out)
    assert (summary["event"], summary["url"]) == ("summary", url)
    assert (summary["pings"], summary["uptime_percent"], summary["ill"]) == (1, 100.0, 1)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_once_that_was_stopped_claims_nothing(number, code):
    async def scene():
        arrived = asyncio.Event()

        async def hold(request, writer):
            arrived.set()
            await asyncio.Event().wait()

        async with asyncio.timeout(PATIENCE), standing(hold) as server, running(server.url, "--once") as process:
            await arrived.wait()
            process.send_signal(number)
            return await process.communicate(), process.returncode

    assert asyncio.run(scene()) == ((b"", b""), code)


def test_an_interrupt_that_was_ignored_from_the_start_stays_ignored():
    async def scene():
        async with (
            asyncio.timeout(PATIENCE),
            standing(lambda request: reply(200, HEALTHY)) as server,
            running(server.url, "1", before=("sh", "-c", "trap '' INT; exec \"$@\"", "-")) as process,
        ):
            await process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert (await process.stdout.readline()).endswith(b"awake\n")
            process.send_signal(signal.SIGTERM)
            out, _ = await process.communicate()
            return process.returncode, out

    code, out = asyncio.run(scene())
    assert code == 0
    assert out.startswith(b"2 pings: ")


def test_a_reader_that_goes_ends_the_run_without_a_word():
    async def scene():
        reading, writing = os.pipe()
        async with asyncio.timeout(PATIENCE), standing(lambda request: reply(200, HEALTHY)) as server:
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(PROGRAM), server.url, "1", env=CLEAN, stdout=writing, stderr=-1
            )
            os.close(writing)
            os.close(reading)
            return (await process.communicate())[1], process.returncode

    assert asyncio.run(scene()) == (b"", 141)


def test_a_machine_without_httpx_is_told_what_to_install(tmp_path):
    (tmp_path / "httpx.py").write_text("raise ModuleNotFoundError('httpx')")
    told = subprocess.run(
        [sys.executable, PROGRAM, "a.example"],
        env=CLEAN | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert (told.returncode, told.stderr) == (2, "keep_alive.py needs httpx: python3 -m pip install httpx\n")
