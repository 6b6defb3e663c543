"""What README's chapter "What it survives" promises, row by row, through the running service."""

import contextlib
import ctypes
import fcntl
import importlib
import logging
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import types
from pathlib import Path

import pytest

from service.catalogue.store import Store
from service.monitoring.logs import JournalHandler
from service.stages.cache import Cache
from tests.running import (
    Caller,
    Process,
    Running,
    TrickyRanker,
    a_catalogue,
    csv_of,
    environment,
    free_port,
    multipart,
    receive,
    request_bytes,
    wait_for,
)
from tests.siege.ending import Crowd

ATTACK = "%3Cscript%3Ealert(1)%3C/script%3E"
GARBAGE = b"this is no database, whatever else it may be. " * 200


def health(service):
    return service.get("/api/monitoring/health").document


def check(service, name):
    return health(service)["checks"][name]


def is_refused(answer, status, kind):
    assert (answer.status, answer.document["type"]) == (status, f"/problems/{kind}")
    assert answer.document["request_id"] == answer.header("X-Request-ID")
    return answer


# Files


@pytest.fixture
def small_disk():
    """A folder on a disk of four megabytes, where this machine lets one be mounted."""
    folder = tempfile.mkdtemp()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", folder], capture_output=True)
    if mounted.returncode:
        shutil.rmtree(folder)
        pytest.skip("no disk can be mounted here")
    yield Path(folder)
    subprocess.run(["umount", folder], check=True)
    shutil.rmtree(folder)


def test_a_full_disk_stops_writing_and_nothing_else(small_disk):
    Store(small_disk / "signals.db").import_rows(a_catalogue(30))
    with Process(small_disk, TRUSTED_PROXIES=1, BLOCK_SCORE=15, OPERATOR_TOKEN="") as service:
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        for _ in range(3):
            service.search(ATTACK, X_Forwarded_For="192.0.2.1")
        refusal = is_refused(service.upload(csv_of(3000), headers={}), 503, "unavailable")

        assert refusal.header("Retry-After") == "30"
        assert service.search("gadget").status == service.search("gadget+fans+7").status == 200
        assert service.search("cars", X_Forwarded_For="192.0.2.1").status == 403
        assert check(service, "disk")["status"] == "degraded"
        # Blocks are written by a thread of their own, which may not have come to it yet.
        wait_for(lambda: "full" in check(service, "state")["detail"])

        filler.unlink()
        assert service.upload(csv_of(300, "widget"), headers={}).status == 200
        assert service.search("widget").document["pagination"]["total_count"] == 300
        service.kill()


def test_a_form_that_a_full_disk_cannot_hold_is_refused(small_disk, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(small_disk))
    with Process(tmp_path, OPERATOR_TOKEN="") as service:
        body, media = multipart((b"big.csv", csv_of(6000)))
        assert 150_000 < len(body) < 500_000, "more than Bottle keeps in memory, less than the server does"
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        refusal = is_refused(service.upload(body, headers={}, content_type=media), 503, "unavailable")
        assert refusal.header("Retry-After") == "30"

        filler.unlink()
        assert service.upload(body, headers={}, content_type=media).status == 200


def test_a_full_disk_at_the_start_serves_from_the_temporary_directory(small_disk):
    Store(small_disk / "signals.db").import_rows(a_catalogue(30))
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    with Running(small_disk) as service:
        assert len(service.search("gadget").ids) == 10
        assert [*small_disk.glob("*.serving-*")] == []


def test_a_file_that_may_not_grow_stops_writing_and_nothing_else(tmp_path):
    Store(tmp_path / "signals.db").import_rows(a_catalogue(30))
    with Process(tmp_path, "tests.siege.constrained", LIMIT_FILE_BYTES=300_000, RATE_LIMIT="1000000/60") as service:
        is_refused(service.upload(csv_of(5000), headers={}), 503, "unavailable")

        assert service.search("gadget").status == 200
        assert service.search("gadget+fans+7").document["pagination"]["total_count"] >= 1
        assert Store(tmp_path / "signals.db").check() == []


def test_a_locked_catalogue_refuses_imports_and_answers(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue(30)) as service:
        with contextlib.closing(sqlite3.connect(service.database, isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            is_refused(service.upload(csv_of(5), headers={}), 409, "conflict")
            assert service.search("gadget").status == 200
            assert health(service)["status"] == "healthy"
            holder.execute("ROLLBACK")

        assert service.upload(csv_of(5, "widget"), headers={}).status == 200


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(GARBAGE),
        lambda path: os.truncate(path, 5000),
        replace_by_folder,
    ],
    ids=["deleted", "garbage", "cut short", "a folder"],
)
def test_a_harmed_catalogue_is_reported_and_what_was_loaded_is_served(tmp_path, harm):
    with Running(tmp_path, catalogue=a_catalogue(30)) as service:
        before = service.search("gadget")
        for name in ("signals.db-wal", "signals.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        harm(service.database)
        service.service.engine.shelf.refresh()
        found = check(service, "catalogue")

        assert found["status"] == "degraded"
        assert "serving the last 30 signals" in found["detail"]
        assert service.search("gadget").ids == before.ids
        assert service.search("gadget+fans+7").status == 200
        if service.database.is_dir():
            is_refused(service.upload(csv_of(5), headers={}), 503, "unavailable")
            service.database.rmdir()
        service.database.unlink(missing_ok=True)
        assert service.upload(csv_of(5, "widget"), headers={}).status == 200
        assert service.search("widget").document["pagination"]["total_count"] == 5
        assert check(service, "catalogue")["status"] == "healthy"


def test_a_private_copy_that_was_tidied_away_is_made_again(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue(30)) as service:
        (copy,) = tmp_path.glob("*.serving-*")
        copy.unlink()
        wait_for(lambda: [*tmp_path.glob("*.serving-*")])

        assert len(service.search("gadget").ids) == 10
        assert not service.events("bug")


def test_a_folder_that_may_only_be_read_is_served_from(small_disk, tmp_path):
    Store(small_disk / "signals.db").import_rows(a_catalogue(30))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with Running(tmp_path, DATABASE_PATH=small_disk / "signals.db", STATE_PATH=small_disk / "state.db") as service:
        assert len(service.search("gadget").ids) == 10
        assert check(service, "catalogue")["status"] == "healthy"
        assert check(service, "state")["status"] == "degraded"
        is_refused(service.upload(csv_of(5), headers={}), 503, "unavailable")


def test_locked_state_lets_signals_and_blocks_go_on_and_works_again(tmp_path):
    with Running(tmp_path, TRUSTED_PROXIES=1, BLOCK_SCORE=15) as service:
        with contextlib.closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            for _ in range(2):
                service.search(ATTACK, X_Forwarded_For="192.0.2.1")

            assert service.search("cars", X_Forwarded_For="192.0.2.1").status == 403
            assert service.search("cars").status == 200
            wait_for(lambda: "locked" in check(service, "state")["detail"])
            holder.execute("ROLLBACK")
        service.service.state._failed_at = 0.0
        service.service.state.keep_note("any", "thing")

        assert check(service, "state")["status"] == "healthy"


def test_deleted_state_is_made_again_with_its_blocks(tmp_path):
    settings = {"TRUSTED_PROXIES": 1, "BLOCK_SCORE": 15}
    with Running(tmp_path, **settings) as service:
        for _ in range(2):
            service.search(ATTACK, X_Forwarded_For="192.0.2.1")
        for name in ("state.db", "state.db-wal", "state.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        service.service.state.keep_note("any", "thing")
        [line] = wait_for(lambda: service.events("state"))
        assert line["detail"].endswith("from what was known")

    with Running(tmp_path, **settings) as service:
        assert service.search("cars", X_Forwarded_For="192.0.2.1").status == 403


# Clocks


def sampled(service):
    """Have the alerts evaluated once more; return their states by name."""
    runs = service.service.runner.states
    before = next(record.runs for record in runs() if record.id == "sample")
    service.service.runner.run_now("sample")
    wait_for(lambda: next(record.runs for record in runs() if record.id == "sample") > before)
    return {row["name"]: row["state"] for row in service.get("/api/monitoring/stats").document["alerts"]}


@pytest.mark.parametrize("jump", [86_400, -86_400], ids=["a day forth", "a day back"])
def test_a_clock_that_is_set_changes_no_limit_block_answer_or_cursor(tmp_path, monkeypatch, jump):
    shift = [0.0]
    clocks = types.SimpleNamespace(monotonic=time.monotonic, time=lambda: time.time() + shift[0])
    monkeypatch.setattr("service.app.time", clocks)
    settings = {"TRUSTED_PROXIES": 1, "BLOCK_SCORE": 15, "RATE_LIMIT": "5/60"}
    with Running(tmp_path, catalogue=a_catalogue(30), **settings) as service:
        for _ in range(2):
            service.search(ATTACK, X_Forwarded_For="192.0.2.1")
        first = service.search("gadget", X_Forwarded_For="192.0.2.2")
        for _ in range(5):
            service.search("gadget", X_Forwarded_For="192.0.2.3")
        shift[0] = jump
        blocked = service.search("gadget", X_Forwarded_For="192.0.2.1")
        limited = service.search("gadget", X_Forwarded_For="192.0.2.3")
        cached = service.search("gadget", X_Forwarded_For="192.0.2.2")
        cursor = first.document["pagination"]["cursor"]
        following = service.search(f"gadget&cursor={cursor}", X_Forwarded_For="192.0.2.2")
        alerts = sampled(service)
        document = health(service)

        assert (blocked.status, 0 < int(blocked.header("Retry-After")) <= 60) == (403, True)
        assert (limited.status, 0 < int(limited.header("Retry-After")) <= 60) == (429, True)
        assert (cached.status, cached.header("X-Cache")) == (200, "hit")
        assert cached.header("RateLimit").startswith('"default";r=3')
        assert abs(int(cached.header("X-RateLimit-Reset")) - clocks.time() - 60) < 5
        assert (following.status, {*following.ids} & {*first.ids}) == (200, set())
        assert alerts["WarmupStale"] == "ok"
        assert document["checks"]["catalogue"]["status"] == document["checks"]["scheduler"]["status"] == "healthy"


# Standard output


class Started(Caller):
    """A service whose log goes somewhere else than a file; ``port`` is the one it was told."""

    def __init__(self, folder, stdout, command=(sys.executable, "-m", "service"), **settings):
        port = free_port()
        self.address = ("127.0.0.1", port)
        variables = os.environ | environment(folder, {"PORT": port, **settings})
        self.process = subprocess.Popen(command, env=variables, stdout=stdout, cwd=Path(__file__).parents[2])

    def __enter__(self):
        wait_for(self._answers, 20)
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait(10)

    def _answers(self):
        with contextlib.suppress(OSError):
            return self.get("/health").status == 200

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def dropped(self):
        return self.get("/api/debug").document["log_lines_dropped"]


def test_a_reader_of_the_log_that_stalls_slows_nothing_and_keeps_nobody_from_ending(tmp_path):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with Started(tmp_path, writer) as service:
        os.close(writer)
        for _ in range(100):
            assert service.search("cars").status == 200

        assert service.stop() == 0
    os.close(reader)


def test_a_reader_of_the_log_that_has_gone_costs_lines_that_are_counted(tmp_path):
    reader, writer = os.pipe()
    with Started(tmp_path, writer) as service:
        os.close(writer)
        os.close(reader)
        for _ in range(20):
            assert service.search("cars").status == 200
        wait_for(lambda: service.dropped() > 0)

        assert "log_lines_dropped_total" in service.get("/api/monitoring/metrics").body.decode()
        assert service.stop() == 0


def test_no_standard_output_at_all_costs_lines_that_are_counted(tmp_path):
    closed = ("sh", "-c", 'exec "$0" -m service >&- 2>&-', sys.executable)
    with Started(tmp_path, None, closed) as service:
        assert service.search("cars").status == 200
        wait_for(lambda: service.dropped() > 0)
        assert service.stop() == 0


# Descriptors and threads


def test_with_few_descriptors_connections_give_way_and_nothing_fails(tmp_path):
    with (
        Process(tmp_path, "tests.siege.constrained", LIMIT_FILES=120, CLIENT_CONNECTIONS=0) as service,
        contextlib.ExitStack() as stack,
    ):
        for _ in range(200):
            stack.enter_context(service.connect()).sendall(b"GET /health HTTP/1.1\r\n")
        for number in range(20):
            assert service.get("/health").status == 200
            assert service.search(f"cars+{number}").status == 200

        assert service.events("log", level="error") == []


def test_out_of_descriptors_it_waits_and_is_well_again_when_there_are_some(tmp_path):
    with Process(tmp_path) as service, service.connect() as kept:
        kept.sendall(request_bytes("GET", "/api/signals?spec=cars"))
        assert receive(kept).status == 200
        limits = resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE)
        used = {int(path.name) for path in Path(f"/proc/{service.process.pid}/fd").iterdir()}
        free = next(number for number in range(1000) if number not in used)
        resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (free, limits[1]))
        with service.connect() as waiting:
            waiting.sendall(request_bytes("GET", "/health"))
            waiting.settimeout(0.3)
            with pytest.raises(TimeoutError):
                receive(waiting)
            kept.sendall(request_bytes("GET", "/api/signals?spec=cars"))
            assert receive(kept).header("X-Cache") == "hit"
            resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, limits)
            waiting.settimeout(10)

            assert receive(waiting).status == 200
        assert service.search("boats").status == 200


def test_a_worker_thread_that_dies_is_said_and_replaced(tmp_path):
    with Running(tmp_path) as service:
        own_process_log = JournalHandler(service.service.watching.journal)
        logging.getLogger("waitress").addHandler(own_process_log)
        try:
            dispatcher = service.service.server.task_dispatcher
            before = len(dispatcher.threads)
            for thread in threading.enumerate():
                if thread.name.startswith("waitress-"):
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(
                        ctypes.c_ulong(thread.ident), ctypes.py_object(MemoryError)
                    )
            for number in range(2 * before):
                assert service.search(f"cars+{number}").status == 200
            wait_for(lambda: service.events("log", message="A worker thread died; another takes its place"))

            assert len(dispatcher.threads) == before
        finally:
            logging.getLogger("waitress").removeHandler(own_process_log)


# Bugs


class Fault:
    """Wraps a maker of stages: the stages that it makes raise while the fault is ``armed``."""

    def __init__(self, make, moment):
        self.armed = False
        self._make = make
        self._moment = moment

    def __call__(self, *arguments, **more):
        stage = self._make(*arguments, **more)
        if isinstance(stage, Cache):
            return FaultyCache(stage, self)
        return lambda message, proceed: self.walk(stage, message, proceed)

    def walk(self, stage, message, proceed):
        if not self.armed:
            return stage(message, proceed)
        if self._moment == "after":
            stage(message, proceed)
        raise ZeroDivisionError("a secret inside")


class FaultyCache:
    """A cache that is a faulty stage, and all else that a cache is."""

    def __init__(self, cache, fault):
        self._cache = cache
        self._fault = fault

    def __call__(self, query, proceed):
        return self._fault.walk(self._cache, query, proceed)

    def __getattr__(self, name):
        return getattr(self._cache, name)


STAGES = {
    "identify": "service.door.identify",
    "observe": "service.door.observe",
    "contain": "service.door.contain",
    "block": "service.door.block",
    "rate limit": "service.door.rate_limit",
    "cache": "service.engine.Cache",
    "admission": "service.engine.admission",
}


def replaced(monkeypatch, place, moment):
    module, _, name = place.rpartition(".")
    fault = Fault(getattr(importlib.import_module(module), name), moment)
    monkeypatch.setattr(place, fault)
    return fault


def internal_errors(service):
    metrics = service.get("/api/monitoring/metrics").body.decode()
    return sum(float(count) for count in re.findall(r'http_requests_total\{[^}]*status="500"\} ([0-9.]+)', metrics))


def judge(service, answers):
    """Every answer was the 500 of the contract, was logged and counted, and holds nothing any more."""
    for answer in answers:
        is_refused(answer, 500, "internal")
        assert b"secret" not in answer.body
    ids = {answer.header("X-Request-ID") for answer in answers}
    wait_for(lambda: ids <= {line["request_id"] for line in service.events("bug") + service.events("walk_broken")})
    assert internal_errors(service) == len(answers)
    assert service.service.watching.tally.totals().in_flight <= 1  # the request for the metrics that were just read
    engine = service.service.engine
    assert (engine.gate.busy, engine.gate.depth, engine.cache.followers) == (0, 0, 0)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_bug_in_the_operators_stage_is_such_a_500_too(tmp_path, monkeypatch, moment):
    fault = replaced(monkeypatch, "service.app.operator", moment)
    with Running(tmp_path, catalogue=a_catalogue(30)) as service:
        fault.armed = True
        answers = [service.get("/api/monitoring/stats") for _ in range(12)]
        fault.armed = False
        judge(service, answers)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_bug_in_a_stage_is_a_500_that_is_logged_and_counted_and_keeps_no_place(tmp_path, monkeypatch, stage, moment):
    fault = replaced(monkeypatch, STAGES[stage], moment)
    with Running(tmp_path, catalogue=a_catalogue(30), QUEUE_SIZE=40) as service:
        fault.armed = True
        answers = [service.search(f"gadget+{number}") for number in range(12)]
        fault.armed = False
        judge(service, answers)
        waits = [service.held(lambda n=n: service.search(f"gadget+fans+{n}")) for n in range(6)]

        assert [wait().status for wait in waits] == [200] * 6


@pytest.mark.parametrize(
    "place",
    [
        "service.stages.validate.parse",
        "service.answers.Pages.make",
        "service.answers.Page.complete",
        "service.answers.Pages.check",
        "service.ranking.local.LocalRanker.rank",
        "service.catalogue.snapshot.Snapshot.signals",
    ],
)
def test_a_bug_behind_the_stages_is_such_a_500_too(tmp_path, monkeypatch, place):
    with Running(tmp_path, catalogue=a_catalogue(30)) as service:

        def faulty(*arguments, **more):
            raise ZeroDivisionError("a secret inside")

        with monkeypatch.context() as patch:
            patch.setattr(place, faulty)
            answers = [service.search(f"gadget+{number}") for number in range(12)]
        judge(service, answers)

        assert service.search("gadget+fans+1").status == 200


# Clients that leave


@pytest.mark.parametrize("leave", [socket.socket.close, lambda connection: connection.shutdown(socket.SHUT_WR)])
def test_a_client_that_leaves_the_waiting_room_frees_its_place(tmp_path, leave):
    ranker = TrickyRanker()
    with Running(tmp_path, ranker, QUEUE_SIZE=1, QUEUE_WAIT_SECONDS=60) as service:
        gate = service.service.engine.gate
        computing = [service.held(lambda n=n: service.search(f"slow+{n}")) for n in range(2)]
        wait_for(lambda: gate.busy == 2)
        with service.connect() as leaving:
            leaving.sendall(request_bytes("GET", "/api/signals?spec=cars"))
            wait_for(lambda: gate.depth == 1)
            is_refused(service.search("boats"), 503, "overloaded")
            leave(leaving)
            wait_for(lambda: gate.depth == 0)
        wait_for(lambda: service.events("request", status=499))
        staying = service.held(lambda: service.search("boats"))
        wait_for(lambda: gate.depth == 1)
        ranker.release.set()

        assert staying().status == 200
        assert [wait().status for wait in computing] == [200, 200]


# The end


def test_told_to_end_under_load_it_loses_none_of_the_requests_that_it_accepted(tmp_path):
    with Process(tmp_path, QUEUE_SIZE=100, DRAIN_SECONDS=20) as service:
        crowd = Crowd(service.address)
        crowd.start(fresh=16, kept=16)
        wait_for(lambda: crowd.asked() > 100)
        service.signal(signal.SIGTERM)
        crowd.join()

        assert service.ended() == 0
        assert crowd.outcomes["lost"] == 0
        assert {*crowd.outcomes} <= {"200", "503", "not accepted", "closed while kept"}
        assert crowd.outcomes["200"] > 50
        assert service.events("requests_lost") == []


def test_told_to_end_with_queued_work_it_answers_all_of_it(tmp_path):
    ranker = TrickyRanker()
    with Running(tmp_path, ranker, QUEUE_SIZE=50, QUEUE_WAIT_SECONDS=20) as service:
        waits = [service.held(lambda n=n: service.search(f"slow+{n}")) for n in range(12)]
        wait_for(lambda: service.service.engine.gate.depth == 10 or service.service.engine.gate.depth >= 10)
        service.service.drain()
        ranker.release.set()

        assert [wait().status for wait in waits] == [200] * 12
        assert service.ended() == 0
