"""The short form of the overload: what is promised of every answer, without a look at the clock."""

import pytest

from tests.siege.overload import ANYBODY, CACHED, WORK, Kind, beside, of, offered, serving, stream


@pytest.mark.parametrize("work", ["sleep", "burn"])
def test_four_times_what_can_be_done_is_answered_or_refused_with_a_time_to_retry_and_harms_nothing_else(work):
    kind = Kind("", work, 0.04, 2, {}, 0, 0)
    with serving(kind, QUEUE_SIZE=10) as (_, port):
        told = offered(port, 1.5, {"work": stream(200, WORK, ANYBODY)} | beside())
        after = offered(port, 0.3, {"work": stream(10, WORK, ANYBODY)})

    done = told["work"]
    assert set(done["by_status"]) == {"200", "503"}
    assert done["unanswered"] == 0
    assert of(done, 503)["retry_after"] == of(done, 503)["count"] > 0
    assert all(set(told[name]["by_status"]) == {"200"} for name in beside())
    assert set(after["work"]["by_status"]) == {"200"}, "what was lent is given back"


def test_a_greedy_client_takes_no_more_than_its_share_of_the_waiting_room():
    kind = Kind("", "sleep", 0.04, 2, {}, 0, 0)
    with serving(kind, QUEUE_SIZE=20) as (_, port):
        greedy = stream(200, WORK, {"X-Forwarded-For": "192.0.2.66"})
        told = offered(port, 1.5, {"greedy": greedy, "polite": stream(10, WORK, ANYBODY)})

    assert set(told["polite"]["by_status"]) == {"200"}
    assert of(told["greedy"], 503)["count"] > 0


def test_a_full_room_serves_what_is_stale_rather_than_a_refusal():
    kind = Kind("", "sleep", 0.04, 1, {}, 0, 0)
    with serving(kind, QUEUE_SIZE=2, CACHE_TTL_SECONDS=0) as (_, port):
        told = offered(port, 1.0, {"work": stream(150, WORK, ANYBODY), "known": stream(20, CACHED, ANYBODY)})

    assert set(told["known"]["by_status"]) == {"200"}
    assert of(told["known"], 200)["stale"] > 0
    assert of(told["work"], 503)["count"] > 0
