"""Secrets in force, such as the operator's token: from the environment, or from a file that is read anew when told."""

import pytest

from service import reading
from service.reading import BadSetting
from service.secret import Secret, Secrets
from service.settings import Settings


def operator_token(value, file):
    return Secret("OPERATOR_TOKEN_FILE", value, file, reading.token)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "token"
    path.write_text(" \n first-token\r\n")
    return path


def test_a_token_of_the_environment_stays():
    token = operator_token("from-the-environment", None)
    token.reread()

    assert token() == "from-the-environment"


def test_none_is_none():
    assert operator_token(None, None)() is None


def test_a_file_is_trimmed_and_read_again_only_when_told(file):
    token = operator_token(None, file)
    file.write_text("second-token")

    assert token() == "first-token"
    token.reread()
    assert token() == "second-token"


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"short", b"two words here", b"\xff\xfe\x00binary", b"t\xc3\xb6ken-with-umlaut", b"x" * 513],
)
def test_a_file_without_a_good_token_is_refused_and_the_old_one_stays(file, content):
    token = operator_token(None, file)
    file.write_bytes(content)

    with pytest.raises(BadSetting) as refusal:
        token.reread()
    assert str(refusal.value).startswith("OPERATOR_TOKEN_FILE=")
    assert "\n" not in str(refusal.value)
    assert token() == "first-token"
    with pytest.raises(BadSetting):
        operator_token(None, file)


def test_a_file_that_is_gone_or_a_folder_is_refused(file):
    for path in (file.with_name("gone"), file.parent):
        with pytest.raises(BadSetting, match="OPERATOR_TOKEN_FILE"):
            operator_token(None, path)


def test_what_a_bad_file_holds_is_not_shown(file):
    file.write_text("a secret with blanks")

    with pytest.raises(BadSetting) as refusal:
        operator_token(None, file)
    assert "a secret with blanks" not in str(refusal.value)


def test_the_key_of_the_ai_comes_from_either_name_or_from_a_file(tmp_path):
    path = tmp_path / "key"
    path.write_text("key-of-a-file\n")

    def key(**environ):
        return Secrets.of(Settings.from_env(environ)).ai_key()

    assert key() is None
    assert key(GEMINI_API_KEY="one") == "one"
    assert key(AI_API_KEY="two") == "two"
    assert key(GEMINI_API_KEY_FILE=str(path)) == "key-of-a-file"
    compatible = {"AI_PROVIDER": "openai", "AI_BASE_URL": "http://localhost:1", "AI_MODEL": "small"}
    assert key(**compatible) is None


def test_no_secret_is_ever_told():
    environ = {
        "OPERATOR_TOKEN": "token-of-operators",
        "GEMINI_API_KEY": "k",
        "ALERT_WEBHOOK_URL": "https://a.example/x",
    }
    settings = Settings.from_env(environ)

    assert Secrets.of(settings).never_told(settings) == list(environ.values())
