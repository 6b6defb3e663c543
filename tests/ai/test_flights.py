"""Many threads at once, an AI of every mood: each gets an answer, and nobody and nothing is left in the air."""

import random
import threading
from array import array
from collections import Counter

from service.ai.kept_proposals import Proposals
from service.ai.verdict import Place, Verdict
from service.messages import Brief, Query, Ranked
from service.stages.rerank import Bounds, Rerank
from tests.doubles import Crowd, a_ranking, until

MOODS = (Verdict((Place(1, 0.9, "fits"),), frozenset()), "error", "quota", "overloaded", "breaker_open", None)


class Moody:
    """Lands at once, later from another thread, or much later, as the dice fall."""

    def __init__(self):
        self.dice, self.asked, self.air = random.Random(4), Counter(), []

    def begin(self, brief, candidates, landed, *, spare=0):
        self.asked[brief] += 1
        mood = self.dice.choice(MOODS)
        if mood is None:
            self.air.append(landed)
        elif self.dice.random() < 0.5:
            landed(mood)
        else:
            threading.Thread(target=landed, args=(mood,)).start()
        return True


def test_whatever_the_ai_does_each_is_answered_and_nobody_is_left_waiting():
    ai, ending = Moody(), threading.Event()
    bounds = Bounds(0.05, 5.0, 600.0, 3600.0, entries=100, bytes=1_000_000, followers=5)
    now = iter(range(10**9))  # each look at the clock is a second: everything expires, all the time
    stage = Rerank(
        bounds,
        ai,
        "fake/one",
        lambda ranking, count: [],
        Proposals(None),
        lambda: "v1",
        lambda job: bool(job()) or True,
        ending.is_set,
        lambda: float(next(now)),
    )

    def local(query):
        rows, relevance = array("q", (1, 2, 3)), array("d", (1.0, 0.5, 0.25))
        return Ranked(a_ranking(query.brief, rows=rows, relevance=relevance))

    def ask(seed):
        dice = random.Random(seed)
        return [stage(Query(Brief(f"cars {dice.randrange(4)}")), local) for _ in range(40)]

    crowd = Crowd()
    for seed in range(12):
        crowd.start(ask, seed)
    answers = [ranked for batch in crowd.join(60) for ranked in batch]
    for landed in list(ai.air):
        landed("timeout")

    assert len(answers) == 12 * 40
    assert all(ranked.ranking.method == "ai" or ranked.ranking.fallback_reason for ranked in answers)
    until(lambda: not stage._flights._flights)
    assert stage.followers == 0
