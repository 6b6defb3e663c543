"""File descriptors: how many this process may open, and how many of them connections may have.

A connection that is accepted with the last descriptor leaves none for the catalogue, the log or the next accept. So the
limit of open files is raised as far as the system allows, and connections get what the rest of the service leaves.
"""

from __future__ import annotations

import resource

OTHERS = 64
"""Descriptors for everything but connections and threads: databases, logs, the scheduler, calls to others."""


def raise_limit(wanted: int) -> int:
    """Let this process open ``wanted`` files, or as many as the system lets it; return how many it may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):
        return soft
    return most


def needed(connections: int, threads: int) -> int:
    """Return how many descriptors a service takes at most: a thread may read the catalogue while it answers."""
    return connections + threads + OTHERS


def connections_within(limit: int, connections: int, threads: int) -> int:
    """Return how many connections there may be where ``limit`` files can be open: half of them in a pinch."""
    return max(1, min(connections, max(limit - threads - OTHERS, limit // 2)))
