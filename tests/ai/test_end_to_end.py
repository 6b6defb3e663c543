"""Every way in which an AI can answer or fail, through the running service: the answer, its time, the counters."""

import pytest

from tests.ai.live import HASTY, PROVIDERS, fake_of, living
from tests.running import Running, a_catalogue

LATEST_SECONDS, HASTY_LATEST_SECONDS = 5.0 + 1.0, 0.3 + 1.0
COUNT = 12
HANGING = ("slow", "silent", "dribble")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The same service and catalogue without an AI, whose order is the local one."""
    with Running(tmp_path_factory.mktemp("plain"), catalogue=a_catalogue(COUNT)) as service:
        yield service


@pytest.fixture(scope="module", params=PROVIDERS)
def live(request, tmp_path_factory):
    with living(tmp_path_factory.mktemp("live"), fake_of(request.param), a_catalogue(COUNT)) as live:
        yield live


@pytest.fixture(scope="module", params=PROVIDERS)
def hasty(request, tmp_path_factory):
    with living(tmp_path_factory.mktemp("hasty"), fake_of(request.param), a_catalogue(COUNT), **HASTY) as live:
        live.fake.retry_after = "1"
        yield live


def local_ids(plain, spec):
    return plain.search(f"{spec.replace(' ', '+')}&max_results=50").ids


def backwards(local):
    return local[::-1]


def unchanged(local):
    return local


def last_first(local):
    return [local[-1], *local[:-1]]


def two_of_the_scale(local):
    # The fake's scores are 7, 6, … down the reversed order: only 1 and 0 are on the scale.
    placed = [local[-7], local[-8]]
    return [*placed, *(id_ for id_ in local if id_ not in placed)]


@pytest.mark.parametrize(
    ("mode", "order"),
    [
        ("ok", backwards),
        ("prose", backwards),
        ("unknown_ids", backwards),
        ("duplicated_ids", backwards),
        ("missing_ids", last_first),
        ("scores_out_of_range", two_of_the_scale),
        ("obedient", unchanged),
        ("nothing_fits", lambda local: []),
    ],
)
def test_what_can_be_used_of_an_answer_orders_the_candidates(live, plain, mode, order):
    spec, before = f"gadget {mode}", live.counters()

    answer, seconds = live.say(mode).timed(spec)

    assert (answer.status, answer.document["ranking_method"], answer.document["fallback_reason"]) == (200, "ai", None)
    assert answer.ids == order(local_ids(plain, spec))
    assert seconds < LATEST_SECONDS
    assert grown(live, before) == {("ai_requests_total", "ok"): 1, ("rankings_total", "ai"): 1}
    line = live.line(spec)
    assert (line["ranking_method"], line["cache"], "fallback_reason" in line) == ("ai", "miss", False)
    assert live.told(spec) == ("ai", None, "hit")


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("bad_json", "bad_answer"),
        ("empty", "bad_answer"),
        ("safety", "bad_answer"),
        ("huge", "bad_answer"),
        ("forbidden", "error"),
        ("not_found", "error"),
        ("redirect", "error"),
    ],
)
def test_what_fails_at_once_is_answered_locally_at_once(live, plain, mode, reason):
    spec, before, failed = f"gadget {mode}", live.counters(), live.stats()["ai"]["failures"]

    answer, seconds = live.say(mode).timed(spec)

    told = answer.document
    assert (answer.status, told["ranking_method"], told["fallback_reason"]) == (200, "text", reason)
    assert answer.ids == local_ids(plain, spec)
    assert seconds < LATEST_SECONDS
    assert grown(live, before) == {("ai_requests_total", reason): 1, ("rankings_total", "text"): 1}
    assert live.stats()["ai"]["failures"] == failed | {reason: failed[reason] + 1}
    line = live.line(spec)
    assert (line["ranking_method"], line["fallback_reason"]) == ("text", reason)
    assert live.told(spec) == ("text", reason, "hit")
    live.heal(spec)


@pytest.mark.parametrize("mode", ["retry_after", "error_500", "error_503", "reset", "truncated", *HANGING])
def test_what_may_pass_is_tried_again_within_its_time_and_answered_locally(hasty, plain, mode):
    spec, before = f"gadget {mode}", hasty.counters()
    # The pauses between tries are dice, and a busy machine is slow: a call may end before its client's patience or
    # after it. The second that Retry-After asks for is more than a call has.
    expected = {"timeout"} | {"quota" if mode == "retry_after" else "timeout" if mode in HANGING else "error"}

    answer, seconds = hasty.say(mode).timed(spec)

    assert (answer.status, answer.document["ranking_method"]) == (200, "text")
    assert answer.document["fallback_reason"] in expected
    assert answer.ids == local_ids(plain, spec)
    assert seconds < HASTY_LATEST_SECONDS
    hasty.settled()
    growth = grown(hasty, before)
    assert growth.pop(("rankings_total", "text")) == 1
    assert len(growth) == 1
    assert {name for _, name in growth} <= expected
    assert hasty.line(spec)["fallback_reason"] in expected
    hasty.heal(spec)


def grown(live, before):
    """Return which counters have grown, and by how much."""
    after = live.counters()
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}
