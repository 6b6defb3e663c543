"""Cursors of the list of activations: where the next page begins, signed for whom and what it lists."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct

from service.errors import InvalidInput

_NUMBER = struct.Struct(">Q")
_SIGNATURE = 12


class Cursors:
    """Makes and reads cursors with a secret key; ``about`` is what they list: the principal and the filters."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cursor(self, number: int, about: str) -> str:
        body = _NUMBER.pack(number)
        return base64.urlsafe_b64encode(body + self._sign(body, about)).rstrip(b"=").decode()

    def read(self, text: str, about: str) -> int:
        """Return the number. Raises ``InvalidInput`` for a cursor that was not made for this list."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raw = b""
        body, signature = raw[: _NUMBER.size], raw[_NUMBER.size :]
        if len(raw) != _NUMBER.size + _SIGNATURE or not hmac.compare_digest(signature, self._sign(body, about)):
            raise InvalidInput("'cursor' is not a cursor of this list.", field="cursor")
        return int(_NUMBER.unpack(body)[0])

    def _sign(self, body: bytes, about: str) -> bytes:
        return hmac.digest(self._key, body + about.encode("utf-8", "surrogatepass"), "sha256")[:_SIGNATURE]
