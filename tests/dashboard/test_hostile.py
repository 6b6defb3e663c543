"""A server that means no good, on a real socket: whatever it answers, every screen is drawn and keys are answered."""

import json
from functools import partial

import pytest

from dashboard.app import Dashboard
from dashboard.client import Client
from dashboard.config import Target
from tests.dashboard.screens.scenes import text_of
from tests.dashboard.servers import reply, serving

NASTY = "[bold red]x[/]\x1b[2J\u202e\u200b\ud800 [link=file:///etc/passwd] " + "W" * 500
NUMBERS = [float("nan"), float("inf"), -float("inf"), -5, 1e308, 10**400, "12", None, True, [1], {"a": 1}]
LISTS = ("alerts", "transitions", "by_endpoint", "jobs", "recent_errors", "top", "blocked")
SCREENS = "01234567"


def row(number):
    """A row with whatever a row of any table may hold, of every wrong type in turn."""
    value = NUMBERS[number % len(NUMBERS)]
    texts = dict.fromkeys(
        ("endpoint", "method", "client", "reason", "error", "request_id", "name", "state", "id", "last_outcome"), NASTY
    )
    numbers = dict.fromkeys(
        ("rate", "errors", "p95", "value", "fires", "warns", "clears", "used", "runs", "status", "for_seconds"), value
    )
    return (
        texts | numbers | {"since": NASTY, "at": value, "until": "2026-99-99", "state": ["firing", NASTY][number % 2]}
    )


def document(rows, number):
    many = [row(number + n) for n in range(rows)]
    value = NUMBERS[number % len(NUMBERS)]
    return {
        "service": {"name": NASTY, "version": NASTY, "instance": f"{NASTY}{number}", "uptime_seconds": value},
        "requests": {"total": value, "in_flight": value, "by_endpoint": many, "rejected": {NASTY: value}},
        "queue": {"depth": value, "capacity": value, "slots": value},
        "ai": {"enabled": NASTY, "state": NASTY, "failures": {NASTY: value}},
        "cache": value,
        "clients": {"limit": value, "top": many, "blocked": many},
        "system": {"cpu_percent": value},
        "alerts": many,
        "transitions": many,
        "jobs": many,
        "recent_errors": many,
    }


def encoded(value):
    # Python writes NaN and Infinity, which is no JSON: all the better. A lone surrogate is an escape.
    return json.dumps(value).encode()


def metrics_of(number):
    value = ("NaN", "+Inf", "-1", "1e308", "12")[number % 5]
    labels = "".join(f'http_requests_total{{status="{n}",endpoint="/{n}"}} {value}\n' for n in range(300))
    return (labels + f"signals_queue_depth {value}\nsystem_cpu_ratio {value}\n# TYPE x\n").encode()


async def seen_on_every_screen(answer, polls=1, quick=False):
    """Ask so many times before each screen is looked at; return all that was seen and the model."""
    async with serving(answer) as server:
        client = partial(Client, poll_seconds=0.15 if quick else 10.0)
        app = Dashboard([Target("web", server.url, None, 3600.0)], client_factory=client)
        async with app.run_test(size=(100, 30)) as pilot:
            texts = []
            for key in SCREENS:
                for _ in range(polls):
                    app.model.take(await app.client.poll())
                await pilot.press(key)
                app.repaint()
                await pilot.pause()
                texts.append(text_of(pilot))
            await pilot.press("1", "enter")
            await pilot.resize_terminal(5, 3)
            await pilot.pause()
            assert app.is_running
            return "\n".join(texts), app.model


@pytest.mark.parametrize("rows", [3, 60])
async def test_wrong_types_and_nasty_texts_in_every_place(rows):
    polls = []

    def answer(asked):
        polls.append(asked.path)
        number = len(polls)
        if asked.path == "/api/monitoring/stats":
            return reply(200, encoded(document(rows, number)))
        return reply(200, metrics_of(number))

    text, model = await seen_on_every_screen(answer)

    assert model.latest is not None, model.failure
    assert "\x1b" not in text
    assert "\u202e" not in text


async def test_half_of_an_answer_in_every_way():
    ways = [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        reply(200, b"null"),
        reply(200, b"[]"),
        reply(200, b'{"service": null, "alerts": {"a": 1}, "jobs": "x"}'),
        reply(200, b"{" * 50_000),
        reply(200, b"\xff\xfe\x00"),
        reply(204),
        reply(418, b"<html>teapot"),
        reply(302, b"", Location="/api/monitoring/stats"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{",
        b"garbage\r\n\r\n",
    ]
    polls = []

    def answer(asked):
        polls.append(asked)
        return ways[len(polls) % len(ways)]

    text, model = await seen_on_every_screen(answer, polls=2, quick=True)

    assert model.latest is None
    assert "no answer yet" in text
