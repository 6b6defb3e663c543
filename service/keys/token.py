"""What a key looks like: ``sa_<id>_<secret>``, and the digest that stands for it. Pure but for the random numbers.

The id is public: it names the key in lists and in ``revoke``. The secret has 256 random bits, so that its SHA-256 is
all that need be kept: nobody can try 2**256 of them, and the slow hashes that passwords need would only slow answers.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from typing import NamedTuple

_PREFIX = "sa"
_LETTERS = string.ascii_letters + string.digits
_SECRET_LENGTH = 43  # letters of 62: 256 bits
_TOKEN = re.compile(rf"{_PREFIX}_([0-9a-f]{{12}})_[A-Za-z0-9]{{{_SECRET_LENGTH}}}")

TOKEN_LENGTH = len(_PREFIX) + 1 + 12 + 1 + _SECRET_LENGTH


class Token(NamedTuple):
    """A key as its holder gets it: ``text`` is shown once and kept nowhere."""

    id: str
    text: str


def make() -> Token:
    """Return a new key."""
    key_id = secrets.token_hex(6)
    secret = "".join(secrets.choice(_LETTERS) for _ in range(_SECRET_LENGTH))
    return Token(key_id, f"{_PREFIX}_{key_id}_{secret}")


def id_of(text: str) -> str | None:
    """Return the id of what looks like a key, or None."""
    found = _TOKEN.fullmatch(text)
    return found[1] if found else None


def digest(text: str) -> bytes:
    """Return the SHA-256 of a key, whatever was sent in its place."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
