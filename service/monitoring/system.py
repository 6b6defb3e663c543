"""CPU and memory of the container, or of the machine where nothing limits it, and what this process holds.

The sampling job calls ``sample`` every 5 s; stats, metrics and health read ``state``, the alert on CPU ``cpu_percent``.
Limits come from the control group (see ``cgroup``), the rest from psutil. Nothing here waits: CPU use is the growth of
a counter between two samples, and unknown before the second.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from service.monitoring import cgroup
from service.monitoring.sources import SystemState

CGROUP_ROOT = Path("/sys/fs/cgroup")
CGROUP_MEMBERSHIP = Path("/proc/self/cgroup")
WINDOW_SECONDS = 60.0
SAMPLES_KEPT = 64


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """What this process holds."""

    rss_bytes: int | None = None
    threads: int | None = None
    open_files: int | None = None


class Machine(Protocol):
    """What is asked of the machine and of this process; ``Host`` asks psutil."""

    def cores(self) -> int: ...

    def cpu_seconds(self) -> float: ...

    def memory(self) -> tuple[int, int]: ...

    def process(self) -> ProcessReading: ...


class Host:
    """The real machine."""

    def __init__(self) -> None:
        # Here, not above: the first sample comes after the first answer, which need not wait for the import.
        import psutil

        self._psutil = psutil
        self._process = psutil.Process()

    def cores(self) -> int:
        """Return the number of logical cores."""
        return self._psutil.cpu_count() or 1

    def cpu_seconds(self) -> float:
        """Return the seconds that all cores together have worked since the machine began."""
        times = self._psutil.cpu_times()
        # guest time is inside user time already.
        return float(sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal")))

    def memory(self) -> tuple[int, int]:
        """Return the bytes that are in use and not to be had back at once, and all there are."""
        memory = self._psutil.virtual_memory()
        return memory.total - memory.available, memory.total

    def process(self) -> ProcessReading:
        """Return what this process holds; what the system does not tell is None."""
        with contextlib.suppress(self._psutil.Error, OSError, AttributeError), self._process.oneshot():
            return ProcessReading(self._process.memory_info().rss, self._process.num_threads(), self._process.num_fds())
        return ProcessReading()


@dataclass(frozen=True, slots=True)
class _CpuSample:
    at: float
    seconds: float
    cores: float
    source: str


class SystemSampler:
    """Keeps the last state and 60 s of CPU samples. One thread samples; any thread may read.

    ``clock`` returns monotonic seconds.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        machine: Machine | None = None,
        root: Path = CGROUP_ROOT,
        membership: Path = CGROUP_MEMBERSHIP,
    ) -> None:
        self._clock = clock
        self._machine = machine
        self._root = root
        self._membership = membership
        self._samples: deque[_CpuSample] = deque(maxlen=SAMPLES_KEPT)
        self._mean: float | None = None
        self._state = SystemState()

    @cached_property
    def _asked(self) -> Machine:
        return self._machine or Host()

    def state(self) -> SystemState:
        """Return the last sample; its CPU is the mean since the sample before."""
        return self._state

    def cpu_percent(self) -> float | None:
        """Return the mean CPU use of the last 60 s, 0-100; None before the second sample."""
        return self._mean

    def sample(self) -> SystemState:
        """Take a sample now and return it."""
        group = cgroup.read(self._root, self._membership)
        used, total = self._asked.memory()
        if group.memory_used is not None and group.memory_limit is not None and group.memory_limit < total:
            used, total = group.memory_used, group.memory_limit
        limited = group.cores is not None or total == group.memory_limit
        newest = self._remember(group)
        process = self._asked.process()
        self._mean = self._use(newest, WINDOW_SECONDS)
        self._state = SystemState(
            cpu_percent=self._use(newest, 0.0),
            memory_percent=min(100.0 * used / total, 100.0) if total else None,
            memory_used_bytes=used,
            process_rss_bytes=process.rss_bytes,
            threads=process.threads,
            open_files=process.open_files,
            source="cgroup" if limited else "host",
        )
        return self._state

    def _remember(self, group: cgroup.Reading) -> _CpuSample:
        now, cores = self._clock(), float(self._asked.cores())
        if group.cores is not None and group.cpu_seconds is not None:
            newest = _CpuSample(now, group.cpu_seconds, min(group.cores, cores), "cgroup")
        else:
            newest = _CpuSample(now, self._asked.cpu_seconds(), cores, "host")
        # Counters of two sources, or one that was reset, cannot be compared.
        last = self._samples[-1] if self._samples else newest
        if last.source != newest.source or last.seconds > newest.seconds:
            self._samples.clear()
        self._samples.append(newest)
        return newest

    def _use(self, newest: _CpuSample, seconds: float) -> float | None:
        """Return the mean use since the latest sample at least ``seconds`` old, else since the oldest; 0-100."""
        older = [sample for sample in self._samples if sample.at < newest.at]
        if not older:
            return None
        start = next((sample for sample in reversed(older) if newest.at - sample.at >= seconds), older[0])
        used = (newest.seconds - start.seconds) / ((newest.at - start.at) * newest.cores)
        return min(max(100.0 * used, 0.0), 100.0)
