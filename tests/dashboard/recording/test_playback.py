from hypothesis import given
from hypothesis import strategies as st

from dashboard.recording.playback import SPEEDS, Playback
from tests.doubles import FakeClock


def a_playback(length=1000.0):
    clock = FakeClock()
    return Playback(100.0, 100.0 + length, clock), clock


def test_it_goes_with_the_clock_and_stands_while_paused():
    playback, clock = a_playback()
    clock.advance(10)
    assert playback.now() == 110.0

    playback.toggle()
    clock.advance(50)
    assert playback.now() == 110.0
    assert playback.seconds_until(120.0) is None

    playback.toggle()
    clock.advance(5)
    assert playback.now() == 115.0
    assert playback.seconds_until(120.0) == 5.0


def test_a_change_of_speed_does_not_move_it():
    playback, clock = a_playback()
    clock.advance(10)
    playback.faster(1)
    assert (playback.now(), playback.speed) == (110.0, 2.0)
    clock.advance(10)
    assert playback.now() == 130.0
    assert playback.seconds_until(140.0) == 5.0


def test_speeds_end_somewhere():
    playback, _ = a_playback()
    for _ in range(20):
        playback.faster(1)
    assert playback.speed == SPEEDS[-1]
    for _ in range(20):
        playback.faster(-1)
    assert playback.speed == SPEEDS[0]


def test_a_seek_says_whether_it_goes_back():
    playback, _ = a_playback()
    assert not playback.seek(500.0)
    assert playback.seek(200.0)
    assert playback.now() == 200.0


def test_at_the_end_it_stands_still():
    playback, clock = a_playback(10.0)
    assert not playback.ended
    clock.advance(100)
    assert (playback.now(), playback.ended) == (110.0, True)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("advance"), st.floats(0, 500)),
            st.tuples(st.just("seek"), st.floats(-5000, 5000)),
            st.tuples(st.just("faster"), st.sampled_from([-1, 1])),
            st.tuples(st.just("toggle"), st.just(0)),
        ),
        max_size=30,
    )
)
def test_whatever_is_done_it_stays_within_the_recording_and_only_a_seek_goes_back(steps):
    playback, clock = a_playback()
    for what, value in steps:
        before = playback.now()
        if what == "advance":
            clock.advance(value)
        elif what == "seek":
            playback.seek(value)
        elif what == "faster":
            playback.faster(value)
        else:
            playback.toggle()
        assert playback.begins <= playback.now() <= playback.ends
        if what != "seek":
            assert playback.now() >= before - 1e-6
