import subprocess
from contextlib import ExitStack

import pytest

from tests.fleet.redis_server import RedisServer


@pytest.fixture
def started(tmp_path):
    """Return a function that enters what it is given; all of it is left at the end of the test."""
    with ExitStack() as stack:
        yield stack.enter_context


@pytest.fixture
def redis(tmp_path, started):
    return started(RedisServer(tmp_path))


@pytest.fixture
def certificate(tmp_path):
    """Return a certificate for 127.0.0.1 that it signed itself, and its key."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key
