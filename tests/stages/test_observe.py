import pytest

from service.errors import InternalError, RateLimited
from service.messages import Response
from service.monitoring.tally import Tally
from service.monitoring.totals import RecentError
from service.stages.contain import answer
from service.stages.observe import COUNTED, observe
from tests.doubles import FakeClock, a_request


class Records:
    """Keeps whatever a stage tells its counter."""

    def __init__(self):
        self.begun, self.finished, self.rejected, self.errors = 0, [], [], []

    def begin(self):
        self.begun += 1

    def finish(self, *answer):
        self.finished.append(answer)

    def reject(self, reason):
        self.rejected.append(reason)

    def error(self, error):
        self.errors.append(error)


def observed(proceed, request=None):
    """Walk one request that takes 2 s; return what was counted and logged."""
    records, lines, clock = Records(), [], FakeClock(1000.0)
    stage = observe(records, lambda **line: lines.append(line), clock, lambda: 1.7e9)

    def slow(request):
        clock.advance(2.0)
        return proceed(request)

    raised = None
    try:
        stage(request or a_request(arrived=1000.0), slow)
    except BaseException as error:
        raised = error
    return records, lines, raised


def test_an_answer_is_counted_timed_and_logged_once():
    records, lines, _ = observed(lambda request: Response(200, cache="hit", fields={"spec": "cars"}))

    assert records.begun == 1
    assert records.finished == [("GET", "/api/signals", 200, "hit", 2.0)]
    assert lines == [
        {
            "request_id": "request-1",
            "endpoint": "/api/signals",
            "method": "GET",
            "status": 200,
            "duration": 2.0,
            "client": "192.0.2.1",
            "cache": "hit",
            "spec": "cars",
        }
    ]
    assert not records.rejected
    assert not records.errors


@pytest.mark.parametrize(
    "failure", [ValueError("bug"), SystemExit(), KeyboardInterrupt(), GeneratorExit(), MemoryError()]
)
def test_a_walk_that_is_broken_off_is_counted_once_as_a_500_and_goes_on_failing(failure):
    def proceed(request):
        raise failure

    records, lines, raised = observed(proceed)

    assert raised is failure
    assert records.begun == 1
    assert records.finished == [("GET", "/api/signals", 500, "none", 2.0)]
    assert [line["status"] for line in lines] == [500]
    assert records.errors == [RecentError(1.7e9, "request-1", "/api/signals", 500, "the walk was broken off")]


def test_a_refusal_is_counted_by_its_reason_and_the_reason_is_not_logged():
    records, lines, _ = observed(lambda request: answer(RateLimited("wait", retry_after=1), request.id))

    assert records.rejected == ["rate_limited"]
    assert lines[0]["error"] == "rate-limited: wait"
    assert "rejection" not in lines[0]
    assert not records.errors


def test_a_server_error_is_kept_for_recent_errors_and_is_no_rejection():
    records, _, _ = observed(lambda request: answer(InternalError("broken"), request.id))

    assert records.rejected == []
    assert records.errors == [RecentError(1.7e9, "request-1", "/api/signals", 500, "internal: broken")]


def test_nothing_is_in_flight_when_all_walks_have_ended():
    tally = Tally(["/api/signals"])
    stage = observe(tally, lambda **line: None, FakeClock(), FakeClock())

    def proceed(request):
        assert tally.totals().in_flight == 1
        raise SystemExit

    with pytest.raises(SystemExit):
        stage(a_request(), proceed)
    assert tally.totals().in_flight == 0


def test_a_bug_that_came_through_says_that_it_was_counted():
    def buggy(request):
        raise ZeroDivisionError

    records, _, raised = observed(buggy)

    assert [answer[2] for answer in records.finished] == [500]
    assert raised.__notes__ == [COUNTED]
