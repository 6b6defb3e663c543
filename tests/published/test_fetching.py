"""A published file is read whole or not at all, in time, within its bound, and nothing tells its address."""

import gzip
import hashlib
import os
from pathlib import Path

import httpx
import pytest

from service.published.fetching import Bounds, Fetcher, moved
from service.published.file import FetchFailed, Marks
from tests.published.publisher import Publisher
from tests.running import free_port, wait_for

BODY = b"id,name\n" + b"".join(b"signal-%d,Signal %d\n" % (n, n) for n in range(2000))


@pytest.fixture
def publisher():
    with Publisher(BODY) as publisher:
        yield publisher


@pytest.fixture
def bounds(tmp_path):
    return Bounds(5.0, 1_000_000, tmp_path)


def read(url, bounds, known=None):
    fetched = Fetcher(url, bounds)(known or Marks())
    if fetched is None:
        return None
    with fetched.content as content:
        body = content.read()
    assert (fetched.sha256, fetched.size) == (hashlib.sha256(body).hexdigest(), len(body))
    return body, fetched.marks


def test_a_file_comes_with_its_marks_and_the_same_one_does_not_come_again(publisher, bounds):
    publisher.gives = ("ETag", "Last-Modified")

    body, marks = read(publisher.url, bounds)

    assert body == BODY
    assert [marks.etag, marks.modified] == [value for _, value in publisher.marks]
    assert read(publisher.url, bounds, marks) is None
    assert read(publisher.url, bounds, Marks('"other"')) is not None


def test_a_publisher_that_knows_only_dates_is_asked_by_date(publisher, bounds):
    publisher.gives = ("Last-Modified",)
    _, marks = read(publisher.url, bounds)

    assert marks.etag == ""
    assert read(publisher.url, bounds, marks) is None
    assert publisher.asked[-1]["If-Modified-Since"] == marks.modified


@pytest.mark.parametrize("mode", ["ok", "gzip"])
def test_packed_by_the_server_or_by_the_publisher_it_is_the_same_file(publisher, bounds, mode):
    publisher.mode = mode
    publisher.body = gzip.compress(BODY) if mode == "ok" else BODY

    assert read(publisher.url, bounds)[0] == BODY


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("not_found", "status 404"),
        ("broken", "status 500"),
        ("truncated", "the answer was cut short, or was none"),
        ("cut_unseen", "nobody says where it ends: it must come with a Content-Length, in chunks, or as gzip"),
        ("brotli", "it comes in an encoding that was not asked for"),
        ("huge", "it has more than 1,000,000 bytes"),
        ("endless", "it has more than 1,000,000 bytes"),
        ("circle", "more than 3 redirects"),
    ],
)
def test_what_goes_wrong_is_told_in_a_few_words_without_the_address(publisher, bounds, mode, told):
    publisher.mode = mode

    with pytest.raises(FetchFailed) as failure:
        read(publisher.url, bounds)

    assert str(failure.value) == told


def test_a_bomb_is_refused_at_the_bound(publisher, bounds):
    publisher.body = gzip.compress(bytes(30_000_000))

    with pytest.raises(FetchFailed, match="more than 1,000,000 bytes"):
        read(publisher.url, bounds)


@pytest.mark.parametrize("mode", ["drip", "silent"])
def test_a_publisher_that_drips_or_says_nothing_is_given_up_in_time_and_asked_again_later(publisher, tmp_path, mode):
    publisher.mode = mode
    fetch = Fetcher(publisher.url, Bounds(0.3, 1_000_000, tmp_path))

    with pytest.raises(FetchFailed, match=r"0\.3 s|time-out"):
        fetch(Marks())

    publisher.mode = "ok"

    def again():
        try:
            return fetch(Marks())
        except FetchFailed:  # the last read still hangs, or this one was late on a busy machine
            return None

    with wait_for(again).content as content:
        assert content.read() == BODY


def test_nobody_there_is_told_without_the_address(bounds):
    with pytest.raises(FetchFailed) as failure:
        read(f"http://127.0.0.1:{free_port()}/secret", bounds)

    assert str(failure.value) == "Connection refused"


def test_a_file_in_chunks_and_a_packed_one_need_no_length(publisher, bounds):
    publisher.mode = "chunked"
    assert read(publisher.url, bounds)[0] == BODY

    publisher.mode, publisher.body = "cut_unseen", gzip.compress(BODY)
    with pytest.raises(FetchFailed, match="its gzip is cut short"):
        read(publisher.url, bounds)
    publisher.mode = "unmeasured"
    assert read(publisher.url, bounds)[0] == BODY


def test_a_redirect_is_followed_and_the_user_is_shown_to_the_first_address_alone(publisher, bounds):
    publisher.mode = "moved"
    with Publisher(BODY) as other:
        for place, shown in (("/there.csv", True), (other.url.replace("/catalogue.csv", "/there.csv"), False)):
            publisher.moved_to = place
            publisher.asked.clear()

            assert read(publisher.url.replace("http://", "http://me:pa55@"), bounds)[0] == BODY
            asked = [*publisher.asked, *other.asked]
            assert [("Authorization" in headers) for headers in asked] == [True, shown]


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://there.example/x", "", "http://", "gopher:x"])
def test_a_redirect_to_what_is_no_web_address_is_not_followed(publisher, bounds, place):
    publisher.mode, publisher.moved_to = "moved", place

    with pytest.raises(FetchFailed):
        read(publisher.url, bounds)


def test_a_file_on_disk_is_told_apart_by_its_size_and_time(tmp_path, bounds):
    file = tmp_path / "my catalogue.csv"
    file.write_bytes(BODY)

    body, marks = read(file.as_uri(), bounds)

    assert body == BODY
    assert read(file.as_uri(), bounds, marks) is None
    os.utime(file, ns=(1, 1))
    assert read(file.as_uri(), bounds, marks)[0] == BODY


def test_what_is_no_readable_file_is_told_and_not_waited_for(tmp_path, bounds):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large").write_bytes(bytes(1_000_001))

    for name, told in (
        ("fifo", "it is no regular file"),
        ("gone", "No such file or directory"),
        ("large", "more than"),
    ):
        with pytest.raises(FetchFailed, match=told):
            read((tmp_path / name).as_uri(), bounds)


def test_nothing_is_left_on_disk_and_a_folder_that_is_gone_does_not_matter(publisher, tmp_path):
    assert read(publisher.url, Bounds(5.0, 1_000_000, tmp_path / "gone"))[0] == BODY
    assert read(publisher.url, Bounds(5.0, 1_000_000, tmp_path))[0] == BODY
    assert list(Path(tmp_path).iterdir()) == []


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/next", "https://me:pa55@there.example/next"),
        ("https://there.example/next#part", "https://me:pa55@there.example/next"),
        ("https://elsewhere.example/next", "https://elsewhere.example/next"),
        ("https://you:other@elsewhere.example/", "https://elsewhere.example/"),
        ("https://there.example:8443/", "https://there.example:8443/"),
    ],
)
def test_a_redirect_keeps_the_user_at_its_own_host_alone(location, leads_to):
    assert str(moved(httpx.URL("https://me:pa55@there.example/first"), location)) == str(httpx.URL(leads_to))


def test_a_redirect_from_https_to_http_is_not_followed():
    with pytest.raises(FetchFailed, match="from https to http"):
        moved(httpx.URL("https://there.example/first"), "http://there.example/next")
