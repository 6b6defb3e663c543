"""Ranking by meaning through the running service."""

from __future__ import annotations

import math

import pytest

from tests.ranking.library import a_signal
from tests.running import OPERATOR, TOKEN, Running, wait_for

CATALOGUE = (a_signal("In market for cars", path=("Automotive",)), a_signal("Vineyard visitors", path=("Wine",)))


def test_the_service_answers_by_text_at_once_and_by_meaning_when_its_index_is_ready(tmp_path):
    with Running(tmp_path, catalogue=CATALOGUE, LOCAL_RANKING="meaning", OPERATOR_TOKEN=TOKEN) as service:
        assert service.search("cars").ids == ["in-market-for-cars"]
        wait_for(lambda: service.events("index_ready"))
        answer = service.search("automobile%20acquirers")
        assert answer.ids == ["in-market-for-cars"]
        signal = answer.document["signals"][0]
        assert signal["match_reason"] == "'automobile' ~ Automotive; 'acquirers' ~ market"
        assert 0 < signal["relevance"] <= 1
        # A ranking by text that was kept before is not served for one by meaning.
        assert service.search("cars").header("X-Cache") == "miss"
        assert service.search("cars").header("X-Cache") == "hit"
        assert service.upload(b"id,name\ngolf,Golf weekends\n", headers=OPERATOR).status == 200
        wait_for(lambda: len(service.events("index_ready")) == 2)
        assert service.search("golfers").ids == ["golf"]
    assert service.code == 0
    assert len([path for path in tmp_path.iterdir() if ".index-" in path.name]) == 1


def test_a_service_that_ends_during_a_build_leaves_no_process_and_no_whole_index(tmp_path):
    with Running(tmp_path, catalogue=CATALOGUE, LOCAL_RANKING="meaning") as service:
        assert service.search("cars").status == 200
    assert service.code == 0
    indexer = service.service.indexer
    assert indexer is not None
    assert not indexer._thread.is_alive()


def test_explain_tells_the_parts_of_each_score_by_get_and_post_on_pages_of_their_own(tmp_path):
    with Running(tmp_path, catalogue=CATALOGUE, LOCAL_RANKING="meaning") as service:
        service.search("cars")
        wait_for(lambda: service.events("index_ready"))
        plain = service.search("cars")
        told = service.get("/api/signals?spec=cars&explain=true")
        posted = service.post({"signal_spec": "cars", "explain": True})
        assert "explanation" not in plain.document["signals"][0]
        (signal,) = told.document["signals"]
        explanation = signal.pop("explanation")
        assert [signal] == plain.document["signals"]
        assert posted.document["signals"][0]["explanation"] == explanation
        assert (explanation["ordered_by"], explanation["ranker"]) == ("meaning", "meaning")
        score = sum(explanation["parts"].values())
        curve = explanation["curve"]
        relevance = 1 / (1 + math.exp(curve["offset"] - curve["slope"] * score))
        assert relevance == pytest.approx(plain.document["signals"][0]["relevance"], abs=0.002)
        assert told.header("ETag") != plain.header("ETag")
        # The ranking is one, the pages are two.
        assert told.header("X-Cache") == "hit"
        assert service.search("cars").document["signals"] == plain.document["signals"]
        assert service.get("/api/signals?spec=cars&explain=1").document["field"] == "explain"
