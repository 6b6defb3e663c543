"""Whole services with activation in them, and callers that hold keys."""

from __future__ import annotations

import json

from service.activation.signing import signed
from service.catalogue.store import Store
from service.messages import Deployment, Price, Signal
from tests.activation.parts import PRICED

SECRET = "a-secret-of-sixteen-or-more"
CATALOGUE = [
    PRICED,
    Signal("free", "Free of charge", "costs nothing"),
    Signal("desk-only", "Only on one desk", deployments=(Deployment("the-trade-desk"),)),
    Signal("acmes", "Acme's own", visible_to=("acme",)),
    Signal("dear", "Dearer for some", cpm=2.0, prices=(Price("acme", 9.0, "USD"),)),
]
DESTINATION = {"type": "platform", "platform": "the-trade-desk", "account": "seat-7"}
ORDER = {"destinations": [DESTINATION], "pricing_option_id": "suv-cpm"}


def fill(folder, *, sample):
    """Put the catalogue of these tests in place, as the invented sample or as real data."""
    Store(folder / "signals.db").import_rows(CATALOGUE, sample=sample)


def configured(folder, url, *, table="", platform="the-trade-desk"):
    """Write a configuration with one webhook; return the settings that go with it."""
    path = folder / "activation.toml"
    path.write_text(f'[platforms.{platform}]\nadapter = "webhook"\nurl = "{url}/orders"\nminutes = 15\n{table}\n')
    return {"ACTIVATION_CONFIG": path, "ACTIVATION_SECRET": SECRET}


def a_key(service, name):
    """Make a key for a principal of a service in this process."""
    return service.service.state.keys.create(name)[1]


class Buyer:
    """Somebody with a key."""

    def __init__(self, service, text):
        self.service = service
        self.credentials = {"Authorization": f"Bearer {text}"}
        self.count = 0

    def activate(self, signal="suv", document=None, key=None, **headers):
        self.count += 1
        key = key or f"key-of-the-order-{self.count:04}"
        sent = {"Content-Type": "application/json", "Idempotency-Key": key, **self.credentials, **headers}
        body = document if isinstance(document, bytes) else json.dumps(ORDER if document is None else document).encode()
        return self.service.ask("POST", f"/api/signals/{signal}/activate", body, sent)

    def get(self, target):
        return self.service.ask("GET", target, headers=self.credentials)

    def activation(self, answer):
        """Return the only activation of an answer as it is told now."""
        (one,) = answer.document["activations"]
        return self.get(f"/api/activations/{one['activation_id']}").document


def call_back(service, order, now, secret=SECRET, **document):
    """Send a platform's word on an order that came to it."""
    body = json.dumps({"delivery_id": order["delivery_id"], **document}).encode()
    headers = {"Content-Type": "application/json", **signed(secret.encode(), now, body)}
    return service.ask("POST", f"/api/activations/{order['activation_id']}/callback", body, headers)
