"""A real redis-server of a test's own, on a free port, that can be killed, frozen and started again."""

from __future__ import annotations

import signal
import socket
import subprocess

from tests.deploy.proxies import needs
from tests.running import free_port, wait_for

needs_redis = needs("redis-server")


class RedisServer:
    """Runs from ``start`` to ``end``, without a file and with an empty memory at each start."""

    def __init__(self, folder, *options, port=None, config=("--save", "", "--appendonly", "no")):
        self.port = port or free_port()
        self.folder = folder
        self.options = options
        self.config = config
        self.process = None
        self.start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        address = ["--port", str(self.port), "--bind", "127.0.0.1"]
        self.process = subprocess.Popen(
            ["redis-server", *self.config, *address, "--loglevel", "warning", *self.options],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.answers)

    def answers(self):
        try:
            return self.ask("PING")[:1] in (b"+", b"-")
        except OSError:
            return False

    def ask(self, *words):
        """Send one command over a connection of its own; return the raw reply, of one packet."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            parts = [str(word).encode() for word in words]
            packed = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
            connection.sendall(packed)
            return connection.recv(1 << 20)

    def kill(self):
        """End it as a crash would."""
        self.process.kill()
        self.process.wait(10)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def restart(self):
        self.kill()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.kill()
