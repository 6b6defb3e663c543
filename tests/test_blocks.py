"""The book of abuse: who is blocked, who never is, for how long, and what a restart changes (nothing)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.blocks import ATTACK, BLOCKS_KEPT, SCORES_KEPT, WRONG_TOKEN, Blocks, block_seconds, decayed, steady
from service.sliding_window import SlidingWindow
from service.state import BlockRow, State
from tests.doubles import FakeClock

DAY = 86_400


class FakeLedger:
    """Keeps rows in memory, as the state file would."""

    def __init__(self, rows=()):
        self.rows = {row.client: row for row in rows}

    def blocks(self):
        return sorted(self.rows.values(), key=lambda row: row.until)

    def keep_blocks(self, rows):
        self.rows.update((row.client, row) for row in rows)

    def lift_block(self, client):
        self.rows.pop(client, None)

    def forget_blocks_before(self, until):
        self.rows = {client: row for client, row in self.rows.items() if row.until >= until}


class Book:
    """A book of abuse at the usual threshold with its clock and ledger, and the walk of a request past it."""

    def __init__(self, ledger=None, **options):
        self.clock = FakeClock(1_700_000_000.0)
        self.ledger = ledger or FakeLedger()
        self.told = []
        self.blocks = Blocks(300, self.ledger, self.clock, on_block=self.told.append, **options)
        self.window = SlidingWindow(100, 60, self.clock)

    def visit(self, client="alice"):
        """One request as block and rate limit stages see it; return the status."""
        if self.blocks.blocked_for(client) > 0:
            return 403
        verdict = self.window.hit(client)
        if verdict.admitted:
            self.blocks.accepted(client)
            return 200
        self.blocks.told_to_wait(client, -(-verdict.reset_ms // 1000))
        return 429

    def attack(self, client="alice", times=1):
        for _ in range(times):
            self.blocks.charge(client, ATTACK, "suspicious input (xss)")

    def block(self, client="alice"):
        """Block a client by what it takes and return for how long."""
        self.attack(client, 30)
        return self.blocks.blocked_for(client)

    def visits(self, a_minute, minutes, burst=1):
        """Visit in bursts at an even pace and return the statuses met."""
        seen = set()
        for _ in range(round(a_minute * minutes / burst)):
            seen |= {self.visit() for _ in range(burst)}
            self.clock.advance(60 * burst / a_minute)
        return seen


@pytest.mark.parametrize("burst", [1, 7, 50, 100, 200])
def test_twice_the_limit_for_an_hour_is_never_blocked(burst):
    book = Book()

    assert book.visits(a_minute=200, minutes=60, burst=burst) == {200, 429}
    assert book.told == []


@settings(max_examples=8, deadline=None)
@given(shares=st.lists(st.integers(0, 200), min_size=60, max_size=60))
def test_twice_the_limit_in_any_rhythm_is_never_blocked(shares):
    book = Book()
    for share in shares:  # each minute two bursts, 200 requests together
        for burst in (share, 200 - share):
            assert 403 not in {book.visit() for _ in range(burst)}
            book.clock.advance(30)


@pytest.mark.parametrize("burst", [1, 10, 100, 1000])
def test_ten_times_the_limit_for_two_minutes_is_blocked(burst):
    book = Book()

    assert 403 in book.visits(a_minute=1000, minutes=2, burst=burst)
    assert book.told[0].client == "alice"
    assert book.told[0].reason == "too many requests"


def test_a_client_that_heeds_retry_after_is_never_charged():
    book = Book()
    for _ in range(300):
        while book.visit() == 200:
            book.clock.advance(0.001)
        book.clock.advance(61)

    assert book.told == []


def test_fifty_attacks_in_a_minute_with_nothing_accepted_between_are_blocked():
    book = Book()
    for _ in range(50):
        book.attack()
        book.clock.advance(60 / 50)

    assert [row.client for row in book.told] == ["alice"]


def test_a_few_attacks_amid_the_normal_traffic_of_one_address_block_nobody():
    book = Book()
    for second in range(3 * 3600):
        if second % 21 == 0:
            book.attack()
        else:
            book.blocks.accepted("alice")
        book.clock.advance(1)

    assert book.told == []


def test_good_conduct_never_builds_up_credit():
    book = Book()
    for _ in range(1000):
        book.blocks.accepted("alice")

    assert book.block() > 0


@given(score=st.floats(0, 1e6), seconds=st.floats(0, 600), more=st.floats(0, 600))
def test_a_score_halves_every_minute_however_often_it_is_looked_at(score, seconds, more):
    assert decayed(score, 60) == score / 2
    assert decayed(decayed(score, seconds), more) == pytest.approx(decayed(score, seconds + more))
    assert decayed(score, -5) == score


def test_blocks_double_from_a_minute_to_a_day():
    book = Book()
    lasted = []
    for _ in range(14):
        lasted.append(book.block())
        book.clock.advance(lasted[-1])
        assert book.blocks.blocked_for("alice") == 0

    assert lasted[:4] == [60, 120, 240, 480]
    assert lasted[10:] == [61_440, DAY, DAY, DAY]
    assert block_seconds(10_000) == DAY


def test_a_client_that_was_good_for_a_day_starts_from_the_first_block_again():
    book = Book()
    book.block()
    book.clock.advance(60 + DAY)
    assert book.block() == 120

    book.clock.advance(120 + DAY + 1)
    assert book.block() == 60


def test_offences_during_a_block_do_not_lengthen_it():
    book = Book()
    book.block()
    book.clock.advance(10)

    book.attack(times=200)

    assert book.blocks.blocked_for("alice") == 50
    assert len(book.told) == 1


def test_clients_are_judged_each_for_themselves():
    book = Book()
    book.block("alice")

    assert book.blocks.blocked_for("bob") == 0


def test_wrong_tokens_lead_to_a_block_too():
    book = Book()
    for _ in range(30):
        book.blocks.charge("alice", WRONG_TOKEN, "wrong operator token")

    assert book.told[0].reason == "wrong operator token"


def test_with_blocking_off_it_is_only_counted():
    book = Book(enforce=False)
    book.attack(times=30)

    assert book.blocks.blocked_for("alice") == 0
    assert [row.client for row in book.blocks.current()] == ["alice"]
    assert len(book.told) == 1


def test_exempt_clients_are_never_blocked():
    book = Book(exempt=lambda client: client in ("127.0.0.1", "alice"))
    book.attack(times=500)
    for _ in range(2000):
        book.visit("127.0.0.1")

    assert book.told == []
    assert book.blocks.blocked_for("alice") == 0
    assert book.block("bob") == 60


def test_a_lifted_block_is_over_at_once_and_forgotten():
    book = Book()
    book.block()

    assert book.blocks.lift("alice") is True
    assert book.blocks.blocked_for("alice") == 0
    assert book.ledger.rows == {}
    assert book.blocks.lift("alice") is False
    assert book.block() == 60


def test_lifting_what_is_over_says_that_there_was_none():
    book = Book()
    book.block()
    book.clock.advance(61)

    assert book.blocks.lift("alice") is False


def test_the_running_blocks_are_listed_the_longest_first():
    book = Book()
    book.block("over")
    book.clock.advance(61)
    book.block("short")
    book.block("over")

    assert [(row.client, row.times) for row in book.blocks.current()] == [("over", 2), ("short", 1)]


def test_a_restart_changes_nothing(tmp_path):
    def a_state(clock):
        state = State(tmp_path / "state.db", clock, print)
        state.open()
        return state

    before = Book(a_state(FakeClock()))
    before.block("alice")
    before.clock.advance(61)
    before.block("alice")
    before.block("bob")
    before.blocks.lift("bob")
    before.ledger.close()

    after = Book(a_state(FakeClock()))
    after.clock.now = before.clock.now + 20
    after.blocks.load()
    assert after.blocks.blocked_for("alice") == 100
    assert after.blocks.blocked_for("bob") == 0
    after.clock.advance(101)
    assert after.block("alice") == 240
    after.ledger.close()


def test_who_was_exempted_since_is_free_after_the_restart():
    row = BlockRow("alice", 1_700_000_900.0, 4, "too many requests")
    book = Book(FakeLedger([row]), exempt=lambda client: client == "alice")
    book.blocks.load()

    assert book.blocks.blocked_for("alice") == 0


def test_a_clock_that_was_wrong_once_blocks_nobody_for_years():
    row = BlockRow("alice", 4_000_000_000.0, 3, "too many requests")
    book = Book(FakeLedger([row]))
    book.blocks.load()

    assert book.blocks.blocked_for("alice") == block_seconds(3)


def test_cleaning_forgets_what_ended_a_day_ago_and_keeps_the_rest():
    book = Book()
    book.block("alice")
    book.clock.advance(DAY)
    book.block("bob")
    book.clock.advance(61)

    assert book.blocks.clean() == 1
    assert set(book.ledger.rows) == {"bob"}
    assert set(book.blocks._blocked) == {"bob"}


def test_cleaning_writes_again_what_the_ledger_could_not_keep_or_has_lost():
    book = Book()
    book.block("alice")
    book.block("bob")
    book.blocks.lift("bob")
    book.ledger.rows.clear()
    book.blocks.clean()

    assert [row.client for row in book.ledger.blocks()] == ["alice"]
    assert book.ledger.blocks() == book.blocks.current()


def test_scores_are_bounded_and_the_longest_silent_is_forgotten_first():
    book = Book()
    for number in range(SCORES_KEPT + 10):
        book.attack(f"client-{number}")

    assert len(book.blocks._conduct) == SCORES_KEPT
    assert next(iter(book.blocks._conduct)) == "client-10"


def test_blocks_are_bounded_in_memory_and_on_disk():
    ledger, clock = FakeLedger(), FakeClock()
    blocks = Blocks(ATTACK, ledger, clock)
    for number in range(BLOCKS_KEPT + 10):
        blocks.charge(f"client-{number}", ATTACK, "suspicious input (xss)")

    assert len(blocks.current()) == len(ledger.rows) == BLOCKS_KEPT
    assert blocks.blocked_for("client-9") == 0
    assert blocks.blocked_for("client-10") == 60


def test_who_behaves_leaves_no_trace():
    book = Book()
    book.blocks.accepted("alice")
    book.attack()
    for _ in range(20):
        book.blocks.accepted("alice")

    assert book.blocks._conduct == {}


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_steady_clock_goes_on_however_the_wall_clock_is_set(jump):
    now, wall = FakeClock(50.0), FakeClock(1_700_000_000.0)
    clock = steady(now, wall)
    wall.advance(jump)
    now.advance(10.0)

    assert clock() == 1_700_000_010.0
