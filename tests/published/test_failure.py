"""Why a file could not be read is said in words that help, and that never hold the address."""

import socket
import ssl

import httpx
import pytest

from service.published.failure import told


def wrapped(cause):
    """Return an error as httpx raises it, around one of its own library, around the system's."""
    try:
        try:
            raise cause
        except OSError as error:
            raise RuntimeError("secret.example") from error
    except RuntimeError as error:
        outer = httpx.ConnectError("secret.example")
        outer.__cause__ = error
        return outer


def of_the_certificate(code, message):
    error = ssl.SSLCertVerificationError(1, f"certificate verify failed: {message}")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (wrapped(ConnectionRefusedError(111, "Connection refused")), "Connection refused"),
        (wrapped(socket.gaierror(-2, "Name or service not known")), "Name or service not known"),
        (
            wrapped(of_the_certificate(18, "self-signed certificate")),
            "the certificate is not trusted: self-signed certificate",
        ),
        (
            wrapped(of_the_certificate(62, "certificate is not valid for 'secret.example'")),
            "the certificate is for another name",
        ),
        (FileNotFoundError(2, "No such file or directory", "/secret"), "No such file or directory"),
        (httpx.ReadTimeout("secret.example"), "time-out"),
        (httpx.RemoteProtocolError("secret.example"), "the answer was cut short, or was none"),
        (httpx.InvalidURL("secret.example"), "InvalidURL"),
        (OSError(), "OSError"),
    ],
)
def test_a_failure_is_told_by_its_cause_and_without_the_address(error, words):
    assert told(error) == words
