"""The law of idempotency, over any sequence of requests, restarts and passing time, on a real file."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service.activation.replay import REMEMBERED_SECONDS, REPLAY_SECONDS, Scope
from service.errors import IdempotencyConflict, IdempotencyExpired, InvalidInput
from tests.activation.parts import Parts

SCOPES = st.sampled_from([Scope("alice", ""), Scope("alice", "acc"), Scope("bob", "")])
KEYS = st.sampled_from(["key-one-123456789", "key-two-123456789"])
HASHES = st.sampled_from([b"1" * 32, b"2" * 32])


class Requests(RuleBasedStateMachine):
    """Beside it the model: for each key when it was used first, for what, and what was answered."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.parts = Parts(Path(self.folder.name) / "state.db")
        self.model = {}
        self.done = 0
        with self.parts.state.transaction() as database:
            database.execute("CREATE TABLE effects (number INTEGER)")

    @rule(scope=SCOPES, key=KEYS, payload=HASHES, fails=st.booleans())
    def request(self, scope, key, payload, fails):
        known = self.model.get((scope, key))

        def do():
            with self.parts.state.transaction() as database:
                database.execute("INSERT INTO effects VALUES (?)", (self.done,))
            if fails:
                raise InvalidInput("refused, after something was written")
            self.done += 1
            return b"answer %d" % self.done

        try:
            outcome = self.parts.replay.once(scope, key, payload, do)
        except (InvalidInput, IdempotencyConflict, IdempotencyExpired) as refusal:
            outcome = type(refusal)
        assert outcome == self.expected(known, payload, fails)
        if known is None and not fails:
            self.model[scope, key] = (self.parts.clock.now, payload, outcome.body)

    def expected(self, known, payload, fails):
        if known is None:
            return InvalidInput if fails else (b"answer %d" % self.done, False)
        at, used_for, body = known
        if self.parts.clock.now - at >= REPLAY_SECONDS:
            return IdempotencyExpired
        return (body, True) if used_for == payload else IdempotencyConflict

    @rule(seconds=st.sampled_from([1.0, REPLAY_SECONDS / 2, REPLAY_SECONDS]))
    def wait(self, seconds):
        self.parts.clock.advance(seconds)

    @rule()
    def restart(self):
        self.parts.again()

    @rule()
    def clean(self):
        self.parts.replay.clean()
        now = self.parts.clock.now
        self.model = {one: known for one, known in self.model.items() if now - known[0] < REMEMBERED_SECONDS}

    @invariant()
    def everything_was_done_once_and_nothing_that_was_refused(self):
        with self.parts.state.transaction() as database:
            numbers = [number for (number,) in database.execute("SELECT number FROM effects ORDER BY number")]
        assert numbers == [*range(self.done)]

    def teardown(self):
        self.parts.state.close()
        self.folder.cleanup()


Requests.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestRequests = Requests.TestCase
