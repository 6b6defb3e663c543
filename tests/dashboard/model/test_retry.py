from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.retry import LONGEST_SECONDS, delay_seconds


@settings(max_examples=100)
@given(st.integers(0, 10_000), st.floats(0, 1e9), st.floats(0.2, 3600))
def test_a_wait_doubles_to_thirty_seconds_and_never_beyond(failures, failed_at, interval):
    delay = delay_seconds(failures, failed_at, interval)
    step = min(2.0 ** (min(max(failures, 1), 11) - 1), LONGEST_SECONDS)
    assert delay <= max(step, min(interval, LONGEST_SECONDS))
    assert delay >= 0.75 * step


def test_many_dashboards_do_not_ask_in_step_and_client_and_model_agree():
    delays = {delay_seconds(6, at / 7) for at in range(50)}
    assert len(delays) == 50
    assert delay_seconds(3, 12.5) == delay_seconds(3, 12.5)
