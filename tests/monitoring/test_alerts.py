"""The life of one alert."""

from hypothesis import given, settings
from hypothesis import strategies as st

from service.monitoring.alerts import CLEAR_SECONDS_AT_MOST, RESOLVED_SECONDS, AlertState, Measurement, step
from service.monitoring.rules import RULES, Rule

ERRORS = Rule("Errors", "errors", "critical", "ratio", 60, 0.05, 0.10, 0.08, for_seconds=30, needs=20)
SUCCESS = Rule("Success", "success", "critical", "ratio", 60, 0.95, 0.80, 0.90, 30, 10, "<")
MEMORY = Rule("Memory", "memory", "critical", "ratio", 0, 0.8, 0.9, 0.85, for_seconds=0)


def walk(rule, *course, samples=100):
    """Return the states along (at, value) pairs."""
    state, states = AlertState(), []
    for at, value in course:
        state = step(rule, state, Measurement(value, samples), at)
        states.append(state)
    return states


def names(states):
    return [state.state for state in states]


def test_an_alert_warns_then_waits_then_fires():
    states = walk(ERRORS, (0, 0.01), (5, 0.06), (10, 0.2), (35, 0.2), (40, 0.3), (45, 0.2))

    assert names(states) == ["ok", "warning", "pending", "pending", "firing", "firing"]
    assert states[-1].since == states[-1].fired_at == 40
    assert states[-1].peak == 0.3


def test_a_value_at_the_threshold_is_not_beyond_it():
    assert names(walk(ERRORS, (0, 0.05), (5, 0.10))) == ["ok", "warning"]


def test_a_dip_begins_the_wait_anew():
    states = walk(ERRORS, (0, 0.2), (25, 0.09), (30, 0.2), (55, 0.2), (60, 0.2))

    assert names(states) == ["pending", "warning", "pending", "pending", "firing"]


def test_a_firing_alert_ends_only_after_it_was_calm_for_as_long_as_it_took_to_fire():
    states = walk(ERRORS, (0, 0.2), (30, 0.2), (85, 0.09), (90, 0.07), (115, 0.07), (120, 0.07))

    assert names(states) == ["pending", "firing", "firing", "clearing", "clearing", "resolved"]
    assert states[-1].resolved_at == 120
    assert states[-1].fired_at is None


def test_a_relapse_while_clearing_is_the_same_episode():
    states = walk(ERRORS, (0, 0.2), (30, 0.2), (35, 0.01), (40, 0.09), (45, 0.01))

    assert names(states)[1:] == ["firing", "clearing", "firing", "clearing"]
    assert {state.fired_at for state in states[1:]} == {30}


def test_an_alert_fires_for_a_minute_at_least():
    states = walk(MEMORY, (0, 0.95), (5, 0.1), (59, 0.1), (60, 0.1))

    assert names(states) == ["firing", "clearing", "clearing", "resolved"]


def test_where_less_is_worse_the_thresholds_are_read_the_other_way():
    states = walk(SUCCESS, (0, 0.99), (5, 0.9), (10, 0.5), (40, 0.4), (95, 0.89), (100, 0.95), (130, 0.95))

    assert names(states) == ["ok", "warning", "pending", "firing", "firing", "clearing", "resolved"]
    assert states[-1].peak == 0.4


def test_too_little_traffic_is_no_data():
    assert names(walk(ERRORS, (0, 0.9), samples=19)) == ["no_data"]
    assert walk(ERRORS, (0, 0.9), samples=19)[0].value is None
    assert names(walk(ERRORS, (0, 0.9), samples=20)) == ["pending"]


def test_an_alert_on_traffic_ends_after_the_traffic_did():
    states = walk(ERRORS, (0, 0.2), (30, 0.2), (60, None), (89, None), (90, None), (390, None))

    assert names(states) == ["pending", "firing", "clearing", "clearing", "resolved", "no_data"]


def test_an_alert_whose_value_cannot_be_measured_any_more_goes_on_firing():
    assert names(walk(MEMORY, (0, 0.95), (60, None), (600, None))) == ["firing"] * 3


def test_a_resolved_alert_is_shown_for_five_minutes_unless_it_gets_worse():
    calm = walk(MEMORY, (0, 0.95), (60, 0.1), (60 + RESOLVED_SECONDS - 1, 0.1), (60 + RESOLVED_SECONDS, 0.1))
    worse = walk(MEMORY, (0, 0.95), (60, 0.1), (65, 0.82), (70, 0.92))

    assert names(calm) == ["firing", "resolved", "resolved", "ok"]
    assert calm[-1].resolved_at == 60
    assert calm[-1].peak is None
    assert names(worse) == ["firing", "resolved", "warning", "firing"]
    assert [state.peak for state in worse] == [0.95, 0.95, 0.82, 0.92]


COURSE = st.lists(
    st.tuples(st.sampled_from([1.0, 5.0, 30.0, 61.0]), st.none() | st.floats(0, 4), st.sampled_from([0, 15, 1000])),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(RULES), COURSE)
def test_no_alert_stops_firing_without_the_minimum_time_and_a_calm_spell(rule, course):
    state, now, calm_since = AlertState(), 0.0, None
    for pause, value, samples in course:
        now += pause
        before, state = state, step(rule, state, Measurement(value, samples), now)
        known = value is not None and samples >= rule.needs
        calm = rule.calm(value) if known else rule.needs > 0
        calm_since = None if not calm else now if calm_since is None else calm_since
        if before.fired_at is None:
            assert state.state != "clearing"
            continue
        assert state.state in ("firing", "clearing", "resolved")
        if state.state == "resolved":
            assert now - before.fired_at >= rule.minimum_firing_seconds
            assert now - calm_since >= min(rule.for_seconds, CLEAR_SECONDS_AT_MOST)
