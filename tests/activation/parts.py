"""What the tests of activation are made of: principals, orders, signals, and the parts over a real state file."""

from __future__ import annotations

import json

from service.activation.activations import Activations, Found
from service.activation.adapter import Confirmed, NotYet, Taken
from service.activation.callbacks import Callbacks
from service.activation.errands import Errands
from service.activation.orders import Account, Destination, Order
from service.activation.replay import Replay
from service.activation.signing import SIGNATURE, TIMESTAMP, signed
from service.activation.store import Store
from service.activation.targets import Targets
from service.messages import Deployment, Principal, Signal
from service.state import State
from tests.doubles import FakeClock

ALICE = Principal("p-alice", "Alice")
BOB = Principal("p-bob", "Bob")
AGENCY = Account(account_id="acc-1")
PLATFORM = Destination("platform", platform="the-trade-desk", account="seat-7")
OTHER_PLATFORM = Destination("platform", platform="dv360")
AGENT = Destination("agent", agent_url="https://sales.example/mcp")

PRICED = Signal("suv", "SUV intenders", cpm=3.2, deployments=(Deployment("the-trade-desk"), Deployment("dv360")))
FREE = Signal("free", "Free of charge")
PRIVATE = Signal("bobs", "Only Bob's")
PRICE = "suv-cpm"


def an_order(signal="suv", *destinations, principal=ALICE, account=AGENCY, action="activate", price=PRICE):
    """Return an order of ``suv`` on the trade desk; everything may be overridden."""
    price = price if signal == "suv" and action == "activate" else None
    return Order(principal, signal, destinations or (PLATFORM,), account, action, price)


class Library:
    """Finds the three signals; ``bobs`` for Bob alone. ``sample`` says that they are invented."""

    def __init__(self, sample=True):
        self.sample = sample
        self.signals = {signal.id: signal for signal in (PRICED, FREE, PRIVATE)}

    def __call__(self, signal_id, viewer):
        found = self.signals.get(signal_id)
        if found is None or (found is PRIVATE and viewer != BOB):
            return None
        return Found(found, self.sample)


class Platform:
    """An adapter that answers what it is told to: ``answers`` to deliveries, ``word`` to questions."""

    name = "webhook"
    instant = False
    minutes = 30
    patience = 3600.0
    secret = b"secret of the platform"

    def __init__(self, ask_every=None):
        self.ask_every = ask_every
        self.answers = []
        self.word = NotYet()
        self.delivered = []
        self.asked = []

    def deliver(self, delivery):
        self.delivered.append(delivery)
        return self.answers.pop(0) if self.answers else Taken()

    def ask(self, delivery):
        self.asked.append(delivery)
        return self.word


LIVE = Confirmed("live", {"type": "segment_id", "segment_id": "seg-1"})


class Parts:
    """Activation over a state file, without a service around it; ``again`` is a restart."""

    def __init__(self, path, targets=None, library=None):
        self.path = path
        self.clock = FakeClock(1_800_000_000.0)
        self.targets = targets or Targets()
        self.library = library or Library()
        self.said, self.changes, self.woken, self.troubles = [], [], [], []
        self.start()

    def start(self):
        self.state = State(self.path, self.clock, self.said.append)
        self.state.open()
        self.store = Store(self.state, lambda one: self.changes.append((one.destination.platform, one.state)))
        self.activations = Activations(
            self.store, self.targets, self.library, self.clock, lambda: self.woken.append(self.clock.now)
        )
        self.replay = Replay(self.state, self.clock, self.clock)
        self.errands = Errands(
            self.store,
            self.targets,
            self.clock,
            self.clock,
            lambda: 1.0,
            lambda one, reason: self.troubles.append(reason),
        )
        self.callbacks = Callbacks(self.store, self.targets, self.clock)

    def again(self):
        self.state.close()
        self.start()

    def now(self, activation):
        """Return an activation as it is kept now."""
        return self.store.by_id(activation.id)

    def told(self, activation, state="live", delivery=None, secret=None, at=None, **more):
        """Have the platform call back; return whether that changed anything."""
        document = {"delivery_id": delivery or self.now(activation).standing.delivery, "state": state, **more}
        body = json.dumps(document).encode()
        headers = signed(secret or Platform.secret, self.clock.now if at is None else at, body)
        return self.callbacks.tell(activation.id, headers[TIMESTAMP], headers[SIGNATURE], body).changed

    def states(self, activation):
        """Return the states that an activation went through."""
        return [change.state for change in self.store.history(activation.id)]
