"""CPU and memory, of the container or of the machine."""

import psutil
import pytest

from service.monitoring.sources import SystemState
from service.monitoring.system import Host, ProcessReading, SystemSampler

GIB = 1 << 30


class Machine:
    """A machine of four cores and 8 GiB, half of it in use."""

    def __init__(self):
        self.now = 0.0
        self.worked = 1000.0

    def clock(self):
        return self.now

    def cores(self):
        return 4

    def cpu_seconds(self):
        return self.worked

    def memory(self):
        return 4 * GIB, 8 * GIB

    def process(self):
        return ProcessReading(50_000_000, 12, 34)


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def sampler(machine, tmp_path):
    return SystemSampler(clock=machine.clock, machine=machine, root=tmp_path, membership=tmp_path / "membership")


def contain(root, *, usage_usec=0, quota="100000 100000", limit=str(GIB)):
    files = {"cgroup.controllers": "", "cpu.stat": f"usage_usec {usage_usec}", "cpu.max": quota}
    files |= {"memory.current": str(GIB // 4), "memory.max": limit}
    for name, text in files.items():
        (root / name).write_text(text)


def work(sampler, machine, *, seconds, busy):
    machine.now += seconds
    machine.worked += busy
    return sampler.sample()


def test_before_the_first_sample_nothing_is_known(sampler):
    assert sampler.state() == SystemState()
    assert sampler.cpu_percent() is None


def test_without_a_container_the_machine_is_measured(sampler, machine):
    sampler.sample()

    state = work(sampler, machine, seconds=5, busy=10)

    assert state == SystemState(50.0, 50.0, 4 * GIB, 50_000_000, 12, 34, "host")
    assert sampler.state() is state


def test_cpu_is_unknown_until_there_are_two_samples(sampler):
    assert sampler.sample().cpu_percent is None


def test_in_a_container_its_quota_and_limit_are_all_there_is(sampler, machine, tmp_path):
    contain(tmp_path, usage_usec=1_000_000)
    sampler.sample()
    contain(tmp_path, usage_usec=5_000_000)

    state = work(sampler, machine, seconds=5, busy=0)

    assert (state.cpu_percent, state.memory_percent, state.memory_used_bytes) == (80.0, 25.0, GIB // 4)
    assert state.source == "cgroup"


def test_a_container_without_limits_is_measured_as_the_machine(sampler, machine, tmp_path):
    contain(tmp_path, quota="max 100000", limit="max")
    sampler.sample()

    state = work(sampler, machine, seconds=5, busy=20)

    assert (state.cpu_percent, state.memory_percent, state.source) == (100.0, 50.0, "host")


def test_a_limit_beyond_the_machine_is_none(sampler, machine, tmp_path):
    contain(tmp_path, quota="max 100000", limit=str(64 * GIB))

    assert (sampler.sample().memory_percent, sampler.state().source) == (50.0, "host")


def test_the_alert_sees_the_mean_of_a_minute_and_the_display_the_last_five_seconds(sampler, machine):
    sampler.sample()
    for second in range(0, 120, 5):
        work(sampler, machine, seconds=5, busy=0 if second < 90 else 20)

    assert sampler.state().cpu_percent == 100.0
    assert sampler.cpu_percent() == 50.0


def test_a_counter_that_went_back_is_unknown_for_one_sample(sampler, machine):
    sampler.sample()
    assert work(sampler, machine, seconds=5, busy=-500).cpu_percent is None
    assert work(sampler, machine, seconds=5, busy=5).cpu_percent == 25.0


def test_counters_of_two_sources_are_not_compared(sampler, machine, tmp_path):
    sampler.sample()
    contain(tmp_path, usage_usec=9_000_000_000)

    assert work(sampler, machine, seconds=5, busy=1).cpu_percent is None


def test_the_real_machine_can_be_read(tmp_path):
    ticks = iter((0.0, 5.0))
    sampler = SystemSampler(clock=lambda: next(ticks))
    sampler.sample()

    state = sampler.sample()

    assert 0 <= state.cpu_percent <= 100
    assert 0 < state.memory_percent <= 100
    assert state.process_rss_bytes > 1_000_000
    assert state.threads >= 1
    assert state.source in ("cgroup", "host")


def test_a_process_that_may_not_be_read_is_unknown():
    class Hidden(psutil.Process):
        def memory_info(self):
            raise psutil.AccessDenied(self.pid)

    host = Host()
    host._process = Hidden()

    assert host.process() == ProcessReading()
