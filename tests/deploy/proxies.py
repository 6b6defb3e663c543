"""The real HAProxy and the real nginx, with their files as they stand in ``deploy/``, on free ports of this machine."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.running import PATIENCE, Answer, Caller, free_port, wait_for

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


def needs(program, package=None):
    """Return the mark of a test that runs a program of Debian's; without it the test says so in one line."""
    # Where everything must be run, a missing program is a failure.
    missing = shutil.which(program) is None and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"{program} is not installed: apt-get install {package or program}")


class Proxy(Caller):
    """A proxy process in front of services; asked at ``address``, or from another local address by ``ask_from``."""

    def __init__(self, command, folder, port, environ=None):
        self.address = ("127.0.0.1", port)
        self.log = folder / "proxy.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, cwd=folder, env=os.environ | (environ or {})
            )
        try:
            wait_for(self._listens)
        except BaseException:
            self.stop()
            raise

    def _listens(self):
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(ConnectionRefusedError), self.connect():
            return True
        return False

    def ask_from(self, source, method, target, headers=None, body=None):
        """Ask from a local address: 127.0.0.2 for one, or ::1."""
        host = "::1" if ":" in source else "127.0.0.1"
        connection = http.client.HTTPConnection(host, self.address[1], PATIENCE, source_address=(source, 0))
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def _binds(port):
    return f"127.0.0.1:{port}" + (f",[::1]:{port}" if has_ipv6() else "")


def haproxy(folder, *addresses, **environ):
    """Start HAProxy over services at (host, port) pairs."""
    port = free_port()
    servers = [f"{host}:{service}" for host, service in _two(addresses)]
    places = {f"SIGNALS_{number}": server for number, server in enumerate(servers, 1)}
    places |= {"BALANCER_BIND": _binds(port), "BALANCER_METRICS_BIND": f"127.0.0.1:{free_port()}"}
    return Proxy(["haproxy", "-db", "-f", str(DEPLOY / "haproxy.cfg")], folder, port, places | environ)


def nginx(folder, *addresses):
    """Start nginx over services at (host, port) pairs, with its file but for addresses and places."""
    port = free_port()
    (folder / "nginx").mkdir()
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8").replace("/tmp/nginx", f"{folder}/nginx/nginx")
    servers = "".join(f"server {host}:{service} max_fails=0;\n" for host, service in _two(addresses))
    text, found = re.subn(r"(?:^ *server 127.0.0.1:80.0 max_fails=0;\n)+", servers, text, flags=re.MULTILINE)
    assert found == 1
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
    text = text.replace("listen [::]:8080;", f"listen [::1]:{port};" if has_ipv6() else "")
    config = folder / "nginx" / "nginx.conf"
    config.write_text(text, encoding="utf-8")
    return Proxy(["nginx", "-c", str(config), "-g", "daemon off;"], folder, port)


def _two(addresses):
    """Return the addresses, filled up to two with one where nobody listens."""
    return [*addresses, *[("127.0.0.1", free_port())] * (2 - len(addresses))]


KINDS = {"haproxy": haproxy, "nginx": nginx}
BOTH = [pytest.param(start, id=name, marks=needs(name)) for name, start in KINDS.items()]
"""How each of the two is started."""
NAMES = [pytest.param(name, marks=needs(name)) for name in KINDS]
