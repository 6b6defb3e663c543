"""Which texts are keys that hold, and for how long that is believed."""

import pytest

from service.errors import Unavailable
from service.keys.verifier import FRESH_SECONDS, TROUBLE_SECONDS, Verifier
from service.state import State
from tests.doubles import FakeClock


class Desk:
    """A verifier over a real file, whose looks into it are counted and can be made to fail."""

    def __init__(self, path):
        self.clock = FakeClock(1_700_000_000.0)
        self.state = State(path, self.clock, [].append)
        self.state.open()
        self.book = self.state.keys
        self.looks, self.readable = 0, True
        self.verifier = Verifier(self, lambda: self.readable, self.clock, self.clock)

    def find(self, key_id):
        self.looks += 1
        return self.book.find(key_id) if self.readable else None

    def verdict(self, text):
        return self.verifier.check(text)[0]


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "state.db")
    yield desk
    desk.state.close()


def test_a_right_key_is_its_holders(desk):
    key, text = desk.book.create("acme")

    assert desk.verifier.check(text) == ("active", key)


def test_a_right_id_with_another_secret_is_unknown_and_tells_no_key(desk):
    _, text = desk.book.create("acme")
    wrong = text[:-1] + ("a" if text[-1] != "a" else "b")

    assert desk.verifier.check(wrong) == ("unknown", None)
    assert desk.verifier.check("secret") == ("unknown", None)


def test_the_book_is_asked_once_a_second_for_a_key_in_use_and_each_time_for_a_wrong_one(desk):
    _, text = desk.book.create("acme")
    for _ in range(5):
        desk.verdict(text)
    assert desk.looks == 1

    desk.clock.advance(FRESH_SECONDS)
    desk.verdict(text)
    assert desk.looks == 2

    for _ in range(5):
        desk.verdict("sa_0123456789ab_" + "x" * 43)
    assert desk.looks == 7


def test_a_revocation_is_seen_within_a_second_and_an_expiry_at_once(desk):
    key, text = desk.book.create("acme")
    _, ending = desk.book.create("acme", desk.clock.now + 0.5)
    assert (desk.verdict(text), desk.verdict(ending)) == ("active", "active")

    desk.book.revoke(key.id)
    desk.clock.advance(0.5)
    assert desk.verdict(ending) == "expired"
    desk.clock.advance(FRESH_SECONDS - 0.5)
    assert desk.verdict(text) == "revoked"


def test_a_key_made_after_its_id_was_tried_works_at_its_first_use(desk):
    assert desk.verdict("sa_0123456789ab_" + "x" * 43) == "unknown"
    _, text = desk.book.create("acme")

    assert desk.verdict(text) == "active"


def test_while_the_file_cannot_be_read_known_keys_go_on_for_a_minute_and_others_come_again(desk):
    _, text = desk.book.create("acme")
    _, new = desk.book.create("globex")
    desk.verdict(text)
    desk.readable = False

    desk.clock.advance(TROUBLE_SECONDS - 1)
    assert desk.verdict(text) == "active"
    with pytest.raises(Unavailable) as refusal:
        desk.verdict(new)
    assert refusal.value.retry_after == 5
    assert desk.verdict("secret") == "unknown"

    desk.clock.advance(1)
    with pytest.raises(Unavailable):
        desk.verdict(text)
