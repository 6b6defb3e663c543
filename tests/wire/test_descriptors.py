import subprocess
import sys

import pytest

from service.wire.descriptors import OTHERS, connections_within, needed


def test_connections_get_what_the_rest_leaves():
    assert connections_within(needed(2500, 164), 2500, 164) == 2500
    assert connections_within(1024, 2500, 164) == 1024 - 164 - OTHERS
    assert connections_within(10_000, 2500, 164) == 2500


def test_in_a_pinch_they_get_half_and_never_none():
    assert connections_within(256, 2500, 164) == 128
    assert connections_within(1, 2500, 164) == 1


PROGRAM = """
import resource, sys
from service.wire.descriptors import raise_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
print(raise_limit(int(sys.argv[3])), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "got"),
    [(256, 1024, 512, "512 512 1024"), (256, 512, 4000, "512 512 512"), (512, 1024, 300, "300 512 1024")],
)
def test_the_limit_is_raised_as_far_as_it_goes_and_never_lowered(soft, hard, wanted, got):
    command = [sys.executable, "-c", PROGRAM, *map(str, (soft, hard, wanted))]

    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == got
