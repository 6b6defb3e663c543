"""How stages become a walk: ``compose`` folds them around an endpoint.

A stage is ``(message, proceed) -> result``: it passes the message on by calling ``proceed``, answers early by
returning, or refuses by raising ``Refused``. There is no second way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

M = TypeVar("M")
R = TypeVar("R")

Handler = Callable[[M], R]
Stage = Callable[[M, Callable[[M], R]], R]


def compose(stages: Sequence[Stage[M, R]], endpoint: Handler[M, R]) -> Handler[M, R]:
    """Return one handler that walks ``stages`` in order and ends at ``endpoint``."""
    handler = endpoint
    for stage in reversed(stages):
        handler = _around(stage, handler)
    return handler


def _around(stage: Stage[M, R], proceed: Handler[M, R]) -> Handler[M, R]:
    def walk(message: M) -> R:
        return stage(message, proceed)

    return walk
