"""Who may see a row, and at what price: the two columns about principals, read and written."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.catalogue.access import VIEWERS_LIMIT, in_currency, price_cell, price_object, prices, visible_to
from service.catalogue.rows import read_rows, write_csv, write_jsonl
from service.messages import Price, Signal
from tests.catalogue.signals import GOLF, SUV

NAMES = st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,9}\Z")
PRICES = st.lists(
    st.builds(Price, NAMES, st.floats(0, 1e6), st.sampled_from(["USD", "EUR"])),
    unique_by=lambda price: price.principal,
    max_size=4,
).map(lambda found: tuple(sorted(found)))


def read(text):
    return list(read_rows(io.StringIO(text)))


@pytest.mark.parametrize("value", ["acme;globex", " Globex ; acme;acme", ["globex", "ACME", ""]])
def test_names_have_one_spelling_and_one_order(value):
    assert visible_to(value) == ("acme", "globex")


@pytest.mark.parametrize(
    "value", ["a b", "acme,globex", "-acme", {"acme": 1}, [7], "x" * 65, ["a"] * (VIEWERS_LIMIT + 1)]
)
def test_what_is_no_list_of_names_is_refused(value):
    with pytest.raises(ValueError, match=r"is not|has"):
        visible_to(value)


@pytest.mark.parametrize(
    "value",
    [
        "acme=2.5;globex=3 EUR",
        " globex = 3 eur ; ACME = 2.5 ;",
        {"acme": 2.5, "globex": {"cpm": 3, "currency": "eur"}},
        {"globex": {"cpm": "3", "currency": "EUR"}, "acme": {"cpm": 2.5}},
    ],
)
def test_prices_are_told_by_name_in_the_rows_currency_or_one_of_their_own(value):
    found = in_currency(prices(value), "USD")

    assert found == (Price("acme", 2.5, "USD"), Price("globex", 3.0, "EUR"))


@pytest.mark.parametrize(
    "value",
    [
        "acme",
        "acme=",
        "acme=free",
        "acme=-1",
        "acme=1;ACME=2",
        "acme=1 euros",
        {"acme": None},
        {"acme": True},
        {"acme": {"currency": "EUR"}},
        {"acme": {"cpm": 1, "unit": "x"}},
        ["acme"],
        7,
    ],
    ids=repr,
)
def test_what_is_no_price_is_refused(value):
    with pytest.raises(ValueError, match=r"is not|has"):
        prices(value)


@given(PRICES)
@settings(max_examples=50, deadline=None)
def test_prices_that_are_written_are_read_back(found):
    assert in_currency(prices(price_cell(found, "USD")), "USD") == found
    assert in_currency(prices(price_object(found, "USD")), "USD") == found


@pytest.mark.parametrize("write", [write_csv, write_jsonl])
@given(names=st.lists(NAMES, max_size=3), priced=PRICES)
@settings(max_examples=50, deadline=None)
def test_a_file_gives_back_who_may_see_a_row_at_what_price(write, names, priced):
    seen = tuple(sorted({*names, *(price.principal for price in priced)})) if names else ()
    signal = Signal("a", "A", currency="EUR", visible_to=seen, prices=priced)
    stream = io.StringIO(newline="")
    write([signal, SUV], stream)
    stream.seek(0)

    assert list(read_rows(stream)) == [signal, SUV]


def test_a_price_for_somebody_who_may_not_see_the_row_shows_it_to_nobody():
    [signal] = read("id,name,visible_to,prices\na,A,acme,acme=1;globex=2\n")

    assert (signal.visible_to, signal.prices) == (("acme",), (Price("acme", 1.0, "USD"),))


def test_a_row_says_which_of_the_two_its_file_told():
    [told] = read("id,name,visible_to\na,A,\n")
    [half] = read('{"id": "a", "name": "A", "prices": {}}\n')
    [silent] = read("id,name\na,A\n")

    assert (told.told, half.told, silent.told) == ({"visible_to"}, {"prices"}, frozenset())
    assert told == half == silent


def test_a_bad_cell_is_reported_with_its_column():
    [row] = read("id,name,visible_to\na,A,a b\n")

    assert "visible_to 'a b' is not a list of names" in row.reason
    assert GOLF.visible_to == ()
