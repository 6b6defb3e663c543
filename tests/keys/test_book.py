"""The book of keys: what it keeps of a key, and whose it is."""

import pytest

from service.keys.names import principal_name
from service.keys.token import TOKEN_LENGTH, digest, id_of, make
from service.reading import Rate
from service.state import State
from tests.doubles import FakeClock


@pytest.fixture
def clock():
    return FakeClock(1_700_000_000.0)


@pytest.fixture
def state(tmp_path, clock):
    state = State(tmp_path / "state.db", clock, [].append)
    state.open()
    yield state
    state.close()


def test_a_key_says_its_id_and_looks_like_no_other():
    one, other = make(), make()

    assert one.text != other.text
    assert id_of(one.text) == one.id
    assert len(one.text) == TOKEN_LENGTH


@pytest.mark.parametrize(
    "text", ["", "sa_", "sa_0123456789ab_short", "sb_0123456789ab_" + "x" * 43, "x" * 600, "\ud800"]
)
def test_what_is_no_key_has_no_id_and_still_a_digest(text):
    assert id_of(text) is None
    assert len(digest(text)) == 32


def test_a_key_is_found_by_its_id_with_all_that_was_said_of_it(state, clock):
    key, text = state.keys.create("acme", clock.now + 60, Rate(5, 10))

    found = state.keys.find(id_of(text))

    assert found == key
    assert (found.principal.name, found.rate, found.created_at) == ("acme", Rate(5, 10), clock.now)
    assert found.digest == digest(text)


def test_the_file_never_holds_a_key(state, tmp_path):
    _, text = state.keys.create("acme")
    state.close()

    assert not any(text.rpartition("_")[2].encode() in file.read_bytes() for file in tmp_path.iterdir())


def test_two_keys_of_a_name_are_of_one_principal_also_after_the_first_was_revoked(state):
    first, _ = state.keys.create("acme")
    state.keys.revoke(first.id)
    second, _ = state.keys.create("acme")
    other, _ = state.keys.create("globex")

    assert first.principal == second.principal != other.principal


def test_a_key_ends_when_it_was_to_and_when_it_is_revoked(state, clock):
    key, _ = state.keys.create("acme", clock.now + 60)

    assert key.state(clock.now + 59.9) == "active"
    assert key.state(clock.now + 60) == "expired"
    assert state.keys.revoke(key.id).state(clock.now) == "revoked"


def test_a_second_revocation_does_not_move_the_first(state, clock):
    key, _ = state.keys.create("acme")
    state.keys.revoke(key.id)
    clock.advance(100)

    assert state.keys.revoke(key.id).revoked_at == clock.now - 100
    assert state.keys.revoke("0123456789ab") is None


def test_keys_are_listed_by_name_and_age(state, clock):
    for name in ("globex", "acme", "globex"):
        state.keys.create(name)
        clock.advance(1)

    assert [(key.principal.name, key.created_at - clock.now) for key in state.keys.all()] == [
        ("acme", -2),
        ("globex", -3),
        ("globex", -1),
    ]


@pytest.mark.parametrize("text", ["Acme", " acme ", "ACME"])
def test_a_name_has_one_spelling(text):
    assert principal_name(text) == "acme"


@pytest.mark.parametrize("text", ["", "-acme", "ac me", "a;b", "a=b", "é", "x" * 65])
def test_a_name_that_a_catalogue_file_could_not_hold_is_refused(text):
    with pytest.raises(ValueError, match="1 to 64 letters"):
        principal_name(text)
