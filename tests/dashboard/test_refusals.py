import errno

import httpx
import pytest

from dashboard.refusals import NotUsable, refusal, sentence


def caused(outer, inner):
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotUsable("garbage", "not JSON"), "not JSON"),
        (TimeoutError(), "no answer in time"),
        (httpx.ReadTimeout(""), "no answer in time"),
        (caused(httpx.ConnectError("x"), OSError(errno.EHOSTUNREACH, "?")), "no route to the host"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "the host name is not known"),
        (
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"),
            "the certificate is not trusted",
        ),
        (httpx.ConnectError("All connection attempts failed"), "connection refused"),
        (httpx.ReadError(""), "ReadError"),
        (ValueError("odd\x1b[31m"), "odd·[31m"),
    ],
)
def test_what_went_wrong_is_said_in_words(error, words):
    assert sentence(error) == words


def test_a_problem_says_its_detail_or_title_or_only_its_status():
    assert refusal(429, {"detail": "Wait.", "title": "Too many"}) == "Wait (429)"
    assert refusal(400, {"title": "Invalid\ninput"}) == "Invalid·input (400)"
    assert refusal(500, {}) == "answered 500"
