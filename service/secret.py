"""Secrets in force, the operator's token and the AI's key: from the environment, or from a file reread at SIGHUP."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from service import reading
from service.reading import BadSetting, Reader
from service.settings import Settings


class Secret:
    """Call it for the secret, or None when none is set. Raises ``BadSetting`` when the file is not usable.

    ``variable`` names the file's setting, and ``reader`` says what the file may hold.
    """

    def __init__(self, variable: str, value: str | None, file: Path | None, reader: Reader) -> None:
        self._variable = variable
        self._file = file
        self._reader = reader
        self._value = value if file is None else self._read(file)

    def __call__(self) -> str | None:
        return self._value

    def reread(self) -> None:
        """Take the file's secret; the old one stays in force when this raises ``BadSetting``."""
        if self._file is not None:
            self._value = self._read(self._file)

    def _read(self, file: Path) -> str:
        try:
            text = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(self._variable, str(file), f"a readable file ({error})") from None
        try:
            return str(self._reader(text))
        except ValueError as error:
            raise BadSetting(self._variable, str(file), f"a file that holds {error}") from None


@dataclass(frozen=True, slots=True)
class Secrets:
    """Those that can change while the service runs."""

    operator_token: Secret
    ai_key: Secret

    @classmethod
    def of(cls, settings: Settings) -> Secrets:
        """Return the secrets of the settings. Raises ``BadSetting`` when a file is not usable."""
        key = settings.ai_api_key or settings.gemini_api_key
        key_file = None if key or settings.ai_provider != "gemini" else settings.gemini_api_key_file
        return cls(
            Secret("OPERATOR_TOKEN_FILE", settings.operator_token, settings.operator_token_file, reading.token),
            Secret("GEMINI_API_KEY_FILE", key, key_file, reading.key),
        )

    def never_told(self, settings: Settings) -> list[str]:
        """Return what must never reach a log line."""
        redis = settings.redis_url.password if settings.redis_url else None
        kept = (
            self.operator_token(),
            self.ai_key(),
            settings.gemini_api_key,
            settings.alert_webhook_url,
            settings.catalogue_url,
            settings.activation_secret,
            redis,
        )
        return list(dict.fromkeys(secret for secret in kept if secret))
