"""Both providers against servers that speak their wire formats, in every mode of misbehaviour."""

import contextlib
import socket
import threading

import psutil
import pytest

import service.ai.openai
import service.ai.watched_session
from service.ai.deadline import Deadline
from service.ai.gemini import Gemini
from service.ai.openai import OpenAi
from service.ai.prompt import prompt_for
from service.ai.provider import AiFailure
from service.ai.verdict import read_verdict
from service.messages import Brief
from tests.ai.signals import candidates
from tests.ai_servers import FakeGemini, FakeOpenAi
from tests.doubles import Crowd, until

KEY = "AIza-not-a-real-key"
SIGNALS = candidates(5)
PROMPT = prompt_for(Brief("cars"), SIGNALS)
PATIENT, SHORT = 20.0, 0.15


class Pair:
    """A provider and the server that it asks."""

    def __init__(self, fake, provider):
        self.fake, self.provider = fake, provider

    def ask(self, mode, seconds=PATIENT):
        self.fake.mode = mode
        with Deadline(seconds) as deadline:
            return self.provider.complete(PROMPT, deadline)

    def failure(self, mode, seconds=PATIENT):
        with pytest.raises(AiFailure) as caught:
            self.ask(mode, seconds)
        return caught.value


@pytest.fixture(params=["gemini", "openai"])
def pair(request):
    fake = FakeGemini() if request.param == "gemini" else FakeOpenAi()
    with fake:
        if request.param == "gemini":
            provider = Gemini("gemini-flash-latest", lambda: KEY, fake.url)
        else:
            provider = OpenAi(f"{fake.url}/v1", "local-model", lambda: KEY)
        provider.load()
        yield Pair(fake, provider)
        provider.close()


def test_it_asks_in_the_wire_format_and_gets_the_text(pair):
    verdict = read_verdict(pair.ask("ok"), SIGNALS)

    assert [place.row for place in verdict.places] == [4, 3, 2, 1, 0]
    assert verdict.places[0].reason == "because 0"
    (call,) = pair.fake.calls
    headers = {name.lower(): value for name, value in call["headers"].items()}
    if pair.provider.name == "gemini":
        assert call["path"].partition("?")[0] == "/v1beta/models/gemini-flash-latest:generateContent"
        assert headers["x-goog-api-key"] == KEY
        config = call["body"]["generationConfig"]
        assert (config["temperature"], config["responseMimeType"]) == (0, "application/json")
        assert set(config["responseSchema"]["properties"]) == {"ranking", "irrelevant"}
        assert call["body"]["systemInstruction"]["parts"][0]["text"] == PROMPT.system
    else:
        assert call["path"] == "/v1/chat/completions"
        assert headers["authorization"] == f"Bearer {KEY}"
        assert (call["body"]["model"], call["body"]["temperature"]) == ("local-model", 0)
        assert call["body"]["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert KEY not in call["path"]


@pytest.mark.parametrize(
    ("mode", "outcome", "passing"),
    [
        ("retry_after", "quota", True),
        ("error_500", "error", True),
        ("error_503", "error", True),
        ("forbidden", "error", False),
        ("not_found", "error", False),
        ("redirect", "error", False),
        ("reset", "error", True),
        ("truncated", "error", True),
        ("bad_json", "bad_answer", False),
        ("empty", "bad_answer", False),
        ("safety", "bad_answer", False),
        ("huge", "bad_answer", False),
    ],
)
def test_what_goes_wrong_has_a_name(pair, mode, outcome, passing):
    pair.fake.retry_after = "7"

    failure = pair.failure(mode)

    assert (failure.outcome, failure.passing) == (outcome, passing)
    assert failure.retry_after == (7.0 if mode == "retry_after" else None)
    assert KEY not in failure.detail
    assert len(pair.fake.calls) == 1, "a provider makes one try"


@pytest.mark.parametrize("mode", ["silent", "slow", "dribble"])
def test_the_deadline_ends_every_call_and_leaves_no_connection(pair, mode):
    threads, files = threading.active_count(), psutil.Process().num_fds()

    failure = pair.failure(mode, SHORT)

    assert (failure.outcome, failure.passing) == ("timeout", False)
    pair.fake.free.set()
    until(lambda: pair.fake.open == 0)
    until(lambda: threading.active_count() <= threads)
    until(lambda: psutil.Process().num_fds() <= files)


def test_a_server_that_is_not_there_is_an_error_that_can_pass(pair):
    pair.ask("ok")
    pair.fake.end()

    failure = pair.failure("ok")

    assert (failure.outcome, failure.passing) == ("error", True)


def test_it_is_used_by_many_threads_at_once(pair):
    crowd = Crowd()
    for _ in range(8):
        crowd.start(pair.ask, "ok")

    assert set(map(repr, crowd.join())) == {repr(pair.ask("ok"))}


def test_a_key_that_changes_is_used_from_the_next_call_on():
    keys = [KEY]
    with FakeGemini() as fake:
        provider = Gemini("models/one", lambda: keys[-1], fake.url)
        provider.load()
        Pair(fake, provider).ask("ok")
        keys.append("another-key")
        Pair(fake, provider).ask("ok")
        provider.close()

        assert [call["headers"]["x-goog-api-key"] for call in fake.calls] == [KEY, "another-key"]
        assert fake.calls[0]["path"].startswith("/v1beta/models/one:generateContent")


def test_a_server_that_knows_no_schemas_is_asked_more_simply_and_that_is_remembered():
    with FakeOpenAi() as fake:
        fake.understands = ("text",)
        provider = OpenAi(f"{fake.url}/v1/", "local-model", lambda: None)
        provider.load()
        pair = Pair(fake, provider)
        assert read_verdict(pair.ask("ok"), SIGNALS).places
        assert len(fake.calls) == 3
        pair.ask("ok")
        provider.close()

    assert len(fake.calls) == 4
    last = fake.calls[-1]
    assert "response_format" not in last["body"]
    assert '"irrelevant"' in last["body"]["messages"][0]["content"]
    assert "Authorization" not in last["headers"]


def test_a_server_that_refuses_every_way_is_an_error_and_nothing_is_remembered():
    with FakeOpenAi() as fake:
        fake.understands = ()
        provider = OpenAi(fake.url, "local-model", lambda: None)
        provider.load()
        failure = Pair(fake, provider).failure("ok")
        fake.understands = ("json_schema",)
        Pair(fake, provider).ask("ok")
        provider.close()

    assert (failure.outcome, failure.passing) == ("error", False)


def test_before_its_package_is_imported_it_is_not_ready():
    with Deadline(1.0) as deadline, pytest.raises(AiFailure) as caught:
        OpenAi("http://127.0.0.1:9/v1", "m", lambda: None).complete(PROMPT, deadline)

    assert caught.value.outcome == "not_ready"


def test_an_address_that_answers_to_nothing_is_given_up_long_before_the_deadline(pair, monkeypatch):
    for module in (service.ai.openai, service.ai.watched_session):
        monkeypatch.setattr(module, "CONNECT_SECONDS", 0.05)
    with socket.socket() as deaf, contextlib.ExitStack() as stack:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        # Its backlog is full: whoever connects now is not answered.
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        if pair.provider.name == "gemini":
            provider = Gemini("one", lambda: KEY, url)
        else:
            provider = OpenAi(url, "one", lambda: KEY)
        provider.load()

        with Deadline(PATIENT) as deadline, pytest.raises(AiFailure) as caught:
            provider.complete(PROMPT, deadline)
        assert caught.value.outcome == "timeout"
        assert deadline.remaining() > PATIENT / 2
        provider.close()
