"""A fleet as it is run: service processes that share a redis-server, behind a balancer with the file of ``deploy/``."""

from __future__ import annotations

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.deploy.proxies import haproxy
from tests.fleet.redis_server import RedisServer
from tests.running import OPERATOR, TOKEN, Process, wait_for

RECOVERY_SECONDS = 5.0
UNHURRIED = 10  # REDIS_WAIT_SECONDS of tests that count exactly, however busy the machine is


class Instance(Process):
    start_seconds = 120.0  # several start at once, each on its share of the machine


class Fleet:
    """``count`` instances, Redis and a balancer; whoever asks may say by ``client`` which address it comes from."""

    def __init__(self, folder, count, balancer=haproxy, **settings):
        self.folder = folder
        self._stack = ExitStack()
        self._settings = {
            "TRUSTED_PROXIES": 2,  # the balancer, and in front of it whoever these tests say that they are
            "OPERATOR_TOKEN": TOKEN,
            "CLIENT_CONNECTIONS": 0,
            "QUEUE_SIZE": 100,  # of which a part may wait for the same answer, and one client for a part of that
        } | settings
        with ExitStack() as stack:
            self.redis = stack.enter_context(RedisServer(folder))
            with ThreadPoolExecutor(count) as pool:
                futures = [pool.submit(self._start, f"web-{number}") for number in range(count)]
            # Those that came up are ended even where another did not.
            for future in futures:
                if future.exception() is None:
                    stack.enter_context(future.result())
            self.instances = [future.result() for future in futures]
            self.balancer = stack.enter_context(balancer(folder, *[one.address for one in self.instances]))
            self._stack = stack.pop_all()

    def _start(self, name, port=0):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        settings = {"PORT": port, "REDIS_URL": self.redis.url, "INSTANCE_ID": name} | self._settings
        return Instance(folder, **settings)

    def replace(self, number):
        """End an instance as an upgrade does, and start it again at its address; its state file stays."""
        old = self.instances[number]
        old.process.terminate()
        assert old.ended() == 0
        self.instances[number] = self._stack.enter_context(self._start(f"web-{number}", old.address[1]))

    def ask(self, client, spec="cars", instance=None):
        """Search as ``client``, through the balancer or straight at one instance."""
        if instance is None:
            return self.balancer.search(spec, X_Forwarded_For=client)
        return self.instances[instance].search(spec, X_Forwarded_For=f"{client}, 127.0.0.1")

    def stats(self, instance):
        return self.instances[instance].get("/api/monitoring/stats", **OPERATOR).document

    def store_is(self, ok):
        """Wait until every instance says so of its store."""
        for number in range(len(self.instances)):
            wait_for(lambda number=number: self.stats(number)["clients"]["store_ok"] is ok, RECOVERY_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._stack.close()


class Load:
    """Threads that ask through the balancer, each as a client of its own over one connection, until ``end``."""

    def __init__(self, fleet, threads=4, pause=0.01):
        self.answers: list[tuple[float, object]] = []
        self._over = threading.Event()
        self._pause = pause
        self._threads = [
            threading.Thread(target=self._run, args=(fleet.balancer.address, f"198.51.100.{number}"), daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, address, client):
        connection = http.client.HTTPConnection(*address, timeout=30)
        while not self._over.wait(self._pause):
            began = time.monotonic()
            try:
                connection.request("GET", "/api/signals?spec=cars&max_results=1", headers={"X-Forwarded-For": client})
                answer = connection.getresponse()
                answer.read()
                outcome = answer.status
            except (OSError, http.client.HTTPException) as error:
                outcome = repr(error)
                connection.close()
            self.answers.append((time.monotonic() - began, outcome))
        connection.close()

    def goes_on(self, more=100):
        """Wait for so many more answers."""
        count = len(self.answers) + more
        wait_for(lambda: len(self.answers) >= count)

    def close(self):
        self.end()

    def end(self):
        """Return what was answered: statuses, and errors in words."""
        self._over.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()
        return [outcome for _, outcome in self.answers]
