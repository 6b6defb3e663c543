from __future__ import annotations

from service.messages import Brief
from service.ranking.choice import Choice
from service.ranking.local import LocalRanker
from tests.ranking.library import a_signal


class ByMeaning:
    """Ranks nothing, and says that it was asked."""

    def rank(self, library, brief, version):
        return ("by meaning", library.version, brief, version)

    def reasons(self, spec, signals):
        return [f"{spec} means {signal.name}" for signal in signals]

    def explanations(self, library, brief, rows):
        return [f"what {brief.spec} has of {row}" for row in rows]


def test_full_text_ranks_until_an_index_is_ready_for_this_very_version(library):
    catalogue = library(a_signal("golf"))
    brief = Brief("golf")
    text, ready = LocalRanker(), {}
    choice = Choice(text, ready.get)
    assert choice.rank(catalogue, brief) == text.rank(catalogue, brief)
    assert choice.reasons(catalogue, brief, catalogue.all) == text.reasons(catalogue, brief, catalogue.all)
    assert choice.explanations(catalogue, brief, [1]) == text.explanations(catalogue, brief, [1])
    ready["another version"] = ByMeaning()
    assert choice.rank(catalogue, brief) == text.rank(catalogue, brief)
    ready[catalogue.version] = ByMeaning()
    assert choice.rank(catalogue, brief) == ("by meaning", catalogue.version, brief, choice.version)
    assert choice.reasons(catalogue, brief, catalogue.all) == ["golf means golf"]
    assert choice.explanations(catalogue, brief, [1]) == ["what golf has of 1"]
