"""The file drop adapter over real directories: whole files, and confirmations that cannot be abused."""

import json
import os

import pytest

from service.activation.adapter import Confirmed, Delivery, NotYet, Taken
from service.activation.filedrop import FileDrop
from service.activation.targets import Targets
from tests.activation.parts import an_order


@pytest.fixture
def drop(tmp_path):
    for name in ("orders", "words"):
        (tmp_path / name).mkdir()
    return FileDrop(tmp_path / "orders", tmp_path / "words", b"secret", "https://signals.example", ask_every=5.0)


@pytest.fixture
def parts(make, drop):
    return make(targets=Targets(platforms={"the-trade-desk": drop}))


@pytest.fixture
def delivery(parts):
    (one,) = parts.activations.order(an_order())
    return Delivery.of(one)


def confirm(drop, delivery, **document):
    (drop.confirmations / f"{delivery.id}.json").write_text(json.dumps({"delivery_id": delivery.id} | document))


def test_an_order_becomes_one_file_and_nothing_else(drop, delivery):
    assert drop.deliver(delivery) == Taken()
    assert drop.deliver(delivery) == Taken()

    (file,) = drop.directory.iterdir()
    assert file.name == f"{delivery.id}.json"
    assert json.loads(file.read_text()) == delivery.document() | {
        "callback": f"https://signals.example/api/activations/{delivery.activation.id}/callback"
    }


def test_it_goes_live_when_the_confirmation_is_there(parts, drop, delivery):
    parts.errands.run()
    parts.clock.advance(5)
    parts.errands.run()
    assert parts.now(delivery.activation).state == "activating"

    confirm(drop, delivery, state="live", activation_key={"type": "key_value", "key": "seg", "value": "7"})
    parts.clock.advance(5)
    parts.errands.run()
    assert parts.now(delivery.activation).state == "live"
    assert parts.now(delivery.activation).activation_key == {"type": "key_value", "key": "seg", "value": "7"}


def test_a_directory_that_is_gone_is_tried_again(drop, delivery):
    drop.directory.rmdir()

    assert drop.deliver(delivery) == NotYet("the drop directory: No such file or directory")
    drop.directory.mkdir()
    assert drop.deliver(delivery) == Taken()


def test_a_draft_that_cannot_be_put_in_place_is_not_left_behind(drop, delivery):
    (drop.directory / f"{delivery.id}.json").mkdir()

    assert drop.deliver(delivery) == NotYet("the drop directory: Is a directory")
    assert [file.name for file in drop.directory.iterdir()] == [f"{delivery.id}.json"]


def test_no_confirmation_is_none(drop, delivery):
    assert drop.ask(delivery) == NotYet()
    assert FileDrop(drop.directory, secret=b"secret").ask(delivery) == NotYet()


def test_a_confirmation_is_read_as_it_is(drop, delivery):
    confirm(drop, delivery, state="failed", reason="no such seat")

    assert drop.ask(delivery) == Confirmed("failed", reason="no such seat")


def test_a_confirmation_of_another_delivery_confirms_nothing(drop, delivery):
    confirm(drop, delivery, state="live", delivery_id="dlv_other")

    assert drop.ask(delivery) == NotYet("the confirmation file is about another delivery")


def test_a_link_a_pipe_and_a_directory_are_no_confirmations(drop, delivery, tmp_path):
    place = drop.confirmations / f"{delivery.id}.json"
    (tmp_path / "secret").write_text(json.dumps({"delivery_id": delivery.id, "state": "live"}))
    place.symlink_to(tmp_path / "secret")
    assert isinstance(drop.ask(delivery), NotYet)
    place.unlink()
    os.mkfifo(place)
    assert drop.ask(delivery) == NotYet("the confirmation file: OSError")
    place.unlink()
    place.mkdir()
    assert isinstance(drop.ask(delivery), NotYet)


@pytest.mark.parametrize("body", [b"", b'{"delivery_id"', b"\xff", b" " * 20_000])
def test_half_a_file_and_too_large_a_one_confirm_nothing(drop, delivery, body):
    (drop.confirmations / f"{delivery.id}.json").write_bytes(body)

    assert isinstance(drop.ask(delivery), NotYet)
