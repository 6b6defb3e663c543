import asyncio
import contextlib
import io
import json
import subprocess
import sys
import threading

import pytest

from dashboard.__main__ import main, no_screen
from tests.dashboard.servers import healthy, serving


class Terminal(io.StringIO):
    def __init__(self, encoding="utf-8"):
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self):
        return self._encoding

    def isatty(self):
        return True


@contextlib.contextmanager
def a_service(answer=healthy):
    """A server in a thread of its own, since the command line brings its own loop."""
    ready, found = threading.Event(), {}

    async def serve():
        async with serving(answer) as server:
            found.update(url=server.url, loop=asyncio.get_running_loop(), stop=asyncio.Event())
            ready.set()
            await found["stop"].wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield found["url"]
    finally:
        found["loop"].call_soon_threadsafe(found["stop"].set)
        thread.join(10)


def ran(*arguments, environ=None, out=None, show=None):
    out, err = out or Terminal(), io.StringIO()
    code = main(arguments, environ or {}, out, err, show)
    return code, out.getvalue(), err.getvalue()


def test_once_prints_a_snapshot_and_tells_by_its_exit_code():
    with a_service() as url:
        code, out, err = ran("--once", "--interval", "0.2", url)
        assert (code, err) == (0, "")
        assert "signals-agent 1.0.0 · web-1" in out
        code, out, _ = ran("--once", "--json", "--interval", "0.2", url)
        assert json.loads(out)["exit_code"] == code == 0


def test_once_without_a_service_is_3():
    with a_service() as url:
        pass
    code, out, _ = ran("--once", url)
    assert (code, out) == (3, f"◌ {url}: connection refused\n")


def test_once_survives_a_terminal_without_unicode():
    with a_service() as url:
        code, out, _ = ran("--once", "--interval", "0.2", url, out=Terminal("ascii"))
    assert code == 0
    assert out.isascii()


def test_a_dumb_terminal_gets_a_sentence_and_the_hint():
    code, out, err = ran(environ={"TERM": "dumb"})
    assert (code, out) == (64, "")
    assert "TERM=dumb" in err
    assert "--once" in err


def test_without_a_terminal_nothing_is_drawn():
    assert "needs a terminal" in no_screen({}, io.StringIO())
    assert no_screen({"TERM": "xterm-256color"}, Terminal()) is None


def test_the_screen_gets_the_targets_and_its_code_is_passed_on():
    shown = []
    code, _, err = ran("a:1", "b:2", show=lambda options: shown.append(options) or 7)
    assert (code, err) == (7, "")
    assert [target.name for target in shown[0].targets] == ["a:1", "b:2"]


def test_a_token_over_plain_http_is_warned_of_before_anything_is_shown():
    _, _, err = ran("http://10.0.0.7", environ={"OPERATOR_TOKEN": "s3cret"}, show=lambda options: 0)
    assert err.startswith("warning: http://10.0.0.7 is plain http")
    assert "s3cret" not in err


def test_ctrl_c_leaves_quietly():
    def interrupted(options):
        raise KeyboardInterrupt

    assert ran(show=interrupted)[0] == 130


@pytest.mark.parametrize("module", ["textual", "service"])
def test_help_and_once_need_neither_textual_nor_the_service(module):
    code = f"import sys, dashboard.__main__, dashboard.once; sys.exit('{module}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0
