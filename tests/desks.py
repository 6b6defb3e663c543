"""A finder and the door before it, over doubles."""

from __future__ import annotations

import contextlib
from array import array

from service.answers import Pages
from service.finding import Finder
from service.messages import Ranked, Ranking, Signal
from service.paging import Pager
from service.signals import Signals


class FakeSnapshot:
    """One version of a catalogue in which row 7 is the signal ``suv``."""

    sample = False

    def __init__(self, version="v1"):
        self.version = version

    def signal(self, signal_id):
        return Signal("suv", "SUV intenders") if signal_id == "suv" else None

    def signals(self, rows):
        return [Signal("suv", "SUV intenders") for _ in rows]

    def row_ids(self, rows):
        return ["suv" for _ in rows]


class Desk:
    """Signals over doubles; remembers what was counted, asked and how often a slot was taken."""

    def __init__(self, cache="miss", snapshot=None, draining=False):
        self.counted, self.questions, self.slots = [], [], 0
        self.snapshot = snapshot or FakeSnapshot()
        self.pages = Pages(
            Pager(b"k" * 32),
            lambda library, brief, signals: ["why"] * len(signals),
            lambda library, brief, rows: [None] * len(rows),
            10,
            100_000,
        )
        self.finder = Finder(
            lambda query: Ranked(a_ranking(query.brief), cache, 0.25),
            self.pages,
            self,
            self.borrow,
            self,
            lambda request: draining,
            self.questions.append,
        )
        self.answer = Signals(self.finder, self.borrow)

    def cache(self, result):
        self.counted.append(result)

    def rank(self, method, fallback_reason=None):
        self.counted.append((method, fallback_reason))

    @contextlib.contextmanager
    def slot(self, client, gone):
        self.slots += 1
        yield 0.0

    @contextlib.contextmanager
    def borrow(self):
        yield self.snapshot


def a_ranking(brief):
    return Ranking(brief, "v1", "f1", array("q", [7]), array("d", [0.5]), 1)
