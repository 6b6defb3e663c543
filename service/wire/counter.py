"""Where complete requests are told apart: what the thread of the loop answers on the spot, and what a worker has to.

Called at the end of each turn of the loop, and only by its thread. Where a referee has a say, a request is put aside
until that has come. Promises: what comes first is never behind a crowd that came before it, no turn lasts long, and a
bug in one answer ends its connection and nothing else.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from service.wire.parser import Doorman
from service.wire.referee import Referee

if TYPE_CHECKING:
    from service.wire.channel import Channel

TURN_SECONDS = 0.01
FIRST_A_TURN = 16
"""Of what comes first so many are begun in a turn, so that a flood of it keeps nobody else out."""


class Counter:
    """Hands requests out. ``to_worker`` takes what is not short, ``clock`` gives monotonic seconds, and ``referee`` is
    asked first where there is one."""

    def __init__(
        self,
        doorman: Doorman,
        to_worker: Callable[[Channel], None],
        clock: Callable[[], float],
        logger: logging.Logger,
        referee: Referee | None = None,
    ) -> None:
        self._referee = referee
        self._doorman = doorman
        self._to_worker = to_worker
        self._clock = clock
        self._logger = logger
        self._first: deque[Channel] = deque()
        self._new: deque[Channel] = deque()
        self._told: deque[Channel] = deque()

    def __len__(self) -> int:
        return len(self._first) + len(self._told) + len(self._new)

    def take(self, channel: Channel) -> None:
        """Have the next request of a connection handed out in this turn, or a later one."""
        head = channel.requests[0].head
        first = head is not None and self._doorman.comes_first(head)
        (self._first if first else self._new).append(channel)

    def hand_out(self) -> None:
        """Answer what waits for nobody, in the order of coming, and leave the rest to the workers."""
        ends = self._clock() + TURN_SECONDS
        for _ in range(min(len(self._first), FIRST_A_TURN)):
            self._begin(self._first.popleft())
        # Many may be told at once, when the referee is given up: they take turns too.
        while self._told:
            self._go_on(self._told.popleft())
            if self._clock() >= ends:
                return
        # What is pipelined behind one of these comes in while they are answered, and waits for the next turn.
        for _ in range(len(self._new)):
            self._begin(self._new.popleft())
            if self._clock() >= ends:
                return

    def _begin(self, channel: Channel) -> None:
        if self._referee is None or not self._is_asked_about(channel, self._referee):
            self._go_on(channel)

    def _is_asked_about(self, channel: Channel, referee: Referee) -> bool:
        try:
            if channel.requests[0].error is not None:
                return False
            return referee.ask(channel.environ(), partial(self._told.append, channel))
        except Exception:
            # The walk asks again, and answers for the bug.
            self._logger.exception("Whether somebody is asked about a request could not be told")
            return False

    def _go_on(self, channel: Channel) -> None:
        if self._is_short(channel):
            self._answer(channel)
        else:
            self._to_worker(channel)

    def _is_short(self, channel: Channel) -> bool:
        if not channel.is_clear():
            return False
        try:
            return channel.requests[0].error is None and self._doorman.at_once(channel.environ())
        except Exception:
            # A worker meets the bug again, and answers for it.
            self._logger.exception("Whether a request is short could not be told")
            return False

    def _answer(self, channel: Channel) -> None:
        try:
            channel.service()
        except (Exception, SystemExit):
            # The channel has ended itself; a bug in one answer must not end the loop of all.
            self._logger.exception("An answer at once broke off")
