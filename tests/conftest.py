"""Settings of the whole suite. Hypothesis tries the same examples at every run, so that a green commit stays green.

``HYPOTHESIS_PROFILE=search make test`` tries new ones, ten times as many.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("default", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser):
    parser.addoption(
        "--approve", action="store_true", help="approve the pictures of the dashboard as they are drawn now"
    )


@pytest.fixture(autouse=True, scope="session")
def _own_state_folder(tmp_path_factory):
    """No test reads or writes what the operator's own dashboard remembers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield
