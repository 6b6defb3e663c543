"""The AI as a fleet asks it: a question that another instance has had answered, or asks just now, is not asked again.

Stands between the flights and the calls, and looks like the calls. What is found in Redis lands at once; what another
instance asks is followed, by one thread for all that is followed here, until it lands there, fails there, or its leader
is gone and this instance leads. Without Redis each instance asks for itself, as ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from service.ai.flights import AFTER_FAILURE_SECONDS, Asked, Landed
from service.ai.verdict import Verdict
from service.fleet.flight import LEAD_SECONDS, Desk, Kept, keys_of
from service.fleet.question import OF_THE_QUESTION, SEEN, Question, Seen, Times
from service.fleet.verdicts import Garbled, Result, decode, encode
from service.messages import Brief, Signal
from service.monitoring.totals import FallbackReason

FOLLOWED_AT_MOST = 50
GLANCE_SECONDS = 0.1


class SharedOrders:
    """Asks ``ai`` for what nobody else asks; ``ranked_by`` names all that decides about an order besides the question.

    ``now`` is monotonic seconds; ``report`` is told of bugs in words.
    """

    def __init__(
        self,
        ai: Asked,
        desk: Desk,
        ranked_by: str,
        times: Times,
        now: Callable[[], float],
        report: Callable[[str], None],
    ) -> None:
        self._report = report
        self._ai = ai
        self._desk = desk
        self._ranked_by = ranked_by
        self._times = times
        self._now = now
        self._lock = threading.Lock()
        self._followed: list[Question] = []
        self._led: dict[Question, float] = {}
        self._watching = False
        self._closing = threading.Event()
        self._counts: dict[Seen, int] = dict.fromkeys(SEEN, 0)

    def begin(
        self, brief: Brief, candidates: Callable[[], Sequence[Signal]], landed: Landed, *, spare: int = 0
    ) -> bool:
        """See ``Calls.begin``. True if a call was made here, and False if it was not."""
        signals = candidates() if self._desk.store.ok and self._times.fresh >= 1 else ()
        if not signals:
            self._count("alone")
            return self._ai.begin(brief, candidates, landed, spare=spare)
        keys = keys_of(self._ranked_by, brief, signals)
        question = Question(keys, brief, signals, landed, spare, self._now() + self._times.call)
        seen = self._step(question)
        if seen == "followed" and not self._follow(question):
            landed("overloaded")
        return question.made

    def counts(self) -> dict[str, int]:
        """Return how often a question met each state of it in the fleet, since the start."""
        with self._lock:
            return dict(self._counts.items())

    def close(self) -> None:
        """Follow nothing any more; whoever waits does so within bounds of his own."""
        self._closing.set()

    def _step(self, question: Question, *, again: bool = False) -> Seen:
        """Do what can be done about a question now; ``followed`` says that nothing can, be it ``again``."""
        kept = self._desk.look(question.keys, self._least(question))
        result = self._read(kept, question) if isinstance(kept, Kept) else None
        if isinstance(kept, Kept) and result is None:
            kept = self._desk.look(question.keys, 0.0, forget=True)
        seen: Seen = "found" if result is not None else "alone" if kept is None else "led" if kept else "followed"
        if not (again and seen == "followed"):
            self._count(seen)
        if isinstance(kept, Kept) and result is not None:
            question.landed(result, max(self._times.fresh - kept.left, 0.0))
        elif seen == "led":
            self._lead(question)
        elif seen == "alone":
            self._ask(question, question.landed)
        return seen

    def _least(self, question: Question) -> float:
        """Return for how long an order must still be fresh: a warm-up would make one anew that ends too soon."""
        return min(self._times.warm, self._times.fresh / 2) if question.spare else 0.0

    def _read(self, kept: Kept, question: Question) -> Result | None:
        try:
            if kept.left < 0:
                raise Garbled("nobody of us keeps anything for ever")
            return decode(kept.entry, len(question.candidates))
        except Garbled:
            self._desk.store.pass_over()
            return None

    def _lead(self, question: Question) -> None:
        with self._lock:
            self._led[question] = self._now()
        self._watch()

        def landed(result: Verdict | FallbackReason, age_seconds: float | None = None) -> None:
            try:
                question.landed(result, age_seconds)
            finally:
                with self._lock:
                    self._led.pop(question, None)
                self._tell(question, result)

        self._ask(question, landed)

    def _ask(self, question: Question, landed: Landed) -> None:
        question.made = self._ai.begin(question.brief, lambda: question.candidates, landed, spare=question.spare)

    def _tell(self, question: Question, result: Result) -> None:
        sound = not isinstance(result, str)
        told = sound or result in OF_THE_QUESTION
        entry = (encode(result) if told else None) or b""
        seconds = self._times.fresh if sound else min(AFTER_FAILURE_SECONDS, self._times.fresh)
        self._desk.tell(question.keys, entry, seconds, instead=sound)

    def _follow(self, question: Question) -> bool:
        with self._lock:
            if len(self._followed) >= FOLLOWED_AT_MOST:
                return False
            self._followed.append(question)
        self._watch()
        return True

    def _watch(self) -> None:
        with self._lock:
            if self._watching:
                return
            self._watching = True
        threading.Thread(target=self._run, name="fleet-orders", daemon=True).start()

    def _run(self) -> None:
        while not self._closing.wait(GLANCE_SECONDS):
            for question in self._due():
                self._desk.hold(question.keys)
            for question in list(self._followed):
                try:
                    self._look_again(question)
                except Exception as error:  # a bug of whoever waits must not end the loop for all others
                    self._report(f"a shared order was not taken: {type(error).__name__}")
            with self._lock:
                if not self._followed and not self._led:
                    self._watching = False
                    return

    def _due(self) -> list[Question]:
        """Return the questions whose lead is to be renewed now."""
        now = self._now()
        with self._lock:
            due = [question for question, held in self._led.items() if now - held > LEAD_SECONDS / 4]
            self._led.update(dict.fromkeys(due, now))
            return due

    def _look_again(self, question: Question) -> None:
        seen: Seen = "found"
        try:
            if self._now() > question.until:
                question.landed("timeout")
            else:
                seen = self._step(question, again=True)
        finally:
            if seen != "followed":
                with self._lock:
                    self._followed.remove(question)

    def _count(self, seen: Seen) -> None:
        with self._lock:
            self._counts[seen] += 1
