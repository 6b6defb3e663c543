"""The AI as the rest of the service sees it: ask for an order of candidates, and be told later how it went.

A call runs on a thread of its own, at most ``concurrency`` at once, each within its deadline, behind the breaker.
Whoever waits for it may leave: the call goes on to its end, and nothing of it is left behind. At its deadline it is
over for all, also while its thread hangs where nothing can wake it (the resolver): such threads are as many at most.
The provider's package is imported on a thread too, while the service answers by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Union

from service.ai.breaker import Breaker
from service.ai.deadline import Deadline
from service.ai.loading import Loading
from service.ai.provider import AiFailure, Provider
from service.ai.reports import Outages, Reports
from service.ai.retrying import LONGEST_REST_SECONDS, Complete, complete
from service.messages import Brief, Signal
from service.monitoring.totals import FallbackReason

if TYPE_CHECKING:
    from service.ai.verdict import Verdict

Phase = Literal["loading", "ready", "open"]
Landed = Callable[[Union["Verdict", FallbackReason]], None]
Candidates = Callable[[], Sequence[Signal]]


@dataclass(slots=True)
class _Call:
    """One under way; ``era`` is the breaker's, and ``over`` that it has been told how it went."""

    landed: Landed
    began: float
    era: int
    over: bool = False


class Calls:
    """Asks ``provider``; ``now`` is monotonic seconds."""

    def __init__(
        self,
        provider: Provider,
        reports: Reports,
        now: Callable[[], float],
        *,
        timeout_seconds: float,
        concurrency: int,
        proposals: bool = False,
        breaker: Breaker | None = None,
        attempt: Complete = complete,
    ) -> None:
        self.provider = provider
        self._reports = reports
        self._now = now
        self._timeout_seconds = timeout_seconds
        self._concurrency = concurrency
        self._proposals = proposals
        self._breaker = breaker or Breaker()
        self._attempt = attempt
        self._lock = threading.Lock()
        self._under_way = 0
        self._threads = 0
        self._loading = Loading(provider, reports.event, now)
        self._closed = False
        self._outages = Outages(provider.name, reports.event)

    def load(self, ready: Callable[[], object] = lambda: None) -> None:
        """Begin to import what the provider needs; ``ready`` is called when it is there."""
        self._loading.begin(ready)

    def close(self) -> None:
        """Start no call any more; those under way end within their deadline, on threads that nobody waits for."""
        self._closed = True

    def phase(self) -> Phase:
        """Return how the AI is: ``open`` while the breaker lets no call through."""
        if not self._loading.done:
            return "loading"
        with self._lock:
            return "ready" if self._breaker.state(self._now()) == "closed" else "open"

    def loading_seconds(self) -> float:
        """Return for how long it has been loading; 0 once it is there."""
        return self._loading.seconds()

    @property
    def loaded(self) -> bool:
        """Whether what the provider needs is there."""
        return self._loading.done

    @property
    def under_way(self) -> int:
        """How many calls are being made now."""
        return self._under_way

    @property
    def threads(self) -> int:
        """How many threads make calls, with those that hang beyond their deadline."""
        return self._threads

    def begin(self, brief: Brief, candidates: Candidates, landed: Landed, *, spare: int = 0) -> bool:
        """Begin a call and return True; ``landed`` is told from its thread how it went, exactly once.

        ``candidates`` is called on that thread. Where no call can be made ``landed`` is told why before this returns
        False. ``spare`` places are left free where there are more: a warm-up leaves one to the clients.
        """
        entered = self._enter(landed, spare)
        if not isinstance(entered, _Call):
            self._reports.call(entered, None)
            landed(entered)
            return False
        thread = threading.Thread(target=self._run, args=(entered, brief, candidates), name="ai-call", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads on this machine
            self._ended()
            self._finish(entered, AiFailure("overloaded", "no thread", declined=True), made=False)
            return False
        return True

    def _enter(self, landed: Landed, spare: int) -> _Call | FallbackReason:
        if not self._loading.done or self._closed:
            return "not_ready"
        with self._lock:
            taken = self._under_way + min(spare, self._concurrency - 1)
            if taken >= self._concurrency or self._threads >= 2 * self._concurrency:
                return "overloaded"
            if not self._breaker.allow(self._now()):
                return "breaker_open"
            self._under_way += 1
            self._threads += 1
            return _Call(landed, self._now(), self._breaker.era)

    def _run(self, call: _Call, brief: Brief, candidates: Candidates) -> None:
        result: Verdict | AiFailure = AiFailure("error", "broken")
        try:
            with Deadline(self._timeout_seconds, self._now, lambda: self._miss(call)) as deadline:
                result = self._ask(brief, candidates, deadline)
        except Exception as error:
            # A bug, or a provider's package that raises what it never told: nobody else is on this thread to say so.
            self._reports.event(f"{self.provider.name} broke: {type(error).__name__}")
        finally:
            self._ended()
            self._finish(call, result)

    def _ask(self, brief: Brief, candidates: Candidates, deadline: Deadline) -> Verdict | AiFailure:
        # Imported while the provider is: their patterns take longer to compile than the service has at its start.
        from service.ai.prompt import prompt_for
        from service.ai.verdict import read_verdict

        signals = candidates()
        if not signals:
            return AiFailure("error", "their catalogue was replaced while the call began", declined=True)
        try:
            prompt = prompt_for(brief, signals, proposals=self._proposals)
            text = self._attempt(self.provider, prompt, deadline)
            verdict = read_verdict(text, signals, brief=brief if self._proposals else None)
        except AiFailure as failure:
            self._outages.note(failure.outcome, failure.detail)
            return failure
        self._outages.note(None)
        return verdict

    def _miss(self, call: _Call) -> None:
        """End a call for all who wait, whatever its thread does."""
        failure = AiFailure("timeout", "no whole answer in time")
        self._outages.note(failure.outcome, failure.detail)
        self._finish(call, failure)

    def _finish(self, call: _Call, result: Verdict | AiFailure, *, made: bool = True) -> None:
        """Give a call's place back and tell how it went: the first time it is told so, and never again."""
        failure = result if isinstance(result, AiFailure) else None
        with self._lock:
            if call.over:
                return
            call.over = True
            self._under_way -= 1
            now = self._now()
            self._judge(now, call.era, failure)
        self._reports.call(failure.outcome if failure else "ok", now - call.began if made else None)
        try:
            call.landed(result.outcome if isinstance(result, AiFailure) else result)
        except Exception as error:
            # A bug of whoever waits: it must not end a thread of the deadline with a traceback.
            self._reports.event(f"{self.provider.name} works, and its answer was not taken: {type(error).__name__}")

    def _judge(self, now: float, era: int, failure: AiFailure | None) -> None:
        if failure is None:
            self._breaker.succeeded(now)
        elif failure.declined:
            self._breaker.abandoned(now, era)
        elif failure.retry_after and failure.retry_after > LONGEST_REST_SECONDS:
            self._breaker.rest(now, failure.retry_after, era)
        else:
            self._breaker.failed(now, era)

    def _ended(self) -> None:
        with self._lock:
            self._threads -= 1
