import subprocess
import sys
from pathlib import Path

ENVIRON = {"PYTHONPATH": str(Path(__file__).parents[2])}
CODE = """
import io, sys
from service.app import build
from service.settings import Settings

service = build(Settings.from_env({environ!r}), io.StringIO())
service.server.application({{"REQUEST_METHOD": "GET", "PATH_INFO": "/api/signals", "QUERY_STRING": "spec=cars",
    "REMOTE_ADDR": "192.0.2.1", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": io.BytesIO()}}, lambda *answer: None)
service.close()
print(sorted(name for name in sys.modules if name.partition(".")[0] == "redis" or name.startswith("service.fleet")))
"""


def test_without_redis_url_nothing_of_the_fleet_is_imported(tmp_path):
    code = CODE.format(environ={"PORT": "0", "METRICS_PORT": "0", "LOCAL_RANKING": "text"})

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=ENVIRON)

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_the_client_a_service_with_redis_url_says_in_one_line_what_is_missing(tmp_path):
    code = "import sys; sys.modules['redis'] = None; from service.__main__ import main; sys.exit(main([]))"
    environ = ENVIRON | {"REDIS_URL": "redis://:a-pass-word@127.0.0.1", "PORT": "0", "METRICS_PORT": "0"}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environ)

    assert done.returncode == 2
    assert "requirements-fleet.txt" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "a-pass-word" not in done.stderr + done.stdout
