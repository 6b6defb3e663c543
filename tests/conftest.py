"""Settings of the whole suite. Hypothesis tries the same examples at every run, so that a green commit stays green.

``HYPOTHESIS_PROFILE=search make test`` tries new ones, ten times as many.
"""

import importlib
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("default", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser):
    parser.addoption(
        "--approve", action="store_true", help="approve the pictures of the dashboard as they are drawn now"
    )


def pytest_collectstart(collector):
    """Have each worker compile its share of the tests first, since every one of them is about to load them all.

    On a clean checkout each would compile all of them otherwise, which takes longer than most tests.
    """
    worker = getattr(collector.config, "workerinput", None)
    if worker is None or not isinstance(collector, pytest.Session):
        return
    number, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    roots = [Path(asked.partition("::")[0]).resolve() for asked in collector.config.args]
    files = sorted({file for root in roots for file in root.rglob("test_*.py")})
    for file in files[number::count]:
        # What cannot be imported is told of when it is collected.
        with suppress(Exception):
            importlib.import_module(".".join(file.relative_to(collector.config.rootpath).with_suffix("").parts))


@pytest.fixture(autouse=True, scope="session")
def _own_state_folder(tmp_path_factory):
    """No test reads or writes what the operator's own dashboard remembers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield
