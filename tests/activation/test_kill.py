"""kill -9 at every step of an activation: nothing is lost, and nothing is done twice.

Real processes over one state file, and a platform that notes the delivery ids that come to it. Killed whenever, a
service that is started again sends at most the same id again; whoever repeats an order with its key makes none twice.
"""

import http.client
import json
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from service.state import State
from tests.activation.platforms import PlatformServer
from tests.activation.services import DESTINATION, ORDER, Buyer, call_back, configured, fill
from tests.running import Process, free_port, request_bytes, wait_for

KILLS = 3


@pytest.fixture
def platform():
    with PlatformServer() as one:
        yield one


@pytest.fixture
def start(tmp_path, platform):
    """Return a starter of services on one state file; ``url`` is where its platform is thought to be."""
    fill(tmp_path, sample=False)
    state = State(tmp_path / "state.db", time.time, print)
    state.open()
    text = state.keys.create("acme")[1]
    state.close()
    running = []

    def start(url=None):
        running.append(Process(tmp_path, KEY_RATE_LIMIT="100000/60", **configured(tmp_path, url or platform.url)))
        return running[-1], Buyer(running[-1], text)

    yield start
    for one in running:
        if one.process.poll() is None:
            one.kill()


def activations(buyer):
    return buyer.get("/api/activations?max_results=100").document["activations"]


def confirmed(service, buyer, order):
    """Confirm an order and return the state that the buyer sees."""
    assert call_back(service, order, time.time(), state="live").status == 200
    return buyer.get(f"/api/activations/{order['activation_id']}").document["state"]


def test_killed_before_the_order_is_whole_nothing_was_ordered_and_its_repetition_orders_once(start, platform):
    service, buyer = start()
    body = json.dumps(ORDER).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "the-order-itself"),
        *buyer.credentials.items(),
    ]
    with service.connect() as connection:
        connection.sendall(request_bytes("POST", "/api/signals/suv/activate", headers, body)[:-1])
        service.kill()
    service, buyer = start()
    assert activations(buyer) == []

    assert buyer.activate(key="the-order-itself").document["replayed"] is False
    assert platform.arrived.acquire(timeout=20)
    assert len(activations(buyer)) == len(set(platform.ids)) == 1


def test_killed_after_the_write_and_before_the_send_the_order_is_sent_after_the_restart(start, platform):
    service, buyer = start(f"http://127.0.0.1:{free_port()}")
    first = buyer.activate(key="the-order-itself")
    assert first.status == 202
    service.kill()
    assert platform.got == []

    service, buyer = start()
    assert platform.arrived.acquire(timeout=20)
    again = buyer.activate(key="the-order-itself").document
    assert again["replayed"] is True
    assert again["activations"] == first.document["activations"]
    assert len(platform.ids) == 1
    assert confirmed(service, buyer, platform.got[0].document) == "live"


def test_killed_after_the_send_and_before_the_note_the_same_delivery_comes_again(start, platform):
    platform.free.clear()
    service, buyer = start()
    buyer.activate(key="the-order-itself")
    assert platform.arrived.acquire(timeout=20)
    service.kill()
    platform.free.set()

    service, buyer = start()
    assert platform.arrived.acquire(timeout=20)
    assert len(platform.ids) == 2
    assert len(set(platform.ids)) == 1
    (one,) = activations(buyer)
    assert one["state"] == "activating"
    assert confirmed(service, buyer, platform.got[0].document) == "live"


def test_killed_between_the_confirmation_and_the_next_look_it_stays_live(start, platform):
    service, buyer = start()
    buyer.activate()
    assert platform.arrived.acquire(timeout=20)
    assert confirmed(service, buyer, platform.got[0].document) == "live"
    service.kill()

    service, buyer = start()
    (one,) = activations(buyer)
    assert (one["state"], len(platform.ids)) == ("live", 1)


class Orders(threading.Thread):
    """Orders one seat after the other, and repeats each order with its key until it is answered."""

    def __init__(self, buyer_of, enough):
        super().__init__(daemon=True)
        self._buyer_of = buyer_of
        self._enough = enough
        self.done = {}

    def until(self, count):
        """Wait until so many orders were answered."""
        wait_for(lambda: len(self.done) >= count)

    def run(self):
        while not self._enough.is_set():
            seat = f"seat-{len(self.done)}"
            document = ORDER | {"destinations": [DESTINATION | {"account": seat}]}
            try:
                answer = self._buyer_of().activate(document=document, key=f"the-order-of-{seat:>8}".replace(" ", "-"))
            except (OSError, http.client.HTTPException):
                self._enough.wait(0.02)
                continue
            if answer.status == 202:
                self.done[seat] = answer.document["activations"][0]["activation_id"]


def test_killed_again_and_again_under_orders_every_order_arrives_under_one_id(start, platform, tmp_path):
    dice = random.Random(8)
    enough = threading.Event()
    current = [start()]
    orders = Orders(lambda: current[0][1], enough)
    orders.start()
    try:
        for _ in range(KILLS):
            orders.until(len(orders.done) + dice.randrange(1, 12))
            current[0][0].process.send_signal(signal.SIGKILL)
            current[0][0].ended()
            current[0] = start()
        orders.until(len(orders.done) + 3)
    finally:
        enough.set()
        orders.join(20)
    service, buyer = current[0]

    wait_for(lambda: len({got.document["activation_id"] for got in list(platform.got)}) >= len(orders.done))
    ids = {}
    for got in platform.got:
        order = got.document
        ids.setdefault(order["destination"]["account"], set()).add((order["activation_id"], order["delivery_id"]))
    assert orders.done.keys() <= ids.keys()
    assert all(len(seen) == 1 for seen in ids.values())
    assert all(seat not in orders.done or (seat_id,) == (orders.done[seat],) for seat, seat_id in first_ids(ids))
    assert confirmed(service, buyer, platform.got[-1].document) == "live"
    assert not list(Path(tmp_path).glob("state.db.corrupt-*"))


def first_ids(ids):
    return [(seat, next(iter(seen))[0]) for seat, seen in ids.items()]
