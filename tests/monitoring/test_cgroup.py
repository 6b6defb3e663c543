"""Reading control groups, from trees made in a folder."""

import pytest

from service.monitoring.cgroup import Reading, read

GIB = 1 << 30


def plant(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


@pytest.fixture
def membership(tmp_path):
    def name(text):
        path = tmp_path / "membership"
        path.write_text(text + "\n")
        return path

    return name


def version_two(**changes):
    return {
        "cgroup.controllers": "cpu memory",
        "cpu.stat": "usage_usec 2500000\nuser_usec 2000000",
        "cpu.max": "150000 100000",
        "memory.current": str(600 << 20),
        "memory.max": str(GIB),
        "memory.stat": f"anon 5\ninactive_file {100 << 20}\nodd line here",
    } | changes


def test_version_two_tells_the_working_set_the_limit_and_the_quota(tmp_path, membership):
    root = plant(tmp_path / "cgroup", version_two())

    assert read(root, membership("0::/")) == Reading(2.5, 1.5, 500 << 20, GIB)


def test_without_limits_there_are_none(tmp_path, membership):
    root = plant(tmp_path / "cgroup", version_two(**{"cpu.max": "max 100000", "memory.max": "max"}))

    assert read(root, membership("0::/")) == Reading(2.5, None, 500 << 20, None)


def test_the_tightest_limit_of_the_groups_above_counts(tmp_path, membership):
    files = version_two(**{"cpu.max": "50000 100000", "memory.max": "max"})
    root = plant(tmp_path / "cgroup", version_two() | {f"slice/{name}": text for name, text in files.items()})

    assert read(root, membership("0::/slice")) == Reading(2.5, 0.5, 500 << 20, GIB)


@pytest.mark.parametrize("path", ["0::/docker/abc", "0::/../..", ""])
def test_a_group_that_is_mounted_at_the_root_is_found_there(tmp_path, membership, path):
    root = plant(tmp_path / "cgroup", version_two())

    assert read(root, membership(path)).memory_limit == GIB


def test_version_one_tells_the_same(tmp_path, membership):
    root = plant(
        tmp_path / "cgroup",
        {
            "cpu/cpu.cfs_quota_us": "-1",
            "cpu/cpu.cfs_period_us": "100000",
            "cpu/pod/cpu.cfs_quota_us": "200000",
            "cpu/pod/cpu.cfs_period_us": "100000",
            "cpuacct/pod/cpuacct.usage": "3500000000",
            "memory/memory.limit_in_bytes": "9223372036854771712",
            "memory/pod/memory.usage_in_bytes": str(600 << 20),
            "memory/pod/memory.limit_in_bytes": str(GIB),
            "memory/pod/memory.stat": f"cache 7\ntotal_inactive_file {100 << 20}",
        },
    )

    assert read(root, membership("3:cpu,cpuacct:/pod\n4:memory:/pod\n0::/")) == Reading(3.5, 2.0, 500 << 20, GIB)


def test_where_there_is_no_group_nothing_is_known(tmp_path):
    assert read(tmp_path / "nothing", tmp_path / "nobody") == Reading()


def test_what_makes_no_sense_is_unknown(tmp_path, membership):
    odd = version_two(**{"cpu.max": "0 0", "memory.max": "0", "memory.current": "many", "cpu.stat": "usage_usec"})

    assert read(plant(tmp_path / "cgroup", odd), membership("0::/")) == Reading()
