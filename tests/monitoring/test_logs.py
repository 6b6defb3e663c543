"""The journal: one line a request, never a blocked caller."""

import io
import json
import logging
import os
import threading

from service.monitoring.logs import Journal, JournalHandler
from service.monitoring.outlet import Outlet

AT = 1_795_379_400.1234


def a_journal(stream, **options):
    return Journal(stream, **{"clock": lambda: AT, **options})


def a_request(journal, **changes):
    values = {
        "request_id": "req-00000001",
        "endpoint": "/api/signals",
        "method": "GET",
        "status": 200,
        "duration": 0.008500,
        "client": "203.0.113.9",
        "spec": "strollers",
        "max_results": 10,
        "cache": "hit",
        "ranking_method": "text",
        "queue_wait": 0.000000,
    }
    journal.request(**values | changes)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class Stalled(io.RawIOBase):
    """A stream whose reader does not read until it is told to."""

    def __init__(self):
        super().__init__()
        self.entered = threading.Event()
        self.released = threading.Event()
        self.taken = b""

    def write(self, data):
        self.entered.set()
        assert self.released.wait(5)
        self.taken += bytes(data)
        return len(data)


class Broken(io.BytesIO):
    """A pipe that nobody holds the other end of, until it is mended."""

    mended = False

    def __init__(self):
        super().__init__()
        self.tried = threading.Event()

    def write(self, data):
        if not self.mended:
            self.tried.set()
            raise BrokenPipeError
        return super().write(data)


def test_a_request_is_one_line_of_the_documented_fields_in_order():
    stream = io.BytesIO()
    journal = a_journal(stream)

    a_request(journal)

    assert journal.close()
    assert stream.getvalue().decode() == (
        '{"timestamp": "2026-11-22T20:30:00.123Z", "level": "info", "event": "request", "request_id": "req-00000001", '
        '"endpoint": "/api/signals", "method": "GET", "status": 200, "duration": 0.008500, "client": "203.0.113.9", '
        '"spec": "strollers", "max_results": 10, "cache": "hit", "ranking_method": "text", "queue_wait": 0.000000}\n'
    )


def test_a_server_error_is_an_error_line_and_further_fields_come_along():
    stream = io.BytesIO()
    journal = a_journal(stream)

    a_request(journal, status=500, error="ValueError", fallback_reason="timeout", timestamp="forged", level="forged")

    journal.close()
    [line] = lines(stream)
    assert line["level"] == "error"
    assert line["error"] == "ValueError"
    assert line["fallback_reason"] == "timeout"
    assert line["timestamp"] == "2026-11-22T20:30:00.123Z"


def test_events_and_requests_are_written_in_the_order_they_came():
    stream = io.BytesIO()
    journal = a_journal(stream)

    journal.event("info", "started", port=8000)
    a_request(journal)
    journal.event("warning", "draining", waiting=3)

    journal.close()
    assert [line["event"] for line in lines(stream)] == ["started", "request", "draining"]


def test_lines_below_the_level_are_not_written():
    stream = io.BytesIO()
    journal = a_journal(stream, level="warning")

    a_request(journal)
    journal.event("info", "started")
    a_request(journal, status=503)
    journal.event("warning", "alert")

    journal.close()
    assert [line["event"] for line in lines(stream)] == ["request", "alert"]


def test_hostile_text_stays_on_its_line_and_secrets_do_not_appear():
    stream = io.BytesIO()
    journal = a_journal(stream, secrets=["s3cret-token"])

    a_request(journal, spec='x\n{"level":"forged"}\u2028\u202e\ud800 s3cret-token', client="a\x1b[2J")

    journal.close()
    [line] = lines(stream)
    assert line["spec"] == 'x\\u000a{"level":"forged"}\\u2028\\u202e\\ud800 ***'
    assert line["client"] == "a\\u001b[2J"


def test_secrets_may_be_replaced_while_it_runs():
    stream = io.BytesIO()
    journal = a_journal(stream, secrets=["old-token"])

    journal.replace_secrets(["new-token"])
    journal.event("info", "reread", detail="new-token")

    journal.close()
    assert lines(stream)[0]["detail"] == "***"


def test_a_stalled_reader_blocks_nobody_and_what_was_dropped_is_told_later():
    stream = Stalled()
    journal = a_journal(stream, capacity=3)
    journal.event("info", "first")
    assert stream.entered.wait(5)

    for _ in range(5):
        a_request(journal)
    journal.event("info", "late")

    assert journal.dropped == 3
    assert not journal.close(timeout=0)
    stream.released.set()
    assert journal.close(5)
    told = [json.loads(line) for line in stream.taken.splitlines()]
    assert [line["event"] for line in told] == ["first", *["request"] * 3, "log_lines_dropped"]
    assert told[-1]["dropped"] == 3


def test_a_broken_pipe_is_counted_and_survived():
    stream = Broken()
    journal = a_journal(stream)
    journal.event("info", "lost")
    assert stream.tried.wait(5)
    stream.mended = True
    journal.event("info", "back")

    assert journal.close()
    # The line that was cut by the failure is ended first.
    cut, *written = stream.getvalue().splitlines()
    assert cut == b""
    assert [json.loads(line)["event"] for line in written] == ["back", "log_lines_dropped"]
    assert journal.dropped == 1


def test_a_line_that_cannot_be_made_costs_only_itself():
    class Unprintable:
        def __str__(self):
            raise RuntimeError

    stream = io.BytesIO()
    journal = a_journal(stream)

    journal.event("info", "odd", value=Unprintable())
    journal.event("info", "fine")

    assert journal.close()
    assert [line["event"] for line in lines(stream)] == ["fine", "log_lines_dropped"]


def test_after_the_end_lines_are_dropped_and_counted():
    journal = a_journal(io.BytesIO())
    journal.close()

    a_request(journal)
    journal.event("info", "late")

    assert journal.dropped == 2


def test_the_console_format_is_one_readable_line_without_colors_on_a_file():
    stream = io.StringIO()
    journal = a_journal(stream, format="console")

    a_request(journal, spec="red\x1b[31m")

    journal.close()
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()
    assert "[info     ] request" in stream.getvalue()
    assert "status=200" in stream.getvalue()


def test_records_of_other_libraries_become_lines_with_their_exception_in_one_field():
    stream = io.BytesIO()
    journal = a_journal(stream)
    logger = logging.Logger("waitress")
    logger.addHandler(JournalHandler(journal))

    logger.info("unheard")
    logger.warning("queue depth is %d", 5)
    logger.error("bad arguments %d", "x")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logger.exception("failed")

    journal.close()
    [warning, bad, failed] = lines(stream)
    assert (warning["event"], warning["logger"], warning["message"]) == ("log", "waitress", "queue depth is 5")
    assert bad["message"] == "bad arguments %d"
    assert failed["level"] == "error"
    assert failed["error"].startswith("ValueError: two\\u000alines (test_logs.py:")


def test_the_outlet_writes_on_after_a_part_was_taken_or_nothing_for_a_while():
    class Narrow(io.RawIOBase):
        taken = b""
        refusals = 1

        def write(self, data):
            if self.refusals:
                self.refusals -= 1
                return None
            self.taken += data[:4]
            return len(data[:4])

    stream = Narrow()

    assert Outlet(stream).write("twelve chars\n")
    assert stream.taken == b"twelve chars\n"


def test_the_outlet_goes_past_the_buffers_of_standard_output():
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "w", encoding="ascii") as stream:
        stream.write("held back")
        assert Outlet(stream).write("é\n")
        assert source.read(3) == "é\n".encode()


def test_without_a_stream_every_line_is_dropped_and_counted():
    journal = a_journal(None)
    journal.event("info", "started")
    a_request(journal)

    assert journal.close()
    assert journal.dropped == 2
