"""Blocks are written behind the answer: by another thread, in order, and all of them before the end."""

import threading

from service.deferred_ledger import DeferredLedger
from service.state import BlockRow

ALICE = BlockRow("192.0.2.1", 100.0, 1, "test")


class Slow:
    """A ledger that waits to be let go, and remembers what was written by which thread."""

    def __init__(self):
        self.let_go = threading.Event()
        self.written = []
        self.threads = set()

    def _write(self, *what):
        assert self.let_go.wait(10)
        self.threads.add(threading.current_thread())
        self.written.append(what)

    def blocks(self):
        return [ALICE]

    def keep_blocks(self, rows):
        self._write("keep", rows)

    def lift_block(self, client):
        self._write("lift", client)

    def forget_blocks_before(self, until):
        self._write("forget", until)


def test_who_writes_waits_for_no_file_and_everything_is_written_in_order_before_the_end():
    slow = Slow()
    ledger = DeferredLedger(slow)
    ledger.keep_blocks(row for row in [ALICE])
    ledger.lift_block("192.0.2.1")
    ledger.forget_blocks_before(50.0)
    assert slow.written == []

    slow.let_go.set()
    ledger.close()

    assert slow.written == [("keep", [ALICE]), ("lift", "192.0.2.1"), ("forget", 50.0)]
    assert threading.current_thread() not in slow.threads


def test_what_was_kept_is_read_directly():
    ledger = DeferredLedger(Slow())

    assert ledger.blocks() == [ALICE]
    ledger.close()


def test_a_request_that_outlives_the_service_writes_nothing_and_fails_at_nothing():
    slow = Slow()
    ledger = DeferredLedger(slow)
    ledger.close()
    ledger.keep_blocks([ALICE])

    assert slow.written == []
