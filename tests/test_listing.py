"""Listings go on soundly when the catalogue changes between two pages."""

import pytest

from service.answers import Pages
from service.catalogue.shelf import Shelf
from service.listing import Listing
from service.messages import Brief, Form, Query, Ref, Signal
from service.paging import Pager


def signals(*names):
    return [Signal(name, f"Signal {name}", signal_type="owned", cpm=1.0) for name in names]


@pytest.fixture
def shelf(tmp_path):
    one = Shelf(tmp_path / "signals.db")
    one.publish(signals("a", "b", "d", "e"), replace=True)
    yield one
    one.close()


def page(shelf, after="", most=2, brief=None):
    with shelf.borrow() as snapshot:
        listed = Listing("http://own.example").page(snapshot, brief or Brief(""), after, most)
        return [one.id for one in snapshot.signals(listed.rows)], listed


def test_a_walk_goes_on_behind_the_last_id_though_it_is_gone(shelf):
    first, listed = page(shelf)
    shelf.publish(signals("a", "c", "d", "e"), replace=True)
    second, rest = page(shelf, listed.last_id)

    assert (first, second) == (["a", "b"], ["c", "d"])
    assert (listed.more, rest.more, rest.summary.total) == (True, True, 4)
    assert listed.summary.version != rest.summary.version


def test_the_name_of_a_feed_tells_what_the_filters_let_through_and_nothing_else(shelf):
    cheap, dear = Brief("", max_cpm=1.0), Brief("", max_cpm=9.0)
    before = [page(shelf, brief=brief)[1].summary.version for brief in (cheap, dear)]
    shelf.publish([Signal("z", "Dear", signal_type="owned", cpm=5.0)])
    after = [page(shelf, brief=brief)[1].summary.version for brief in (cheap, dear)]

    assert after[0] == before[0]
    assert after[1] != before[1]


def test_a_signal_without_a_domain_goes_by_the_address_of_the_agent(shelf):
    found, _ = page(
        shelf, brief=Brief("", refs=(Ref(True, "http://own.example", "d"), Ref(True, "http://x.example", "e")))
    )

    assert found == ["d"]


def test_a_cursor_of_a_listing_holds_ids_of_any_length_and_fits_its_limit():
    pager, brief = Pager(b"k" * 32), Brief("")
    cursor = pager.behind(brief, "x" * 128)

    assert len(cursor) <= 200
    assert pager.last_id(cursor, brief) == "x" * 128


def test_pages_are_kept_by_their_form(shelf):
    def write(cut, form):
        return form.release.encode(), b""

    nothing = lambda *_: []  # noqa: E731
    lister = Listing("http://own.example")
    pages = Pages(Pager(b"k" * 32), nothing, nothing, 10, 100_000, write_other=write, lister=lister)
    with shelf.borrow() as snapshot:
        for release in ("3.1", "3.2"):
            query = Query(Brief(""), 2, form=Form(release))
            assert pages.kept_list(snapshot.version, query) is None
            assert pages.list(snapshot, query).body == release.encode()
            assert pages.kept_list(snapshot.version, query) is not None
