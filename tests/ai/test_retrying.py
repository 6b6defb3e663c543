import pytest

from service.ai.deadline import Deadline
from service.ai.provider import AiFailure, Prompt
from service.ai.replies import failure_of, seconds_of
from service.ai.retrying import TRIES, complete
from tests.doubles import FakeClock

PROMPT = Prompt("system", "text", {"type": "object"})


class Flaky:
    """A provider that fails as told, then answers."""

    name, model = "flaky", "one"

    def __init__(self, *failures):
        self.failures, self.tries = list(failures), 0

    def load(self):
        """Need nothing."""

    def complete(self, prompt, deadline):
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def tried(provider, seconds=40.0, random=0.5):
    clock, pauses = FakeClock(), []

    def sleep(pause):
        pauses.append(pause)
        clock.advance(pause)

    try:
        found = complete(provider, PROMPT, Deadline(seconds, clock), sleep=sleep, random=lambda: random)
    except AiFailure as failure:
        found = failure.outcome
    return found, pauses


def passing(**more):
    return AiFailure("error", "500", passing=True, **more)


def test_what_can_pass_is_tried_again_with_growing_pauses():
    assert tried(Flaky(passing(), passing()), random=1.0) == ("answer", [0.5, 1.0])
    assert tried(Flaky(passing(), passing()), random=0.25) == ("answer", [0.125, 0.25])


def test_it_gives_up_after_three_tries():
    provider = Flaky(*(passing() for _ in range(9)))

    assert tried(provider)[0] == "error"
    assert provider.tries == TRIES


@pytest.mark.parametrize("outcome", ["timeout", "bad_answer", "error"])
def test_what_cannot_pass_is_not_tried_again(outcome):
    provider = Flaky(AiFailure(outcome, "no"))

    assert tried(provider) == (outcome, [])


def test_retry_after_is_kept_to():
    assert tried(Flaky(AiFailure("quota", "429", retry_after=1.5, passing=True))) == ("answer", [1.5])


@pytest.mark.parametrize(("retry_after", "seconds"), [(1.0, 0.9), (7.0, 40.0), (60.0, 40.0)])
def test_a_retry_after_that_is_long_or_does_not_fit_ends_the_call_at_once(retry_after, seconds):
    flaky = Flaky(AiFailure("quota", "429", retry_after=retry_after, passing=True))

    assert tried(flaky, seconds=seconds) == ("quota", [])


def test_a_pause_that_does_not_fit_ends_the_call_at_once():
    assert tried(Flaky(passing()), seconds=0.1, random=1.0) == ("error", [])


@pytest.mark.parametrize(
    ("text", "date", "seconds"),
    [
        ("7", "", 7.0),
        (" 0 ", "", 0.0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:30 GMT", 0.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "", None),
        ("soon", "", None),
        ("-3", "", None),
        ("٣", "", None),
        ("", "", None),
        ("9" * 400, "", 999999999.0),
    ],
)
def test_retry_after_is_read_as_http_has_it(text, date, seconds):
    assert seconds_of(text, date) == seconds


@pytest.mark.parametrize(
    ("status", "outcome", "can_pass"),
    [(429, "quota", True), (500, "error", True), (503, "error", True), (401, "error", False), (404, "error", False)],
)
def test_a_status_says_whether_another_try_can_help(status, outcome, can_pass):
    failure = failure_of(status, {"retry-after": "3"})

    assert (failure.outcome, failure.passing) == (outcome, can_pass)
