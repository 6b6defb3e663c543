"""Cursors: round trips, no forgeries, and pages that go on after the catalogue changed."""

import base64
import re
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import CursorExpired, InvalidInput
from service.messages import RANKING_LIMIT, Brief, Ranking
from service.paging import Pager, _sign, cut_from, digest
from service.stages.fields import CURSOR

BRIEF = Brief("cars", countries=("US",))
KEY = b"k" * 32
PAGER = Pager(KEY)


def a_ranking(rows=(5, 3, 9, 1), fingerprint="f1", brief=BRIEF):
    return Ranking(brief, "v1", fingerprint, array("q", rows), array("d", [0.5] * len(rows)), len(rows))


def ids(rows):
    return [f"signal-{row}" for row in rows]


CURSOR_OF_PAGE_2 = PAGER.cursor(a_ranking(), 2, "signal-3")


@given(
    offset=st.integers(0, 65_535),
    last_id=st.from_regex(r"[A-Za-z0-9_-]{1,128}", fullmatch=True),
    fingerprint=st.text(max_size=80),
    brief=st.builds(Brief, spec=st.text(max_size=50), max_cpm=st.none() | st.floats(0, 1e6)),
)
def test_what_was_put_into_a_cursor_comes_out_of_it(offset, last_id, fingerprint, brief):
    cursor = PAGER.cursor(a_ranking(fingerprint=fingerprint, brief=brief), offset, last_id)
    said = PAGER.read(cursor, brief)

    assert (said.offset, said.last_id, said.fingerprint) == (offset, digest(last_id), digest(fingerprint))
    assert len(cursor) <= 200
    assert re.fullmatch(CURSOR, cursor)


def test_offsets_of_every_ranking_fit():
    assert PAGER.read(PAGER.cursor(a_ranking(), RANKING_LIMIT, "x"), BRIEF).offset == RANKING_LIMIT


@given(bit=st.integers(0, 39 * 8 - 1))
def test_a_cursor_with_any_bit_flipped_is_refused(bit):
    raw = bytearray(base64.urlsafe_b64decode(CURSOR_OF_PAGE_2))
    raw[bit // 8] ^= 1 << bit % 8
    forged = base64.urlsafe_b64encode(raw).decode()

    with pytest.raises(InvalidInput) as refusal:
        PAGER.read(forged, BRIEF)
    assert refusal.value.field == "cursor"


@given(
    text=st.one_of(
        st.text(max_size=120),
        st.integers(0, len(CURSOR_OF_PAGE_2) - 1).map(lambda length: CURSOR_OF_PAGE_2[:length]),
        st.tuples(st.integers(0, 52), st.sampled_from("A!=+/ \n.-")).map(
            lambda at: CURSOR_OF_PAGE_2[: at[0]] + at[1] + CURSOR_OF_PAGE_2[at[0] :]
        ),
        st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("=")),
    )
)
def test_nothing_but_a_cursor_is_read_as_one(text):
    with pytest.raises(InvalidInput):
        PAGER.read(text, BRIEF)


def test_one_cursor_has_one_spelling():
    cursors = (PAGER.cursor(a_ranking(), offset, "x") for offset in range(1000))
    cursor = next(cursor for cursor in cursors if "-" in cursor and "_" in cursor)

    for spelling in (cursor.replace("-", "+"), cursor.replace("_", "/"), cursor + "====", cursor + "é"):
        with pytest.raises(InvalidInput):
            PAGER.read(spelling, BRIEF)


def test_a_cursor_signed_with_another_key_is_refused():
    with pytest.raises(InvalidInput):
        Pager(b"other" * 8).read(CURSOR_OF_PAGE_2, BRIEF)


@pytest.mark.parametrize("other", [Brief("cars"), Brief("trucks", countries=("US",)), Brief("cars", max_cpm=0.0)])
def test_the_cursor_of_another_query_is_refused(other):
    with pytest.raises(InvalidInput, match="another query"):
        PAGER.read(CURSOR_OF_PAGE_2, other)


def test_a_cursor_of_another_layout_has_expired():
    raw = base64.urlsafe_b64decode(CURSOR_OF_PAGE_2)[:-12]
    newer = b"\x02" + raw[1:]
    cursor = base64.urlsafe_b64encode(newer + _sign(PAGER.key, newer)).decode()

    with pytest.raises(CursorExpired):
        PAGER.read(cursor, BRIEF)


def test_the_first_page_begins_at_the_top_and_the_next_where_the_cursor_says():
    assert PAGER.offset(None, a_ranking(), ids) == 0
    assert PAGER.offset(CURSOR_OF_PAGE_2, a_ranking(), ids) == 2


@pytest.mark.parametrize(("rows", "begins"), [((3, 5, 9), 1), ((8, 7, 5, 9, 3), 5), ((3,), 1)])
def test_after_a_change_the_page_goes_on_behind_the_last_id_shown(rows, begins):
    assert PAGER.offset(CURSOR_OF_PAGE_2, a_ranking(rows, "f2"), ids) == begins


@pytest.mark.parametrize("rows", [(), (5, 9, 1)])
def test_a_cursor_whose_last_id_is_gone_has_expired(rows):
    with pytest.raises(CursorExpired) as refusal:
        PAGER.offset(CURSOR_OF_PAGE_2, a_ranking(rows, "f2"), ids)
    assert (refusal.value.status, refusal.value.field) == (400, "cursor")


@given(seen=st.sets(st.integers(0, 30), min_size=1), size=st.integers(1, 7))
def test_pages_show_every_row_once(seen, size):
    ranking = a_ranking(sorted(seen))
    shown, cursor = [], None
    while True:
        offset = PAGER.offset(cursor, ranking, ids)
        page = ranking.rows[offset : offset + size]
        shown += page
        if offset + size >= len(ranking.rows):
            break
        cursor = PAGER.cursor(ranking, offset + size, f"signal-{page[-1]}")

    assert shown == sorted(seen)


def test_a_cursor_knows_the_ranking_that_it_was_cut_from():
    cursor = PAGER.cursor(a_ranking(), 2, "signal-3")

    assert cut_from(cursor, a_ranking())
    assert not cut_from(cursor, a_ranking(fingerprint="another"))


def test_another_key_signs_from_now_on_and_the_one_before_is_still_known():
    one, other = Pager(b"1" * 32), Pager(b"2" * 32)
    before = one.cursor(a_ranking(), 2, "id")

    one.adopt(other.key)

    assert one.key == other.key
    assert one.read(before, BRIEF).offset == 2
    assert other.read(one.cursor(a_ranking(), 3, "id"), BRIEF).offset == 3
    with pytest.raises(InvalidInput):
        other.read(before, BRIEF)


def test_a_cursor_is_its_principals_and_outlives_a_change_of_what_is_private_to_it():
    before, after = (Brief("cars", viewer=f"acme@{version}") for version in (1, 2))
    cursor = PAGER.cursor(a_ranking(brief=before), 2, "signal-3")

    assert PAGER.read(cursor, after).offset == 2
    for other in (Brief("cars"), Brief("cars", viewer="globex@1")):
        with pytest.raises(InvalidInput):
            PAGER.read(cursor, other)
