"""The AI as the rest of the service sees it: ask for an order of candidates, and be told later how it went.

A call runs on a thread of its own, at most ``concurrency`` at once, each within its deadline, behind the breaker.
Whoever waits for it may leave: the call goes on to its end, and nothing of it is left behind. The provider's package is
imported on a thread too, while the service answers by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from service.ai.breaker import Breaker
from service.ai.deadline import Deadline
from service.ai.prompt import prompt_for
from service.ai.provider import AiFailure, Prompt, Provider
from service.ai.retrying import complete
from service.ai.verdict import Verdict, read_verdict
from service.messages import Brief, Signal
from service.monitoring.totals import AiOutcome, FallbackReason

Phase = Literal["loading", "ready", "open"]
Landed = Callable[[Verdict | FallbackReason], None]
Candidates = Callable[[], Sequence[Signal]]
Complete = Callable[[Provider, Prompt, Deadline], str]


@dataclass(frozen=True, slots=True)
class Reports:
    """Who is told: ``call(outcome, seconds)`` of every question, ``event(words)`` of what an operator should read."""

    call: Callable[[AiOutcome, float | None], None]
    event: Callable[[str], None]


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
        self._loaded = False
        self._loading_since: float | None = None
        self._closed = threading.Event()
        self._told: FallbackReason | None = None

    def load(self, ready: Callable[[], object] = lambda: None) -> None:
        """Begin to import what the provider needs, on another thread, which calls ``ready`` when it is there.

        Until then ``phase`` is loading.
        """
        self._loading_since = self._now()
        threading.Thread(target=self._load, args=(ready,), name="ai-load", daemon=True).start()

    def close(self) -> None:
        """Start no call any more; those under way end within their deadline, on threads that nobody waits for."""
        self._closed.set()

    def phase(self) -> Phase:
        """Return how the AI is: ``open`` while the breaker lets no call through."""
        if not self._loaded:
            return "loading"
        with self._lock:
            return "ready" if self._breaker.state(self._now()) == "closed" else "open"

    def loading_seconds(self) -> float:
        """Return for how long it has been loading; 0 once it is there."""
        return 0.0 if self._loaded or self._loading_since is None else self._now() - self._loading_since

    @property
    def loaded(self) -> bool:
        """Whether what the provider needs is there."""
        return self._loaded

    @property
    def under_way(self) -> int:
        """How many calls are being made now."""
        return self._under_way

    def begin(self, brief: Brief, candidates: Candidates, landed: Landed, *, spare: int = 0) -> bool:
        """Begin a call and return True; ``landed`` is told from its thread how it went, exactly once.

        ``candidates`` is called on that thread. Where no call can be made ``landed`` is told why before this returns
        False. ``spare`` places are left free where there are more: a warm-up leaves one to the clients.
        """
        reason = self._enter(spare)
        if reason is not None:
            self._reports.call(reason, None)
            landed(reason)
            return False
        thread = threading.Thread(target=self._call, args=(brief, candidates, landed), name="ai-call", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads on this machine
            self._leave("overloaded")
            self._reports.call("overloaded", None)
            landed("overloaded")
            return False
        return True

    def _load(self, ready: Callable[[], object]) -> None:
        try:
            self.provider.load()
        except Exception as error:
            # Whatever a package does at its import: the service goes on by itself, and says why.
            self._reports.event(f"{self.provider.name} cannot be used: {type(error).__name__}: {error}")
        else:
            self._loaded = True
            ready()

    def _enter(self, spare: int) -> FallbackReason | None:
        if not self._loaded or self._closed.is_set():
            return "not_ready"
        with self._lock:
            if self._under_way + min(spare, self._concurrency - 1) >= self._concurrency:
                return "overloaded"
            if not self._breaker.allow(self._now()):
                return "breaker_open"
            self._under_way += 1
            return None

    def _leave(self, outcome: AiOutcome) -> None:
        with self._lock:
            self._under_way -= 1
            if outcome == "ok":
                self._breaker.succeeded(self._now())
            elif outcome == "overloaded":
                self._breaker.abandoned(self._now())
            else:
                self._breaker.failed(self._now())

    def _call(self, brief: Brief, candidates: Candidates, landed: Landed) -> None:
        began = self._now()
        result: Verdict | FallbackReason = "error"
        try:
            result = self._ask(brief, candidates())
        except Exception as error:
            # A bug, or a provider's package that raises what it never told: nobody else is on this thread to say so.
            self._reports.event(f"{self.provider.name} broke: {type(error).__name__}")
        finally:
            outcome: AiOutcome = "ok" if isinstance(result, Verdict) else result
            self._leave(outcome)
            self._reports.call(outcome, self._now() - began)
            landed(result)

    def _ask(self, brief: Brief, candidates: Sequence[Signal]) -> Verdict | FallbackReason:
        if not candidates:
            return "error"  # their catalogue was replaced while the call began
        try:
            prompt = prompt_for(brief, candidates, proposals=self._proposals)
            with Deadline(self._timeout_seconds, self._now) as deadline:
                text = self._attempt(self.provider, prompt, deadline)
            verdict = read_verdict(text, candidates, brief=brief if self._proposals else None)
        except AiFailure as failure:
            self._tell(failure.outcome, failure.detail)
            return failure.outcome
        self._tell(None, "")
        return verdict

    def _tell(self, outcome: FallbackReason | None, detail: str) -> None:
        """Log a failure when it is another one than before, and the recovery: not a line for every call."""
        with self._lock:
            before, self._told = self._told, outcome
        if outcome != before:
            self._reports.event(
                f"{self.provider.name} failed ({outcome}): {detail}" if outcome else f"{self.provider.name} works again"
            )
