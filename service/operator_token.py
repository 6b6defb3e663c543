"""The operator's token in force: from the environment, or from a file that is reread at SIGHUP."""

from __future__ import annotations

from pathlib import Path

from service import reading
from service.reading import BadSetting


class OperatorToken:
    """Call it for the token, or None when none is set. Raises ``BadSetting`` when the file is not usable."""

    def __init__(self, token: str | None, file: Path | None) -> None:
        self._file = file
        self._token = token if file is None else _read(file)

    def __call__(self) -> str | None:
        return self._token

    def reread(self) -> None:
        """Take the file's token; the old one stays in force when this raises ``BadSetting``."""
        if self._file is not None:
            self._token = _read(self._file)


def _read(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting("OPERATOR_TOKEN_FILE", str(file), f"a readable file ({error})") from None
    try:
        return str(reading.token(text))
    except ValueError as error:
        raise BadSetting("OPERATOR_TOKEN_FILE", str(file), f"a file that holds {error}") from None
