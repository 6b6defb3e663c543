"""Real instances of one fleet: processes over one Redis, each with files of its own."""

from __future__ import annotations

from contextlib import ExitStack

from tests.running import OPERATOR, TOKEN, Process, wait_for


class Fleet:
    """``count`` instances, ``one`` to ``three``; index it for one of them. Settings hold for all."""

    def __init__(self, folder, redis, count=2, **settings):
        self._stack = ExitStack()
        self.instances = []
        self._folder, self._redis, self._settings = folder, redis, settings
        with self._stack:
            for name in ("one", "two", "three")[:count]:
                self.start(name)
            self._stack = self._stack.pop_all()

    def start(self, name, **settings):
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        usual = {"REDIS_URL": self._redis.url, "INSTANCE_ID": name, "OPERATOR_TOKEN": TOKEN, "REDIS_WAIT_SECONDS": 0.5}
        instance = self._stack.enter_context(Process(folder, **(usual | self._settings | settings)))
        self.instances.append(instance)
        return instance

    def __getitem__(self, place):
        return self.instances[place]

    def stats(self, place=0):
        return self[place].get("/api/monitoring/stats?scope=fleet", **OPERATOR).document

    def names(self, place=0):
        return sorted(one["service"]["instance"] for one in self.stats(place)["instances"])

    def together(self):
        """Wait until each knows of all."""
        everybody = ["one", "three", "two"] if len(self.instances) == 3 else ["one", "two"]
        wait_for(lambda: all(self.names(place) == everybody for place in range(len(self.instances))))
        return self

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._stack.close()


def check(instance, name):
    return instance.get("/api/monitoring/health").document["checks"][name]


def total(instance, spec="gadget"):
    answer = instance.search(f"{spec}&max_results=1")
    return answer.document["pagination"]["total_count"] if answer.status == 200 else answer.status
