"""What an order by the AI may do to an answer of the running service, and what not: filters, pages, catalogue."""

import io

import pytest

from service.catalogue.rows import write_csv
from service.messages import Signal
from tests.ai.live import fake_of, living
from tests.running import a_catalogue, wait_for

MANY = 120


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    fake = fake_of("openai")
    with living(
        tmp_path_factory.mktemp("live"), fake, a_catalogue(MANY), AI_WAIT_SECONDS=1, AI_TIMEOUT_SECONDS=20
    ) as live:
        yield live


def pages(live, spec, between=lambda: None):
    """Return the answers to all pages of ten."""
    answers = [live.service.search(f"{spec}&max_results=10")]
    while answers[-1].document["pagination"]["has_more"]:
        between()
        cursor = answers[-1].document["pagination"]["cursor"]
        answers.append(live.service.search(f"{spec}&max_results=10&cursor={cursor}"))
        assert answers[-1].status == 200, answers[-1]
    return answers


def test_a_late_answer_fills_the_cache(live):
    calls = len(live.fake.calls)
    live.fake.free.clear()
    assert live.say("slow").told("gadget late") == ("text", "timeout", "miss")
    assert live.told("gadget late") == ("text", "timeout", "hit")

    live.fake.free.set()
    live.settled()

    assert live.told("gadget late") == ("ai", None, "hit")
    assert len(live.fake.calls) == calls + 1
    wait_for(lambda: live.service.events("request", spec="gadget late", ranking_method="ai", cache="hit"))


def test_pages_of_an_order_by_the_ai_hold_every_signal_once_the_local_order_behind_its_fifty(live):
    answers = pages(live.say("ok"), "gadget+paged")

    ids = [id_ for answer in answers for id_ in answer.ids]
    assert sorted(ids) == sorted(f"gadget-{number}" for number in range(MANY))
    assert {answer.document["ranking_method"] for answer in answers} == {"ai"}
    relevance = [signal["relevance"] for answer in answers for signal in answer.document["signals"]]
    assert relevance == sorted(relevance, reverse=True)


def test_pages_that_began_locally_hold_every_signal_once_though_the_ai_answers_in_between(live):
    live.fake.free.clear()
    live.say("slow")

    def land():
        live.fake.free.set()
        live.settled()

    answers = pages(live, "gadget+turned", between=land)

    ids = [id_ for answer in answers for id_ in answer.ids]
    assert sorted(ids) == sorted(f"gadget-{number}" for number in range(MANY))
    assert {answer.document["ranking_method"] for answer in answers} == {"text"}
    assert live.told("gadget turned") == ("ai", None, "hit")


def test_an_order_by_the_ai_has_a_tag_answers_304_to_it_and_the_same_head(live):
    answer = live.say("ok").ask("gadget tagged")
    tag = answer.header("ETag")
    assert live.ask("gadget tagged").header("ETag") == tag

    unchanged = live.ask("gadget tagged", If_None_Match=tag)
    head = live.service.ask("HEAD", "/api/signals?spec=gadget+tagged&max_results=50")

    assert (unchanged.status, unchanged.body, unchanged.header("ETag")) == (304, b"", tag)
    assert (head.status, head.body, head.header("ETag"), head.header("X-Cache")) == (200, b"", tag, "hit")


def test_a_local_order_in_place_of_the_ais_has_another_tag(live):
    local = live.say("bad_json").ask("gadget retagged").header("ETag")

    assert live.ask("gadget retagged", If_None_Match=local).status == 304
    live.heal("gadget retagged")
    assert live.ask("gadget retagged healed 0").header("ETag") != local


def test_posted_questions_are_ranked_by_the_ai_as_asked_ones_are(live):
    calls = len(live.say("ok").fake.calls)

    posted = live.service.post({"signal_spec": "gadget posted", "max_results": 50})

    assert posted.document["ranking_method"] == "ai"
    assert live.ask("gadget posted").ids == posted.ids
    assert len(live.fake.calls) == calls + 1


def test_what_a_filter_left_out_no_answer_of_the_ai_brings_back(tmp_path):
    signals = [Signal(f"gadget-{n}", "Gadget fans", countries=("US",) if n % 2 else ("DE",)) for n in range(10)]
    with living(tmp_path, fake_of("openai"), signals) as live:
        live.fake.stranger = "gadget-2"
        ids = live.say("unknown_ids").ask("gadget", "&countries=US").ids

    assert sorted(ids) == [f"gadget-{n}" for n in (1, 3, 5, 7, 9)]
    assert "gadget-2" not in live.fake.prompt_of(live.fake.calls[0]["body"])


def test_a_catalogue_replaced_while_the_ai_ranks_is_answered_from_and_the_old_order_never_is(tmp_path):
    with living(tmp_path, fake_of("openai"), a_catalogue(10), AI_WAIT_SECONDS=20, AI_TIMEOUT_SECONDS=20) as live:
        answer = live.service.held(lambda: live.say("slow").ask("gadget"))
        wait_for(lambda: live.fake.calls)

        assert live.service.upload(_csv([Signal(f"new-{n}", "Gadget fans") for n in range(3)]), "?replace=true").status
        told = answer()
        live.fake.free.set()
        live.settled()

        assert (told.status, sorted(told.ids)) == (200, ["new-0", "new-1", "new-2"])
        assert (told.document["ranking_method"], told.document["fallback_reason"]) == ("text", "timeout")
        live.say("ok")
        again = live.ask("gadget")
        assert (again.document["ranking_method"], sorted(again.ids)) == ("ai", ["new-0", "new-1", "new-2"])


def _csv(signals):
    text = io.StringIO()
    write_csv(signals, text)
    return text.getvalue().encode()
