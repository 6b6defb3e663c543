from contextlib import ExitStack

import pytest

from tests.fleet.redis_server import RedisServer


@pytest.fixture
def started(tmp_path):
    """Return a function that enters what it is given; all of it is left at the end of the test."""
    with ExitStack() as stack:
        yield stack.enter_context


@pytest.fixture
def redis(tmp_path, started):
    return started(RedisServer(tmp_path))
