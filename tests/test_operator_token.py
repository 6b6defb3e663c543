"""The operator's token: from the environment, or from a file that is read again when the operator says so."""

import pytest

from service.operator_token import OperatorToken
from service.reading import BadSetting


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "token"
    path.write_text(" \n first-token\r\n")
    return path


def test_a_token_of_the_environment_stays():
    token = OperatorToken("from-the-environment", None)
    token.reread()

    assert token() == "from-the-environment"


def test_none_is_none():
    assert OperatorToken(None, None)() is None


def test_a_file_is_trimmed_and_read_again_only_when_told(file):
    token = OperatorToken(None, file)
    file.write_text("second-token")

    assert token() == "first-token"
    token.reread()
    assert token() == "second-token"


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"short", b"two words here", b"\xff\xfe\x00binary", b"t\xc3\xb6ken-with-umlaut", b"x" * 513],
)
def test_a_file_without_a_good_token_is_refused_and_the_old_one_stays(file, content):
    token = OperatorToken(None, file)
    file.write_bytes(content)

    with pytest.raises(BadSetting) as refusal:
        token.reread()
    assert str(refusal.value).startswith("OPERATOR_TOKEN_FILE=")
    assert "\n" not in str(refusal.value)
    assert token() == "first-token"
    with pytest.raises(BadSetting):
        OperatorToken(None, file)


def test_a_file_that_is_gone_or_a_folder_is_refused(file):
    for path in (file.with_name("gone"), file.parent):
        with pytest.raises(BadSetting, match="OPERATOR_TOKEN_FILE"):
            OperatorToken(None, path)


def test_what_a_bad_file_holds_is_not_shown(file):
    file.write_text("a secret with blanks")

    with pytest.raises(BadSetting) as refusal:
        OperatorToken(None, file)
    assert "a secret with blanks" not in str(refusal.value)
