"""Moments are counted on the service's clock."""

from dashboard.widgets.moments import Moments, moments_of
from tests.dashboard.fakes import NOW, WALL, iso, snapshot

MOMENTS = Moments(WALL, lambda wall: f"at {wall:.0f}")


def test_the_past_is_ago_and_the_future_is_in():
    assert MOMENTS.ago(iso(134)) == "2m14s ago"
    assert MOMENTS.until(iso(-41)) == "in 41s"
    assert MOMENTS.until(iso(5)) == "now"
    assert MOMENTS.ago(iso(-5)) == "0s ago"


def test_what_is_no_time_is_a_dash():
    for stamp in (None, "soon"):
        assert [MOMENTS.time(stamp), MOMENTS.ago(stamp), MOMENTS.until(stamp)] == ["–", "–", "–"]


def test_time_goes_on_since_the_answer():
    assert moments_of(snapshot("healthy", NOW - 10), NOW, str).server_now >= WALL
