"""What is asked most: counted in a bounded table that fades."""

from hypothesis import given
from hypothesis import strategies as st

from service.messages import Brief, Query
from service.popular import Popular


def asked(popular, spec, times=1, **fields):
    for _ in range(times):
        popular.note(Query(Brief(spec), **({"client": "192.0.2.1"} | fields)))


def specs(popular, count=10):
    return [brief.spec for brief in popular.most(count)]


def test_the_most_asked_come_first_and_what_was_asked_once_does_not_count():
    popular = Popular()
    asked(popular, "cars", 3)
    asked(popular, "food", 5)
    asked(popular, "once")

    assert specs(popular) == ["food", "cars"]


def test_no_more_come_than_were_wanted():
    popular = Popular()
    for number in range(5):
        asked(popular, f"spec {number}", number + 2)

    assert specs(popular, 2) == ["spec 4", "spec 3"]


def test_deeper_pages_and_warm_ups_do_not_count():
    popular = Popular()
    asked(popular, "deep", 9, cursor="abc")
    asked(popular, "warm", 9, client="")

    assert specs(popular) == []


def test_the_same_words_with_other_filters_are_another_question():
    popular = Popular()
    asked(popular, "cars", 2)
    for _ in range(3):
        popular.note(Query(Brief("cars", countries=("US",)), client="192.0.2.1"))

    assert popular.most(10) == [Brief("cars", countries=("US",)), Brief("cars")]


def test_what_is_not_asked_any_more_fades_away():
    popular = Popular()
    asked(popular, "cars", 4)

    assert [specs(popular) for _ in range(3)] == [["cars"], ["cars"], []]


def test_a_full_table_fades_and_what_was_asked_once_is_forgotten():
    popular = Popular(kept=3)
    asked(popular, "cars", 8)
    for number in range(3):
        asked(popular, f"stranger {number}")
    asked(popular, "stranger 0")

    assert specs(popular) == ["cars"]


@given(st.lists(st.integers(0, 30), max_size=200))
def test_the_table_never_grows_beyond_its_bound(numbers):
    popular = Popular(kept=10)
    for number in numbers:
        asked(popular, f"spec {number}")

    assert len(popular.most(1000)) <= 10
