"""The state file: what it keeps, and that nothing which happens to the file harms the service."""

import contextlib
import sqlite3
import threading
import time
from dataclasses import replace

import pytest

from service.durable import WAITERS, Unwritten
from service.messages import Proposal
from service.state import BlockRow, State
from tests.doubles import Crowd, FakeClock, until

ALICE = BlockRow("192.0.2.1", 2000.5, 3, "too many requests")
BOB = BlockRow("2001:db8:0:1::", 1500.0, 1, "suspicious input (sqli)")


class Opened:
    """States on one path, each closed at the end; ``said`` is what they reported."""

    def __init__(self, path):
        self.path = path
        self.clock = FakeClock(1_700_000_000.25)
        self.said = []
        self.states = []

    def __call__(self):
        state = State(self.path, self.clock, self.said.append)
        self.states.append(state)
        state.open()
        return state

    def again(self):
        self.states[-1].close()
        return self()


@pytest.fixture
def opened(tmp_path):
    maker = Opened(tmp_path / "state.db")
    yield maker
    for state in maker.states:
        state.close()


@contextlib.contextmanager
def held_by_another_process(path):
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


def damage(path):
    path.write_bytes(path.read_bytes()[:100] + b"\xa5" * 8000)


def test_blocks_and_secrets_last_across_restarts(opened):
    state = opened()
    state.keep_blocks([ALICE, BOB])
    secret = state.secret("cursor")

    state = opened.again()
    assert state.blocks() == [BOB, ALICE]
    assert state.secret("cursor") == secret
    assert (state.status(), opened.said) == (None, [])


def test_each_secret_is_random_and_its_own(opened):
    state = opened()

    assert len(state.secret("cursor")) == 32
    assert state.secret("cursor") != state.secret("other")


def test_a_client_has_one_block_the_newest(opened):
    state = opened()
    state.keep_blocks([ALICE])
    state.keep_blocks([ALICE._replace(until=9000.0, times=4)])

    assert state.blocks() == [ALICE._replace(until=9000.0, times=4)]


def test_blocks_are_lifted_and_forgotten(opened):
    state = opened()
    state.keep_blocks([ALICE, BOB])

    state.lift_block("nobody")
    state.forget_blocks_before(2000.0)
    assert state.blocks() == [ALICE]
    state.lift_block(ALICE.client)
    assert state.blocks() == []


@pytest.mark.parametrize("name", ["'; DROP TABLE blocks; --", "", "ünï☂", "a" * 5000])
def test_any_name_is_kept_as_it_is(opened, name):
    state = opened()
    state.keep_blocks([ALICE._replace(client=name, reason=name)])

    assert state.blocks() == [ALICE._replace(client=name, reason=name)]


def damage_the_last_page(path):
    path.write_bytes(path.read_bytes()[:-4096] + b"\xa5" * 4096)


def overwrite(path):
    path.write_bytes(b"this is no database" * 100)


@pytest.mark.parametrize("harm", [damage, damage_the_last_page, overwrite])
def test_a_damaged_file_is_set_aside_and_said_and_a_new_one_begun(opened, harm):
    opened().keep_blocks([ALICE])
    opened.states[-1].close()
    harm(opened.path)
    damaged = opened.path.read_bytes()

    state = opened()

    aside = opened.path.with_name("state.db.corrupt-1700000000")
    assert aside.read_bytes()[-4096:] == damaged[-4096:]
    assert state.blocks() == []
    state.keep_blocks([BOB])
    assert "set aside as state.db.corrupt-1700000000" in state.status()
    assert opened.said == [f"state file {opened.path} {state.status()}"]
    state = opened.again()
    assert (state.blocks(), state.status()) == ([BOB], None)


def test_a_file_damaged_while_it_is_in_use_is_set_aside_too(opened):
    state = opened()
    state.keep_blocks([ALICE._replace(client=f"client-{number}") for number in range(500)])
    other = sqlite3.connect(opened.path)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    size = opened.path.stat().st_size
    with opened.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))

    state.blocks()
    state.keep_blocks([BOB])

    assert "set aside" in state.status()
    assert state.blocks() == [BOB]
    assert [file.name for file in opened.path.parent.glob("*.corrupt-*")] == ["state.db.corrupt-1700000000"]


def test_a_damaged_file_that_cannot_be_replaced_is_said_and_survived(opened):
    opened.path.write_bytes(b"this is no database" * 100)
    opened.path.with_name("state.db.corrupt-1700000000").mkdir()

    state = opened()

    assert "cannot be replaced" in state.status()
    assert state.blocks() == []


def test_a_locked_file_skips_the_write_and_is_well_again_with_the_next_success(opened):
    state = opened()
    with held_by_another_process(opened.path):
        state.keep_blocks([ALICE])
        assert "locked" in state.status()
    assert state.blocks() == []

    opened.clock.advance(5)
    state.keep_blocks([BOB])

    assert state.blocks() == [BOB]
    assert state.status() is None
    assert [line.rpartition("state.db ")[2] for line in opened.said] == [
        "cannot be used: database is locked",
        "works again",
    ]


def test_while_a_file_is_locked_only_one_write_in_five_seconds_waits_for_it(opened):
    state = opened()
    began = time.monotonic()
    with held_by_another_process(opened.path):
        for _ in range(50):
            state.keep_blocks([ALICE])
            opened.clock.advance(0.05)

    assert time.monotonic() - began < 5  # each on its own would wait a quarter of a second
    assert len(opened.said) == 1


def test_a_clock_set_back_does_not_keep_the_file_unused(opened):
    state = opened()
    with held_by_another_process(opened.path):
        state.keep_blocks([ALICE])
    opened.clock.advance(-3600)
    state.keep_blocks([BOB])

    assert state.blocks() == [BOB]


def test_a_file_that_was_locked_at_the_start_is_opened_later(opened):
    opened()
    with held_by_another_process(opened.path):
        state = opened.again()
        assert "locked" in state.status()
        assert len(state.secret("cursor")) == 32

    opened.clock.advance(5)
    state.keep_blocks([ALICE])
    assert (state.blocks(), state.status()) == ([ALICE], None)


@pytest.mark.parametrize("parent", ["missing", "a file"])
def test_an_unusable_directory_is_said_and_survived(opened, parent):
    (opened.path.parent / "a file").write_text("")
    opened.path = opened.path.parent / parent / "state.db"

    state = opened()
    state.keep_blocks([ALICE])
    state.lift_block("alice")

    assert "unable to open" in state.status()
    assert state.blocks() == []
    assert len(opened.said) == 1


def test_a_directory_that_appears_later_is_used(opened):
    opened.path = opened.path.parent / "volume" / "state.db"
    state = opened()
    opened.path.parent.mkdir()

    opened.clock.advance(5)
    state.keep_blocks([ALICE])

    assert (state.blocks(), state.status()) == ([ALICE], None)


def test_the_file_of_a_newer_version_is_neither_used_nor_harmed(opened):
    newer = sqlite3.connect(opened.path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = opened.path.read_bytes()

    state = opened()
    state.keep_blocks([ALICE])

    assert "newer version" in state.status()
    assert opened.path.read_bytes() == before


def test_a_closed_state_is_silent_and_stays_closed(opened):
    state = opened()
    state.close()
    state.close()

    state.keep_blocks([ALICE])

    assert (state.blocks(), state.status()) == ([], None)


def test_many_threads_may_write_at_once(opened):
    state = opened()

    def work(name):
        for number in range(50):
            state.keep_blocks([ALICE._replace(client=f"{name}-{number}")])

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(state.blocks()) == 300
    assert state.status() is None


IDEA = Proposal("proposal-1", "Van life beginners", "People who plan their first van.", "Fits the brief.")
OTHER = Proposal("proposal-2", "Van builders", "People who build vans.", "")


def test_notes_last_across_restarts_with_the_time_at_which_they_were_written(opened):
    opened().keep_note("popular", "old")
    opened.clock.advance(5)
    opened.states[-1].keep_note("popular", "naïve ☂")

    state = opened.again()
    assert state.note("popular") == ("naïve ☂", 1_700_000_005.25)
    assert state.note("unknown") is None


def test_proposals_last_across_restarts_newest_first_and_by_their_spec(opened):
    state = opened()
    state.keep_proposals("vans", [IDEA])
    opened.clock.advance(1)
    state.keep_proposals("vans", [OTHER])
    state.keep_proposals("cars", [replace(IDEA, id="proposal-3")])

    state = opened.again()
    assert state.proposals("vans", 3) == (OTHER, IDEA)
    assert state.proposals("vans", 1) == (OTHER,)
    assert state.proposals("boats", 3) == ()


def test_the_same_proposal_again_is_kept_once_and_is_the_newest(opened):
    state = opened()
    state.keep_proposals("vans", [IDEA, OTHER])
    opened.clock.advance(1)
    state.keep_proposals("vans", [IDEA])

    assert state.proposals("vans", 9) == (IDEA, OTHER)


def test_only_the_newest_proposals_are_kept(opened):
    state = opened()
    for number in range(5):
        opened.clock.advance(1)
        state.keep_proposals("vans", [replace(IDEA, id=f"proposal-{number}")])

    assert state.forget_old_proposals(kept=2) == 3
    assert [proposal.id for proposal in state.proposals("vans", 9)] == ["proposal-4", "proposal-3"]
    assert state.forget_old_proposals() == 0


def test_a_file_of_before_gets_what_is_new(opened):
    """The tables of notes and proposals came later; files without them are as good."""
    with sqlite3.connect(opened.path) as old:
        old.execute("CREATE TABLE blocks (client TEXT PRIMARY KEY, until REAL, times INTEGER, reason TEXT)")
        old.execute("PRAGMA user_version = 1")
    old.close()

    state = opened()
    state.keep_note("popular", "x")
    assert (state.note("popular").text, state.status(), opened.said) == ("x", None, [])


def test_without_a_usable_file_there_are_no_notes_and_no_proposals(tmp_path):
    state = State(tmp_path, FakeClock(), lambda text: None)
    state.open()
    state.keep_note("popular", "x")
    state.keep_proposals("vans", [IDEA])

    assert (state.note("popular"), state.proposals("vans", 3), state.forget_old_proposals()) == (None, (), 0)


def remove(path):
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@pytest.mark.parametrize("delete", [remove, lambda path: path.unlink()], ids=["with its log", "without its log"])
def test_a_file_deleted_while_it_is_open_is_made_again_with_all_that_was_in_it(opened, delete):
    state = opened()
    secret = state.secret("cursor")
    state.keep_blocks([ALICE])
    delete(opened.path)
    state.keep_blocks([BOB])

    assert (state.status(), len(opened.said)) == (None, 1)
    assert "was deleted, and made again" in opened.said[0]
    again = opened.again()
    assert again.blocks() == [BOB, ALICE]
    assert again.secret("cursor") == secret


def test_a_file_put_in_its_place_while_it_is_open_is_used_from_then_on(opened, tmp_path):
    other = State(tmp_path / "other.db", opened.clock, opened.said.append)
    other.open()
    other.keep_blocks([BOB])
    other.close()
    state = opened()
    state.keep_blocks([ALICE])
    remove(opened.path)
    (tmp_path / "other.db").rename(opened.path)

    assert state.blocks() == [BOB]


def test_garbage_put_in_its_place_while_it_is_open_is_set_aside(opened):
    state = opened()
    state.keep_blocks([ALICE])
    remove(opened.path)
    overwrite(opened.path)
    state.keep_blocks([BOB])

    assert "set aside" in state.status()
    assert state.blocks() == [BOB]


def test_a_directory_put_in_its_place_is_said_and_survived_until_it_goes(opened):
    state = opened()
    state.keep_blocks([ALICE])
    remove(opened.path)
    opened.path.mkdir()
    state.keep_blocks([BOB])
    assert "unable to open" in state.status()

    opened.path.rmdir()
    opened.clock.advance(5)
    state.keep_blocks([BOB])
    assert (state.blocks(), state.status()) == ([BOB], None)


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_a_file_cut_short_while_it_is_open_is_survived(opened, size):
    state = opened()
    state.keep_blocks([ALICE._replace(client=f"client-{number}") for number in range(500)])
    with opened.path.open("r+b") as file:
        file.truncate(size)
    for _ in range(3):
        opened.clock.advance(5)
        state.keep_blocks([BOB])

    assert BOB in state.blocks()
    state = opened.again()
    assert BOB in state.blocks()


def test_a_file_damaged_while_it_is_open_that_cannot_be_replaced_is_not_said_to_work_again(opened):
    state = opened()
    remove(opened.path)
    overwrite(opened.path)
    opened.path.with_name("state.db.corrupt-1700000000").mkdir()
    state.keep_blocks([ALICE])

    assert "cannot be replaced" in state.status()
    assert not any("works again" in line for line in opened.said)


def test_a_new_file_is_its_owners_alone(opened):
    opened().keep_note("popular", "x")

    files = [*opened.path.parent.glob("state.db*")]
    assert len(files) > 1, "SQLite keeps a log beside it"
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


# Transactions, whose end is known


def rows(state):
    with state.transaction() as database:
        return [client for (client,) in database.execute("SELECT client FROM blocks ORDER BY client")]


def insert(database, client):
    database.execute("INSERT INTO blocks VALUES (?, 0, 0, '')", (client,))


def test_a_transaction_is_whole_or_not_at_all(opened):
    state = opened()
    with state.transaction() as database:
        insert(database, "a")
        insert(database, "b")
    with pytest.raises(ZeroDivisionError), state.transaction() as database:
        insert(database, "c")
        raise ZeroDivisionError

    assert rows(state) == rows(opened.again()) == ["a", "b"]


def test_a_transaction_within_another_is_part_of_it(opened):
    state = opened()
    with pytest.raises(ZeroDivisionError), state.transaction():
        with state.transaction() as database:
            insert(database, "a")
        state.keep_blocks([ALICE])
        raise ZeroDivisionError

    assert rows(state) == []


def test_what_is_told_afterwards_is_told_once_it_is_committed_and_never_if_it_is_not(opened):
    state, told = opened(), []
    with state.transaction():
        state.afterwards(lambda: told.append("kept"))
        assert told == []
    with pytest.raises(ZeroDivisionError), state.transaction():
        state.afterwards(lambda: told.append("undone"))
        raise ZeroDivisionError
    with state.transaction():
        pass

    assert told == ["kept"]


def test_a_transaction_on_a_locked_file_raises_and_the_next_one_is_not_held_back(opened):
    state = opened()
    with held_by_another_process(opened.path), pytest.raises(Unwritten), state.transaction() as database:
        insert(database, "a")
    assert state.status() is not None

    with state.transaction() as database:
        insert(database, "b")
    assert (rows(state), state.status()) == (["b"], None)
    assert opened.said[-1].endswith("works again")


def test_a_transaction_on_a_closed_file_raises(opened):
    state = opened()
    state.close()

    with pytest.raises(Unwritten), state.transaction():
        pass


def test_a_transaction_on_a_file_that_was_deleted_finds_what_was_in_it(opened):
    state = opened()
    with state.transaction() as database:
        insert(database, "a")
    opened.path.unlink()
    with state.transaction() as database:
        insert(database, "b")

    assert rows(opened.again()) == ["a", "b"]


def test_after_damage_transactions_go_on_in_a_new_file_and_it_is_said(opened):
    state = opened()
    with state.transaction() as database:
        insert(database, "a")
    state.close()
    opened.path.write_bytes(opened.path.read_bytes()[:-4096] + b"\xa5" * 4096)
    state = opened()

    assert rows(state) == []
    assert "set aside" in state.status()


def test_whoever_waits_too_long_for_a_transaction_is_told(opened):
    state, inside, leave = opened(), threading.Event(), threading.Event()
    state.wait_seconds = 0.05

    def hold():
        with state.transaction():
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    with pytest.raises(Unwritten), state.transaction():
        pass
    leave.set()
    holder.join()


def test_no_more_than_a_few_threads_wait_for_a_transaction(opened):
    state, crowd, inside, leave = opened(), Crowd(), threading.Event(), threading.Event()

    def enter(*, hold=False):
        with state.transaction():
            if hold:
                inside.set()
                leave.wait(10)

    crowd.start(lambda: enter(hold=True))
    assert inside.wait(10)
    for _ in range(WAITERS + 5):
        crowd.start(enter)
    until(lambda: len(crowd.results) == 5)
    leave.set()
    crowd.join()

    assert sorted(str(result) for result in crowd.results) == ["None"] * (WAITERS + 1) + ["too many wait"] * 5
