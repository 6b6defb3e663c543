"""Two worlds that differ in what is private to somebody; whoever has no right to it must not tell them apart.

Both services have the same public catalogue, the same keys, and something private to ``initech``. One has besides what
is private to ``acme``: signals with words of their own and with common ones, and prices for public signals. Whatever an
outsider asks, the two answers must be equal byte for byte, but for what tells the time. ``QUESTIONS`` is the list of
all ways in; a new way in adds its own.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import NamedTuple

from service.catalogue.store import Store
from service.messages import Deployment, Price, Signal
from service.state import State
from tests.doubles import FakeClock
from tests.running import OPERATOR, TOKEN, Running, wait_for

_OF_TIME = re.compile(r"date|x-ratelimit-reset|x-ratelimit-remaining|ratelimit|x-request-id", re.IGNORECASE)
INTERESTS = ("cars", "food", "sports", "travel", "fashion", "golf", "cooking", "football", "sailing", "gardening")


def public():
    """Return what everybody may see: forty signals, some without a price, some without a coverage."""
    return [
        Signal(
            f"{interest}-{number}",
            f"{interest.capitalize()} {('fans', 'buyers', 'readers', 'families')[number]}",
            f"People who like {interest} and talk about it",
            path=("Interests", interest.capitalize()),
            kind=("audience", "contextual")[number % 2],
            data_provider=("Northwind", "Contoso")[number // 2],
            provider_domain="northwind.example",
            coverage_percentage=None if number == 3 else 5.0 + number,
            cpm=None if number == 2 else 4.0 + number,
            countries=("US",) if number else (),
            deployments=(Deployment("dv360"),) if number < 3 else (),
        )
        for interest in INTERESTS
        for number in range(4)
    ]


def private(owner, word):
    """Return what only ``owner`` may see: named with a word of its own, about what the public ones are about too."""
    seen = {"visible_to": (owner,), "data_provider": "Fabrikam", "countries": ("US", "FR")}
    return [
        Signal(f"{owner}-{word}", f"{word.capitalize()} owners", f"Owners of a {word}", cpm=1.0, **seen),
        Signal(f"{owner}-golf", "Golf fans", "People who like golf and talk about it", coverage_percentage=9.0, **seen),
        Signal(f"{owner}-cars", "Cars buyers", "The best people who like cars", cpm=0.5, **seen),
        Signal(f"{owner}-travel", "Travel", f"travel travel {word}", prices=(Price(owner, 0.25, "USD"),), **seen),
    ]


def with_prices(signals, owner, cpm):
    """Return public signals, every other one with a price for ``owner``."""
    own = (Price(owner, cpm, "USD"),)
    return [replace(one, prices=own) if one.id.endswith(("-0", "-2")) else one for one in signals]


class Question(NamedTuple):
    """One way in: what is sent, but for the key; a ``body`` is sent as JSON."""

    method: str
    target: str
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()


def get(target, **headers):
    return Question("GET", target, None, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


def post(document):
    return Question("POST", "/api/signals", document, (("Content-Type", "application/json"),))


def tool(name, **arguments):
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    return Question("POST", "/mcp", message, (("Content-Type", "application/json"),))


def activation(signal, **changes):
    """Return an order; one under each key, so that none is answered from an earlier one."""
    order = {"signal_agent_segment_id": signal, "destinations": [{"type": "platform", "platform": "dv360"}]} | changes
    return tool("activate_signal", idempotency_key=f"order-of-{signal}-{len(changes)}-0123456789", **order)


def order(signal, **more):
    """Return an order over REST."""
    document = {"destinations": [{"type": "platform", "platform": "dv360"}]} | more
    headers = (("Content-Type", "application/json"), ("Idempotency-Key", f"rest-order-of-{signal}-0123456789"))
    return Question("POST", f"/api/signals/{signal}/activate", document, headers)


SPECS = (
    "golf",
    "Golf%20fans",
    "people",
    "zephyrium",  # acme's own word
    "zephyrum",  # a slip of it
    "zephyrium%20cars",
    "acme-golf",  # an id
    "acme",
    "Fabrikam",
    "golff%20fnas",
    "travel",
    "cars%20buyers%20near%20me",
    "nothing%20of%20the%20kind",
)
FILTERS = (
    "max_cpm=0.6",
    "max_cpm=4.5",
    "data_providers=Fabrikam",
    "data_providers=Northwind,Fabrikam",
    "countries=FR",
    "countries=US",
    "kind=audience",
    "platforms=dv360",
    "min_coverage_percentage=8.5",
    "min_coverage_percentage=5&max_cpm=5&countries=US",
)
REFS = [
    [{"scope": "signal_source", "signal_source_url": "http://127.0.0.1:80", "signal_id": name}]
    for name in ("acme-golf", "acme-zephyrium", "no-such-id")
]
WHOLESALE = {"discovery_mode": "wholesale"}
OVER_MCP = [
    *(tool("get_signals", signal_spec=spec.replace("%20", " ")) for spec in SPECS),
    *(tool("get_signals", signal_spec="golf", adcp_version=version) for version in ("3.0", "3.1")),
    *(tool("get_signals", signal_spec="travel", filters={"max_cpm": most}) for most in (0.3, 4.5)),
    *(tool("get_signals", signal_refs=refs) for refs in REFS),
    *(tool("get_signals", signal_refs=refs, signal_spec="golf") for refs in REFS),
    tool("get_signals", **WHOLESALE),
    tool("get_signals", **WHOLESALE, pagination={"max_results": 3}),
    tool("get_signals", **WHOLESALE, filters={"max_cpm": 0.6}),
    tool("get_signals", **WHOLESALE, adcp_version="3.0"),
    tool("get_signals", **WHOLESALE, countries=["FR"]),
    tool("get_adcp_capabilities"),
    *(activation(name) for name in ("acme-golf", "acme-zephyrium", "no-such-id")),
    *(activation(name, action="deactivate") for name in ("acme-golf", "no-such-id")),
    activation("acme-golf", pricing_option_id="acme-golf-cpm", account={"account_id": "a"}),
]
QUESTIONS = [
    *OVER_MCP,
    *(order(signal) for signal in ("acme-golf", "acme-zephyrium", "no-such-id")),
    get("/api/activations"),
    *(get(f"/api/signals?spec={spec}&max_results=100") for spec in SPECS),
    *(get(f"/api/signals?spec={spec}") for spec in SPECS[:4]),  # again: from the cache
    *(get(f"/api/signals?spec={spec}&{chosen}") for spec in ("golf", "cars", "people") for chosen in FILTERS),
    *(post({"signal_spec": spec, "filters": {"max_cpm": 1}}) for spec in ("travel", "zephyrium")),
    post({"signal_spec": "cars", "filters": {"data_providers": ["Fabrikam"]}, "countries": ["FR"]}),
    *(get(f"/api/signals/{name}") for name in ("acme-golf", "acme-zephyrium", "no-such-id", "golf-0", "golf-2")),
    get("/api/signals/acme-golf", If_None_Match="*"),
    get("/api/signals?spec=acme-golf&context_id=trace-1"),
    get("/api/signals?spec=golf&max_results=101"),
    get("/api/signals?spec=golf&cursor=nonsense"),
    Question("HEAD", "/api/signals/acme-golf"),
    Question("DELETE", "/api/signals/acme-golf"),
    Question("OPTIONS", "/api/signals/acme-golf"),
    get("/openapi.json"),
    get("/"),
    get("/health"),
    get("/.well-known/adagents.json"),
]


class Told(NamedTuple):
    """An answer without what tells the time."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Worlds:
    """``plain`` and ``private``, two running services, and the keys of those who call them by name."""

    def __init__(self, plain, private, keys):
        self.plain, self.private, self.keys = plain, private, keys

    def headers_of(self, caller):
        if caller == "operator":
            return OPERATOR
        return {"X-Adcp-Auth": self.keys[caller]} if caller else {}

    def told(self, service, question, caller=""):
        headers = dict(question.headers) | self.headers_of(caller) | {"X-Request-ID": "the-same-request"}
        body = None if question.body is None else json.dumps(question.body).encode()
        answer = service.ask(question.method, question.target, body, headers)
        kept = sorted((name, value) for name, value in answer.headers if not _OF_TIME.fullmatch(name))
        return Told(answer.status, kept, answer.body)

    def both(self, question, caller=""):
        """Return the answers of the plain world and of the other."""
        return self.told(self.plain, question, caller), self.told(self.private, question, caller)


@contextmanager
def two_worlds(folder, **settings):
    """Run both; ``settings`` are those of the service."""
    folders = [folder / name for name in ("plain", "private")]
    keys = {}
    for place in folders:
        place.mkdir()
    state = State(folders[0] / "state.db", time.time, print)
    state.open()
    for name in ("acme", "globex", "initech"):
        keys[name] = state.keys.create(name)[1]
    state.secret("cursor")
    state.close()
    shutil.copy(folders[0] / "state.db", folders[1] / "state.db")
    shared = [*public(), *private("initech", "quillon")]
    # When a catalogue was imported is told: at one time in both.
    clock = FakeClock(1_700_000_000.0)
    Store(folders[0] / "signals.db", clock=clock).import_rows(shared)
    Store(folders[1] / "signals.db", clock=clock).import_rows(
        [*with_prices(public(), "acme", 0.25), *private("initech", "quillon"), *private("acme", "zephyrium")]
    )
    with ExitStack() as stack:
        options = {"OPERATOR_TOKEN": TOKEN, "KEY_RATE_LIMIT": "1000000/60", "BLOCKING": "off"}
        options |= {"MCP_AUTH": "optional"} | settings
        plain, other = (stack.enter_context(Running(place, **options)) for place in folders)
        if options.get("LOCAL_RANKING") == "meaning":
            for service in (plain, other):
                wait_for(lambda service=service: service.events("index_ready"))
        yield Worlds(plain, other, keys)
