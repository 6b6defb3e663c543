"""``python -m service``: a bad setting stops the start with one line, a good one serves."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from dataclasses import fields
from pathlib import Path

import pytest

from service import VERSION
from service.__main__ import main
from service.settings import Settings
from tests.running import PATIENCE, environment, free_port, open_fifo, wait_for

ROOT = Path(__file__).parent.parent
BAD = {
    "HOST": "no host!",
    "PORT": "80000",
    "METRICS_HOST": "a b",
    "METRICS_PORT": "-1",
    "OPERATOR_TOKEN": "short",
    "ALLOWED_ORIGINS": "buyer.example",
    "TRUSTED_PROXIES": "everybody",
    "RATE_LIMIT": "0",
    "KEY_RATE_LIMIT": "0",
    "BLOCKING": "perhaps",
    "BLOCK_SCORE": "0",
    "BLOCK_ALLOW": "10.0.0.0/99",
    "REDIS_URL": "http://localhost",
    "REDIS_WAIT_SECONDS": "0",
    "SLOTS": "two",
    "QUEUE_SIZE": "-1",
    "QUEUE_WAIT_SECONDS": "61",
    "CONNECTION_LIMIT": "0",
    "CLIENT_CONNECTIONS": "1.5",
    "REQUEST_DEADLINE_SECONDS": "0",
    "CATALOGUE_UPLOAD_BYTES": "1 potato",
    "CATALOGUE_URL": "file://there/catalogue.csv",
    "CATALOGUE_REFRESH_SECONDS": "soon",
    "CACHE_TTL_SECONDS": "-1",
    "CACHE_STALE_SECONDS": "nan",
    "CACHE_ENTRIES": "0",
    "CACHE_BYTES": "1",
    "GEMINI_API_KEY": "two words",
    "GEMINI_MODEL": "?",
    "GEMINI_API_ENDPOINT": "ftp://a",
    "AI_PROVIDER": "claude",
    "AI_BASE_URL": "ftp://a",
    "AI_MODEL": "?",
    "AI_API_KEY": "two words",
    "AI_WAIT_SECONDS": "1000",
    "AI_TIMEOUT_SECONDS": "1000",
    "AI_CONCURRENCY": "0",
    "AI_CACHE_TTL_SECONDS": "-1",
    "AI_WARM_CALLS_PER_DAY": "-1",
    "AI_PROPOSALS": "maybe",
    "LOCAL_RANKING": "fast",
    "RANKING_PROCESSES": "-1",
    "ACTIVATION_SECRET": "too short",
    "ALLOWED_HOSTS": "https://a.example",
    "MCP_AUTH": "yes",
    "ADCP_MARKETPLACE": "maybe",
    "BASE_URL": "ftp://a",
    "WARM_INTERVAL_SECONDS": "1",
    "WARM_QUERIES": ",",
    "ALERT_WEBHOOK_URL": "ftp://example.org/secret",
    "INSTANCE_ID": "a b",
    "LOG_LEVEL": "loud",
    "LOG_FORMAT": "xml",
    "DRAIN_SECONDS": "soon",
}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Call ``main`` with an environment of its own; returns the exit code, standard output and standard error."""

    def call(*arguments, **settings):
        for row in fields(Settings):
            monkeypatch.delenv(row.metadata["variable"], raising=False)
        for name, value in environment(tmp_path, settings).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code
        finally:
            # A start that failed leaves it held back, in what is its last moment otherwise.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def own_signals():
    """Give back what a service takes over of its process."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    handlers, interval, loggers = [*map(signal.getsignal, numbers)], sys.getswitchinterval(), [*logging.root.handlers]
    for number in numbers:
        # A service that did not start must not let the signal end the tests.
        signal.signal(number, lambda *_: None)
    yield
    for number, handler in zip(numbers, handlers, strict=True):
        signal.signal(number, handler)
    sys.setswitchinterval(interval)
    logging.root.handlers[:] = loggers


@pytest.mark.parametrize(("variable", "value"), BAD.items(), ids=BAD)
def test_a_bad_setting_ends_the_start_with_2_and_one_line_that_names_it(run, variable, value):
    code, out, err = run(**{variable: value})

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"{variable}=")
    assert "must be" in err
    secret = variable in (
        "OPERATOR_TOKEN",
        "ALERT_WEBHOOK_URL",
        "GEMINI_API_KEY",
        "AI_API_KEY",
        "CATALOGUE_URL",
        "REDIS_URL",
        "ACTIVATION_SECRET",
    )
    assert ("***" if secret else value) in err
    assert not secret or value not in err


def test_every_setting_that_can_be_bad_is_tried():
    paths = {"DATABASE_PATH", "STATE_PATH", "OPERATOR_TOKEN_FILE", "GEMINI_API_KEY_FILE", "ALERT_RULES_PATH"}
    paths |= {"SYNONYMS_PATH", "ACTIVATION_CONFIG"}

    assert {row.metadata["variable"] for row in fields(Settings)} == {*BAD} | paths


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"OPERATOR_TOKEN_FILE": "no-such-file"}, "OPERATOR_TOKEN_FILE"),
        ({"OPERATOR_TOKEN_FILE": "."}, "OPERATOR_TOKEN_FILE"),
        ({"OPERATOR_TOKEN_FILE": "x", "OPERATOR_TOKEN": "long-enough"}, "OPERATOR_TOKEN"),
        ({"ALERT_RULES_PATH": "no-such-file"}, "ALERT_RULES_PATH"),
        ({"ACTIVATION_CONFIG": "no-such-file"}, "ACTIVATION_CONFIG"),
        ({"PORT": "8123", "METRICS_PORT": "8123"}, "METRICS_PORT"),
        ({"STATE_PATH": "a.db", "DATABASE_PATH": "./a.db"}, "STATE_PATH"),
    ],
    ids=["missing", "folder", "both", "rules", "ways", "ports", "paths"],
)
def test_what_cannot_be_used_or_contradicts_ends_the_start_too(run, settings, named):
    code, out, err = run(**settings)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"{named}=")


def test_a_taken_port_ends_the_start_with_1_and_leaves_nothing_behind(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = run(PORT=port)

    assert (code, out) == (1, "")
    assert err.startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")
    assert err.count("\n") == 1
    assert not [*tmp_path.glob("*.serving-*")]


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b", "x" * 100])
def test_an_address_that_is_not_ours_ends_the_start_with_1(run, host):
    code, out, err = run(HOST=host)

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"cannot listen on {host}:")


def test_the_settings_can_be_checked_without_a_start(run, tmp_path):
    assert run("--check") == (0, "The settings are good.\n", "")
    assert run("--check", SLOTS="many")[0] == 2
    assert not [*tmp_path.iterdir()]


def test_the_check_looks_into_the_files_too(run):
    for variable in ("OPERATOR_TOKEN_FILE", "GEMINI_API_KEY_FILE", "ALERT_RULES_PATH", "ACTIVATION_CONFIG"):
        code, _, err = run("--check", **{variable: "no-such-file"})
        assert (code, err.count("\n")) == (2, 1)
        assert err.startswith(f"{variable}=")


def test_a_slip_in_the_ways_to_platforms_is_told_with_its_line_and_without_secrets(run, tmp_path):
    ways = tmp_path / "ways.toml"
    ways.write_text('[platforms.desk]\nadapter = "webhook"\nurl = "http://hooks.example/T0K3N"\n')
    code, _, err = run("--check", ACTIVATION_CONFIG=ways, ACTIVATION_SECRET="a-secret-of-sixteen")

    assert (code, err.count("\n")) == (2, 1)
    assert "line 3: [platforms.desk] url must be https, or set allow_http = true" in err
    assert "T0K3N" not in err and "a-secret-of-sixteen" not in err


def test_help_lists_every_setting_with_its_default(run):
    code, out, _ = run("--help")

    assert code == 0
    for row in fields(Settings):
        assert f"  {row.metadata['variable']} " in out
        assert row.metadata["meaning"] in out
    assert "[100/60]" in out and "[none]" in out


def test_the_version_can_be_asked(run):
    assert run("--version")[:2] == (0, VERSION + "\n")


@pytest.mark.parametrize("argument", ["--nonsense", "serve"])
def test_an_unknown_argument_is_wrong_usage(run, argument):
    code, out, err = run(argument)

    assert (code, out) == (2, "")
    assert argument in err


def test_it_serves_until_it_is_told_to_end(run, tmp_path, own_signals):
    port, token, seen = free_port(), tmp_path / "token", []
    token.write_text("the-first-token")

    def ask(path="/health", bearer=""):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": bearer})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except OSError:
            return None

    def operate():
        try:
            seen.append(wait_for(ask))
            token.write_text("the-second-token")
            os.kill(os.getpid(), signal.SIGHUP)
            seen.append(wait_for(lambda: ask("/api/debug", "Bearer the-second-token")))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    operator = threading.Thread(target=operate)
    operator.start()
    code, _, err = run(PORT=port, OPERATOR_TOKEN_FILE=token)
    operator.join()

    assert (code, err, seen) == (0, "", [200, 200])


def test_a_sighup_in_the_middle_of_the_start_is_heeded_after_it(tmp_path):
    fifo, log = tmp_path / "token", tmp_path / "log"
    os.mkfifo(fifo)  # the start waits here for its token, and so does the rereading
    variables = os.environ | environment(tmp_path, {"OPERATOR_TOKEN_FILE": fifo})
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "service"], env=variables, cwd=ROOT, stdout=output, stderr=output
        )
    try:
        with os.fdopen(open_fifo(fifo), "wb") as gate:
            process.send_signal(signal.SIGHUP)
            gate.write(b"the-first-token")
        wait_for(lambda: b'"started"' in log.read_bytes())
        with os.fdopen(open_fifo(fifo), "wb") as gate:
            gate.write(b"the-second-token")
        wait_for(lambda: b'"reread"' in log.read_bytes())
        process.terminate()

        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


def test_as_a_process_it_says_no_in_one_line_and_without_a_traceback(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "service"],
        env=environment(tmp_path, {"RATE_LIMIT": "plenty"}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        "RATE_LIMIT='plenty' is not valid: it must be requests/seconds such as 100/60, or requests alone, "
        "with 1 to 3600 seconds"
    ]
