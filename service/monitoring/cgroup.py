"""Reads what a Linux control group says about CPU and memory, version 2 or 1. Never blocks, never raises.

Used by ``system``. The group of this process is looked for under the mounted root, and every group above it counts
too, since the tightest limit is the one that kills. What a file does not say is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Version 1 writes "no limit" as the largest multiple of the page size.
NO_LIMIT = 1 << 60
CONTROLLERS = ("cpu", "cpuacct", "memory")
PATH_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a group: CPU seconds used since it began, cores it may use, memory in use and allowed in bytes.

    Memory in use is the working set: page cache that the kernel would give back at once is not in it.
    """

    cpu_seconds: float | None = None
    cores: float | None = None
    memory_used: int | None = None
    memory_limit: int | None = None


def read(root: Path, membership: Path) -> Reading:
    """Return the reading of this process's group.

    ``root`` is where groups are mounted (/sys/fs/cgroup), ``membership`` the file that names the group
    (/proc/self/cgroup).
    """
    groups = _groups(membership)
    return _version_two(root, groups.get("", "/")) if (root / "cgroup.controllers").exists() else _one(root, groups)


def _version_two(root: Path, path: str) -> Reading:
    folders = _upwards(root, path)
    usage = _fields(folders[0] / "cpu.stat").get("usage_usec")
    quotas = [_text(folder / "cpu.max").split() for folder in folders]
    used = _number(folders[0] / "memory.current")
    return Reading(
        cpu_seconds=None if usage is None else usage / 1e6,
        cores=_tightest(_cores(quota[0], quota[1]) for quota in quotas if len(quota) == 2),
        memory_used=_working_set(used, _fields(folders[0] / "memory.stat").get("inactive_file", 0)),
        memory_limit=_limit(_number(folder / "memory.max") for folder in folders),
    )


def _one(root: Path, groups: Mapping[str, str]) -> Reading:
    cpu, usage, memory = (_upwards(root / name, groups.get(name, "/")) for name in CONTROLLERS)
    quotas = [(_text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")) for folder in cpu]
    used = _number(memory[0] / "memory.usage_in_bytes")
    nanoseconds = _number(usage[0] / "cpuacct.usage")
    return Reading(
        cpu_seconds=None if nanoseconds is None else nanoseconds / 1e9,
        cores=_tightest(_cores(quota, period) for quota, period in quotas),
        memory_used=_working_set(used, _fields(memory[0] / "memory.stat").get("total_inactive_file", 0)),
        memory_limit=_limit(_number(folder / "memory.limit_in_bytes") for folder in memory),
    )


def _groups(membership: Path) -> dict[str, str]:
    """Return the path of the group by controller; the empty name is version 2."""
    groups: dict[str, str] = {}
    for line in _text(membership).splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        groups |= dict.fromkeys(names.split(","), path)
    return groups


def _upwards(root: Path, path: str) -> list[Path]:
    """Return the folder of the group and those above it, the group first."""
    # Inside a container the path is often the host's, and the group is mounted at the root itself.
    folder = root.joinpath(*(part for part in path.split("/") if part not in ("", "..")))
    if not folder.is_dir():
        return [root]
    return [folder, *(parent for parent in folder.parents if parent.is_relative_to(root))]


def _cores(quota: str, period: str) -> float | None:
    if not (quota.isdigit() and period.isdigit()) or int(period) == 0 or int(quota) == 0:
        return None
    return int(quota) / int(period)


def _limit(limits: Iterable[int | None]) -> int | None:
    tightest = _tightest(limit for limit in limits if limit is not None and 0 < limit < NO_LIMIT)
    return None if tightest is None else int(tightest)


def _tightest(limits: Iterable[float | None]) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _working_set(used: int | None, inactive: int) -> int | None:
    return None if used is None else max(used - inactive, 0)


def _text(path: Path) -> str:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.read(PATH_BYTES).strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.isdigit() else None


def _fields(path: Path) -> dict[str, int]:
    pairs = (line.split() for line in _text(path).splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
