"""Processes that rank beside the service: real ones, over a real index of the sample catalogue."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

import service.ranking
from service.catalogue.shelf import Shelf
from service.messages import Brief, Ref
from service.ranking import building, frames, pool, spelled
from service.ranking.beside import Beside
from service.ranking.pool import Catalogue, Pool, Process
from service.ranking.semantic.index import Index
from service.ranking.semantic.ranking import Semantic
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.vectors import WordVectors
from service.turns import Turns
from tests.ranking.semantic.small import YEAR
from tests.running import OPERATOR, TOKEN, Running, wait_for
from tests.running import Process as ServiceProcess
from tests.serving import Clock

ROOT = Path(service.ranking.__path__[0]).parent.parent
BRIEFS = [
    Brief("cars"),
    Brief("oenophiles"),
    Brief("skiing holydays"),
    Brief("women 30-39 not parents"),
    Brief('"in market" cars'),
    Brief("zzzzzzz"),
    Brief("auto-suv-intenders"),
    Brief("affluent people", max_cpm=3.0, countries=("US",)),
    Brief("travel", kinds=("custom",), data_providers=("nobody",)),
]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pool")
    shelf = Shelf(folder / "signals.db")
    shelf.open()
    with shelf.borrow() as snapshot:
        building.build_apart(snapshot.path, folder / "index", {})
    yield shelf
    shelf.close()


@pytest.fixture(scope="module")
def semantic(shelf):
    folder = shelf._path.with_name("index")
    return Semantic(Index(folder, WordVectors()), Synonyms.read(None), YEAR)


@contextmanager
def processes(size, snapshot, semantic, clock=None):
    """Yield a pool whose processes know the snapshot, and what was told to the log."""
    told = []
    kept = Pool(size, lambda level, event, **fields: told.append(event), ROOT, clock or Clock())
    try:
        kept.keep_up(catalogue(snapshot, semantic))
        yield kept, told
    finally:
        kept.stop()


def catalogue(snapshot, semantic):
    return Catalogue(snapshot.version, snapshot.path, semantic.index.folder, semantic.synonyms, semantic.year)


class Nobody:
    """Stands in for the ranker of this process where it must not be asked."""

    def __getattr__(self, name):
        raise AssertionError(f"{name} was asked here")


def beside(kept, snapshot, here=None):
    return Beside(kept, here or Nobody(), snapshot.version, Turns())


def pids(kept):
    return [process.child.pid for process in kept._living]


def test_a_process_answers_what_this_one_would(shelf, semantic):
    with shelf.borrow() as snapshot, processes(1, snapshot, semantic) as (kept, told):
        other = beside(kept, snapshot)
        for brief in BRIEFS:
            ranking = semantic.rank(snapshot, brief, "v")
            assert other.rank(snapshot, brief, "v") == ranking
            signals = snapshot.signals(ranking.rows[:25])
            # With the ranking came the reasons of the first page; for more than that they are asked for.
            assert other.reasons(brief.spec, signals[:10]) == semantic.reasons(brief.spec, signals[:10])
            assert other.reasons(brief.spec, signals) == semantic.reasons(brief.spec, signals)
            rows = list(ranking.rows[:3])
            assert list(other.explanations(snapshot, brief, rows)) == semantic.explanations(snapshot, brief, rows)
        assert told == ["ranking_process_started"]


def test_several_answer_at_the_same_time(shelf, semantic):
    wrong = []

    def ask():
        for brief in BRIEFS * 3:
            if other.rank(snapshot, brief, "v") != expected[brief]:
                wrong.append(brief)

    with shelf.borrow() as snapshot, processes(2, snapshot, semantic) as (kept, told):
        expected = {brief: semantic.rank(snapshot, brief, "v") for brief in BRIEFS}
        other = beside(kept, snapshot)
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not wrong
        assert told == ["ranking_process_started"] * 2


def test_whose_own_prices_count_and_what_no_process_has_open_is_ranked_here(shelf, semantic):
    with shelf.borrow() as snapshot, processes(1, snapshot, semantic) as (kept, _):
        with pytest.raises(AssertionError, match="rank was asked here"):
            beside(kept, snapshot).rank(snapshot, Brief("cars", viewer="acme@1"), "v")
        with pytest.raises(AssertionError, match="explanations was asked here"):
            beside(kept, snapshot).explanations(snapshot, Brief("cars", viewer="acme@1"), [1])
        unknown = Beside(kept, semantic, "another version", Turns())
        assert unknown.rank(snapshot, Brief("cars"), "v").rows == semantic.rank(snapshot, Brief("cars"), "v").rows


def test_one_that_is_killed_costs_no_answer_and_another_one_is_started_when_it_is_time(shelf, semantic):
    clock = Clock()
    with shelf.borrow() as snapshot, processes(1, snapshot, semantic, clock) as (kept, told):
        (first,) = pids(kept)
        os.kill(first, signal.SIGKILL)
        other = beside(kept, snapshot, semantic)
        assert other.rank(snapshot, BRIEFS[0], "v") == semantic.rank(snapshot, BRIEFS[0], "v")
        assert told[1:] == ["ranking_process_lost"]
        kept.keep_up(catalogue(snapshot, semantic))
        assert kept.living == 0
        clock.now += pool.RESTART_SECONDS
        kept.keep_up(catalogue(snapshot, semantic))
        assert pids(kept) != [first]
        assert beside(kept, snapshot).rank(snapshot, BRIEFS[1], "v") == semantic.rank(snapshot, BRIEFS[1], "v")


def test_one_that_hangs_is_given_up_and_those_who_wait_for_it_are_answered_here(shelf, semantic, monkeypatch):
    monkeypatch.setattr(pool, "PATIENCE_SECONDS", 0.5)
    answers = []

    def ask():
        answers.append(other.rank(snapshot, BRIEFS[1], "v"))

    with shelf.borrow() as snapshot, processes(1, snapshot, semantic) as (kept, told):
        (hanging,) = pids(kept)
        os.kill(hanging, signal.SIGSTOP)
        other = beside(kept, snapshot, semantic)
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert answers == [semantic.rank(snapshot, BRIEFS[1], "v")] * 4
        assert told[1:] == ["ranking_process_lost"]
        with pytest.raises(ProcessLookupError):
            os.kill(hanging, 0)


def test_an_error_over_there_is_told_and_the_answer_made_here(shelf, semantic):
    with shelf.borrow() as snapshot, processes(1, snapshot, semantic) as (kept, told):
        assert kept.ask(snapshot.version, ("explanations", snapshot.version)) is None
        assert told[1:] == ["ranking_process_failed"]
        assert beside(kept, snapshot).rank(snapshot, BRIEFS[0], "v").rows


def test_an_index_that_cannot_be_opened_over_there_leaves_the_work_here(shelf, semantic, tmp_path):
    with shelf.borrow() as snapshot:
        told = []
        kept = Pool(1, lambda level, event, **fields: told.append(event), ROOT, Clock())
        try:
            kept.keep_up(catalogue(snapshot, semantic)._replace(folder=tmp_path / "none"))
            assert told == ["ranking_process_started", "ranking_process_failed"]
            kept.keep_up(catalogue(snapshot, semantic)._replace(folder=tmp_path / "none"))
            assert told == ["ranking_process_started", "ranking_process_failed"]
            assert beside(kept, snapshot, semantic).rank(snapshot, BRIEFS[0], "v").rows
        finally:
            kept.stop()


def test_the_signals_that_end_the_service_do_not_end_it_but_its_service_going_does(shelf, semantic):
    with shelf.borrow() as snapshot:
        process = Process.start(ROOT)
        process.take(catalogue(snapshot, semantic))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process.child.send_signal(number)
        assert process.ask(("reasons", snapshot.version, "cars", [])) == ([], b"")
        process.line.close()
        assert process.child.wait(30) == 0


def test_a_brief_comes_back_as_it_was_with_all_that_it_can_hold():
    brief = Brief(
        "cars",
        platforms=("a", "b"),
        countries=("US",),
        max_cpm=2.5,
        min_coverage_percentage=1.0,
        priced=True,
        refs=(Ref(True, "a.example", "one"), Ref(False, "b.example", "two")),
        viewer="acme@1",
    )
    assert spelled.read_brief(json.loads(json.dumps(spelled.brief(brief)))) == brief


def test_frames_arrive_whole_however_they_are_cut():
    one, other = socket.socketpair()
    with one, other:
        large = {"rows": list(range(50_000))}
        thread = threading.Thread(target=frames.send, args=(one, large, b"x" * 100_000))
        thread.start()
        assert frames.receive(other) == (large, b"x" * 100_000)
        thread.join(10)
        frames.wait_at_most(other, 0.01)
        with pytest.raises(BlockingIOError):
            frames.receive(other)
        one.sendall(b"\0\0")
        one.close()
        with pytest.raises(EOFError):
            frames.receive(other)


def test_a_service_that_is_killed_leaves_no_process_behind(tmp_path):
    with ServiceProcess(tmp_path, LOCAL_RANKING="meaning", RANKING_PROCESSES="2") as killed:
        killed.search("cars")
        started = wait_for(lambda: killed.events("ranking_process_started")[1:] and killed.events("index_ready"))
        assert started
        children = [told["pid"] for told in killed.events("ranking_process_started")]
        assert int(Path(f"/proc/{children[0]}/oom_score_adj").read_text()) > 0
        killed.kill()
    wait_for(lambda: not any(_lives(pid) for pid in children))


def _lives(pid):
    """Return whether a process runs; one that has ended may wait for long until somebody takes notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_the_service_ranks_by_its_processes_and_leaves_none_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "RESTART_SECONDS", 0.5)
    with Running(tmp_path, LOCAL_RANKING="meaning", RANKING_PROCESSES="1", OPERATOR_TOKEN=TOKEN) as running:
        running.search("cars")
        wait_for(lambda: running.events("ranking_process_started"))
        (told,) = running.events("ranking_process_started")
        answered = running.search("oenophiles")
        os.kill(told["pid"], signal.SIGKILL)
        again = running.search("oenophiles&max_results=9")
        assert [one["match_reason"] for one in again.document["signals"]] == [
            one["match_reason"] for one in answered.document["signals"][:9]
        ]
        wait_for(lambda: running.events("ranking_process_lost"))
        wait_for(lambda: len(running.events("ranking_process_started")) == 2)
        # Another catalogue is taken up by the same process.
        assert running.upload(b"id,name\ngolf,Golf weekends\n", headers=OPERATOR).status == 200
        wait_for(lambda: len(running.events("index_ready")) == 2)
        assert "golf" in running.search("golfers").ids
    assert running.code == 0
    for started in running.events("ranking_process_started"):
        with pytest.raises(ProcessLookupError):
            os.kill(started["pid"], 0)
